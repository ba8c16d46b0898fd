/**
 * Instant message disposition notifications (RFC 5438 7), with the failure reasons of RCC.16 7.7.2. Unsure nesting
 * of a reason (beside, inside or under the status) is accepted in every form; written beside the status. Hazards are
 * those of docs/rcs-signalling.md.
 */

import { cpimContent, parseCpim } from './cpim.ts';
import { essenceOf, MAX_NESTING, parseMultipart, partContent } from './mime.ts';
import { childNamed, escapeXml, parseXml, type XmlElement, XmlError } from './xml.ts';

export type ImdnKind = 'delivery' | 'display' | 'processing';

export interface Imdn {
  /** imdn.Message-ID of the message reported on. */
  readonly messageId: string;
  /** DateTime of the message reported on, as written. */
  readonly dateTime: string;
  readonly kind: ImdnKind;
  /** `delivered`, `failed`, `displayed`, `processed`, `stored`, `forbidden`, `error`, or what else a peer wrote. */
  readonly status: string;
  /** Token of RCC.16 7.7.2, e.g. `failed-to-decrypt`; only on a failed delivery, never beside a server reason. */
  readonly clientFailureReason?: string;
  readonly serverFailureReason?: string;
  readonly recipientUri?: string;
  readonly originalRecipientUri?: string;
}

export const IMDN_XML_NAMESPACE = 'urn:ietf:params:xml:ns:imdn';
export const IMDN_CONTENT_TYPE = 'message/imdn+xml';

export class ImdnParseError extends Error {
  override readonly name = 'ImdnParseError';
  /** Element the fault is at. */
  readonly field: string;
  constructor(field: string, expected: string) {
    super(`IMDN ${field}: ${expected} (RFC 5438 7.2, 11.1)`);
    this.field = field;
  }
}

const LIMITS = { maxBytes: 64 * 1024, maxDepth: 16, maxElements: 128 } as const;
const KINDS: readonly ImdnKind[] = ['delivery', 'display', 'processing'];
const TOKEN = /^[A-Za-z_][A-Za-z0-9._-]{0,127}$/;

/** Parses one `message/imdn+xml` document; throws ImdnParseError, whatever the bytes. */
export function parseImdn(bytes: Uint8Array): Imdn {
  let root: XmlElement;
  try {
    root = parseXml(bytes, LIMITS);
  } catch (error) {
    if (error instanceof XmlError) {
      throw new ImdnParseError('document', error.message);
    }
    throw error;
  }
  if (root.name !== 'imdn' || (root.namespace !== undefined && root.namespace !== IMDN_XML_NAMESPACE)) {
    throw new ImdnParseError('imdn', `expected a root element imdn of ${IMDN_XML_NAMESPACE}`);
  }
  const notifications = root.children.filter((child) => child.name.endsWith('-notification'));
  const notification = notifications[0];
  const kind = KINDS.find((known) => notification?.name === `${known}-notification`);
  if (notification === undefined || kind === undefined || notifications.length !== 1) {
    throw new ImdnParseError('imdn', 'expected exactly one delivery-, display- or processing-notification');
  }
  const status = childNamed(notification, 'status');
  const statusValue = status?.children.find((child) => !isReason(child));
  if (status === undefined || statusValue === undefined) {
    throw new ImdnParseError('status', 'expected an element that names the status');
  }
  const reasons = [...notification.children, ...status.children, ...statusValue.children].filter(isReason);
  if (reasons.length > 1) {
    throw new ImdnParseError(reasons[1]!.name, 'expected at most one failure reason');
  }
  const reason = reasons[0];
  if (reason !== undefined && (kind !== 'delivery' || statusValue.name !== 'failed')) {
    throw new ImdnParseError(reason.name, 'a failure reason belongs to a failed delivery only');
  }
  const recipientUri = childNamed(root, 'recipient-uri')?.text.trim();
  const originalRecipientUri = childNamed(root, 'original-recipient-uri')?.text.trim();
  return {
    messageId: requiredText(root, 'message-id'),
    dateTime: requiredText(root, 'datetime'),
    kind,
    status: statusValue.name,
    ...(reason?.name === CLIENT_REASON ? { clientFailureReason: reasonToken(reason) } : {}),
    ...(reason?.name === SERVER_REASON ? { serverFailureReason: reasonToken(reason) } : {}),
    ...(recipientUri ? { recipientUri } : {}),
    ...(originalRecipientUri ? { originalRecipientUri } : {}),
  };
}

/**
 * Every notification in a body: a `message/imdn+xml` document, CPIM around one, or a multipart of these (hazard R49),
 * nested at most 4 deep (hazard R51). Other content types hold none. Throws ImdnParseError on a broken notification,
 * CpimParseError or MimeError on a broken wrapping.
 */
export function parseImdns(contentType: string, bytes: Uint8Array, depth = MAX_NESTING): Imdn[] {
  const essence = essenceOf(contentType);
  if (essence === IMDN_CONTENT_TYPE) {
    return [parseImdn(bytes)];
  }
  const wraps = essence === 'message/cpim' || essence?.startsWith('multipart/');
  if (!wraps) {
    return [];
  }
  if (depth === 0) {
    throw new ImdnParseError('body', `expected at most ${MAX_NESTING} levels of wrapping`);
  }
  if (essence === 'message/cpim') {
    const inner = cpimContent(parseCpim(bytes));
    return parseImdns(inner.contentType, inner.bytes, depth - 1);
  }
  return parseMultipart(contentType, bytes).flatMap((part) =>
    parseImdns(part.headers.get('content-type') ?? 'text/plain', partContent(part), depth - 1),
  );
}

/** Writes a document of IMDN's default namespace. Throws RangeError when a status or reason can't name an element. */
export function writeImdn(imdn: Imdn): Uint8Array {
  const reason =
    imdn.clientFailureReason !== undefined
      ? `<${CLIENT_REASON}>${emptyElement(imdn.clientFailureReason)}</${CLIENT_REASON}>`
      : imdn.serverFailureReason !== undefined
        ? `<${SERVER_REASON}>${emptyElement(imdn.serverFailureReason)}</${SERVER_REASON}>`
        : '';
  if (reason !== '' && (imdn.kind !== 'delivery' || imdn.status !== 'failed')) {
    throw new RangeError('a failure reason belongs to a failed delivery only (RCC.16 7.7.2)');
  }
  if (imdn.clientFailureReason !== undefined && imdn.serverFailureReason !== undefined) {
    throw new RangeError('a notification has one failure reason at most (RCC.16 7.7.2)');
  }
  const name = `${imdn.kind}-notification`;
  return new TextEncoder().encode(
    `<?xml version="1.0" encoding="UTF-8"?>\r\n<imdn xmlns="${IMDN_XML_NAMESPACE}">` +
      textElement('message-id', imdn.messageId) +
      textElement('datetime', imdn.dateTime) +
      textElement('recipient-uri', imdn.recipientUri) +
      textElement('original-recipient-uri', imdn.originalRecipientUri) +
      `<${name}><status>${emptyElement(imdn.status)}</status>${reason}</${name}></imdn>`,
  );
}

const CLIENT_REASON = 'mls-client-failure-reason';
const SERVER_REASON = 'mls-server-failure-reason';

function isReason(element: XmlElement): boolean {
  return element.name === CLIENT_REASON || element.name === SERVER_REASON;
}

function reasonToken(reason: XmlElement): string {
  const token = reason.children[0]?.name ?? reason.text.trim();
  if (reason.children.length > 1 || !TOKEN.test(token)) {
    throw new ImdnParseError(reason.name, 'expected one element that names the reason');
  }
  return token;
}

function requiredText(root: XmlElement, name: string): string {
  const text = childNamed(root, name)?.text.trim();
  if (text === undefined || text === '' || text.length > 1024) {
    throw new ImdnParseError(name, 'expected 1 to 1024 characters');
  }
  return text;
}

function textElement(name: string, text: string | undefined): string {
  return text === undefined ? '' : `<${name}>${escapeXml(text)}</${name}>`;
}

function emptyElement(name: string): string {
  if (!TOKEN.test(name)) {
    throw new RangeError('a status or failure reason must be an XML name');
  }
  return `<${name}/>`;
}
