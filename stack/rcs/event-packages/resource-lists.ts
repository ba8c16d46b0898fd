/** RFC 4826 section 3: `application/resource-lists+xml`, with the copy control of RFC 5364, as RFC 5366 and 5367 use it. */

import type { XmlElement } from '../xml.ts';
import {
  childrenNamed,
  EventBodyError,
  element,
  needed,
  readRoot,
  textElement,
  textOf,
  xmlDocument,
} from './document.ts';

export const RESOURCE_LISTS_TYPE = 'application/resource-lists+xml';
const NAMESPACE = 'urn:ietf:params:xml:ns:resource-lists';
const COPY_CONTROL = 'urn:ietf:params:xml:ns:copycontrol';
const DOCUMENT = 'resource-lists';
/** Recipients of one request. */
const MOST_ENTRIES = 1024;

export interface ListEntry {
  readonly uri: string;
  readonly displayName?: string;
  readonly copyControl?: 'to' | 'cc' | 'bcc';
}

/** All entries, those of lists in lists too, in order, each URI once. Throws EventBodyError, whatever the bytes. */
export function readResourceLists(bytes: Uint8Array): ListEntry[] {
  const root = readRoot(bytes, DOCUMENT, 'resource-lists', NAMESPACE);
  const entries = new Map<string, ListEntry>();
  for (const list of childrenNamed(root, 'list')) collect(list, entries);
  return [...entries.values()];
}

export function writeResourceLists(entries: readonly ListEntry[]): Uint8Array {
  const written = entries.map(({ uri, displayName, copyControl }) =>
    element(
      'entry',
      { uri, 'cp:copyControl': copyControl },
      displayName === undefined ? [] : [textElement('display-name', displayName)],
    ),
  );
  const list = element('list', {}, [written.join('')]);
  return xmlDocument(element('resource-lists', { xmlns: NAMESPACE, 'xmlns:cp': COPY_CONTROL }, [list]));
}

function collect(list: XmlElement, entries: Map<string, ListEntry>): void {
  for (const child of list.children) {
    if (child.name === 'list') collect(child, entries);
    else if (child.name === 'entry') {
      const entry = readEntry(child);
      if (!entries.has(entry.uri)) entries.set(entry.uri, entry);
      if (entries.size > MOST_ENTRIES) {
        throw new EventBodyError(DOCUMENT, 'list', `at most ${MOST_ENTRIES} entries`);
      }
    }
  }
}

function readEntry(entry: XmlElement): ListEntry {
  const displayName = textOf(entry, 'display-name');
  const control = [...entry.attributes].find(([name]) => /(?:^|:)copyControl$/.test(name))?.[1].toLowerCase();
  const copyControl = (['to', 'cc', 'bcc'] as const).find((word) => word === control);
  return {
    uri: needed(entry, 'uri', DOCUMENT),
    ...(displayName !== undefined && { displayName }),
    ...(copyControl !== undefined && { copyControl }),
  };
}
