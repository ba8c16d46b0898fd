/** RFC 4662: resource lists as event state: `application/rlmi+xml` and the documents of the resources beside it. */

import { MimeError, parseMediaType, parseMultipart, partContent } from '../mime.ts';
import {
  childrenNamed,
  EventBodyError,
  element,
  needed,
  neededNumber,
  neededWord,
  readRoot,
  textElement,
  textOf,
  xmlDocument,
} from './document.ts';

export const RLMI_TYPE = 'application/rlmi+xml';
const NAMESPACE = 'urn:ietf:params:xml:ns:rlmi';
const DOCUMENT = 'rlmi';
const INSTANCE_STATES = ['active', 'pending', 'terminated'] as const;

export interface ListedResource {
  readonly uri: string;
  readonly name?: string;
  /** Undefined: nothing is known of it yet. */
  readonly instance?: {
    readonly id: string;
    readonly state: (typeof INSTANCE_STATES)[number];
    /** As in Subscription-State: `noresource` is nobody's address, `rejected` says nothing. */
    readonly reason?: string;
    /** Content-Type and body of its own state, when there is one. */
    readonly document?: { readonly contentType: string; readonly body: Uint8Array };
  };
}

export interface ListState {
  /** The list's own URI. */
  readonly uri: string;
  readonly version: number;
  readonly fullState: boolean;
  readonly resources: readonly ListedResource[];
}

/** The multipart/related body of a NOTIFY, and its Content-Type. `boundary` must occur in no document. */
export function writeListState(list: ListState, boundary: string): { contentType: string; body: Uint8Array } {
  const root = `list@${boundary}.invalid`;
  const parts: { id: string; contentType: string; body: Uint8Array }[] = [];
  const resources = list.resources.map(({ uri, name, instance }, index) => {
    const document = instance?.document;
    const cid = document && `r${index + 1}@${boundary}.invalid`;
    if (document && cid) parts.push({ id: cid, ...document });
    const written =
      instance &&
      element('instance', { id: instance.id, state: instance.state, reason: instance.reason, cid });
    return element('resource', { uri }, [textElement('name', name), written ?? '']);
  });
  const { uri, version, fullState } = list;
  const values = { xmlns: NAMESPACE, uri, version, fullState: String(fullState) };
  const rlmi = xmlDocument(element('list', values, [resources.join('')]));
  const chunks = [{ id: root, contentType: `${RLMI_TYPE};charset="UTF-8"`, body: rlmi }, ...parts].map(
    ({ id, contentType, body }) =>
      concat([
        bytes(`--${boundary}\r\nContent-Transfer-Encoding: binary\r\nContent-ID: <${id}>\r\n`),
        bytes(`Content-Type: ${contentType}\r\n\r\n`),
        body,
        bytes('\r\n'),
      ]),
  );
  return {
    contentType: `multipart/related;type="${RLMI_TYPE}";start="<${root}>";boundary="${boundary}"`,
    body: concat([...chunks, bytes(`--${boundary}--\r\n`)]),
  };
}

/** Throws EventBodyError, whatever the bytes. */
export function readListState(contentType: string, body: Uint8Array): ListState {
  try {
    const parts = parseMultipart(contentType, body);
    const start = parseMediaType(contentType).parameters.get('start');
    const root =
      parts.find((part) => start !== undefined && part.headers.get('content-id') === start) ?? parts[0];
    if (root === undefined) throw new EventBodyError(DOCUMENT, 'multipart', 'a root part');
    const documents = new Map(
      parts.map((part) => [
        (part.headers.get('content-id') ?? '').replace(/^<|>$/g, ''),
        { contentType: part.headers.get('content-type') ?? '', body: partContent(part) },
      ]),
    );
    return readRlmi(partContent(root), documents);
  } catch (error) {
    if (error instanceof MimeError) throw new EventBodyError(DOCUMENT, 'multipart', error.message);
    throw error;
  }
}

function readRlmi(
  bytesOfList: Uint8Array,
  documents: ReadonlyMap<string, { readonly contentType: string; readonly body: Uint8Array }>,
): ListState {
  const list = readRoot(bytesOfList, DOCUMENT, 'list', NAMESPACE);
  return {
    uri: needed(list, 'uri', DOCUMENT),
    version: neededNumber(list, 'version', DOCUMENT),
    fullState: /^(?:true|1)$/.test(needed(list, 'fullState', DOCUMENT)),
    resources: childrenNamed(list, 'resource').map((resource) => {
      const name = textOf(resource, 'name');
      const [instance] = childrenNamed(resource, 'instance');
      const reason = instance?.attributes.get('reason')?.toLowerCase();
      const document = documents.get(instance?.attributes.get('cid') ?? '');
      return {
        uri: needed(resource, 'uri', DOCUMENT),
        ...(name !== undefined && { name }),
        ...(instance !== undefined && {
          instance: {
            id: needed(instance, 'id', DOCUMENT),
            state: neededWord(instance, 'state', INSTANCE_STATES, DOCUMENT),
            ...(reason !== undefined && { reason }),
            ...(document !== undefined && { document }),
          },
        }),
      };
    }),
  };
}

function bytes(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

function concat(chunks: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(chunks.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const chunk of chunks) {
    whole.set(chunk, at);
    at += chunk.length;
  }
  return whole;
}
