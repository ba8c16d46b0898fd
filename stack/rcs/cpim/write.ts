/** From a CPIM message, or its parts, to bytes (RFC 3862). */

import { encodeBase64 } from '../transfer-encoding.ts';
import { type CpimHeader, type CpimMessage, IMDN_NAMESPACE } from './message.ts';
import { HEADER_NAME } from './section-reader.ts';

/** The bytes of a message; of a parsed one the bytes received, but for line breaks and missing empty lines. */
export function writeCpim(message: Pick<CpimMessage, 'headers' | 'contentHeaders' | 'content'>): Uint8Array {
  let text = '';
  for (const header of message.headers) {
    text += headerLine(header);
  }
  text += '\r\n';
  for (const header of message.contentHeaders) {
    text += headerLine(header);
  }
  const head = new TextEncoder().encode(`${text}\r\n`);
  const out = new Uint8Array(head.length + message.content.length);
  out.set(head);
  out.set(message.content, head.length);
  return out;
}

export interface CpimParts {
  /** A URI, or a whole value when it holds a `<`. */
  readonly from: string;
  readonly to: string;
  readonly namespaces?: readonly { readonly prefix: string; readonly uri: string }[];
  /** imdn.Message-ID. */
  readonly messageId?: string;
  /** RFC 3339. */
  readonly dateTime: string;
  /** imdn.Disposition-Notification: `positive-delivery`, `negative-delivery`, `display`, `processing`. */
  readonly dispositions?: readonly string[];
  /** With their prefix, after the others. */
  readonly extraHeaders?: readonly CpimHeader[];
  readonly contentType: string;
  readonly contentDisposition?: string;
  readonly content: Uint8Array;
  /** Sends the content in base64. */
  readonly base64?: boolean;
}

/**
 * Builds a message with its headers in the order deployed stacks use: From, To, NS, imdn.Message-ID, DateTime,
 * imdn.Disposition-Notification, others. NS for imdn is added when it is needed and not given. Throws RangeError on a
 * header name or value that would break out of its line.
 */
export function buildCpim(parts: CpimParts): Uint8Array {
  const namespaces = [...(parts.namespaces ?? [])];
  const dispositions = parts.dispositions ?? [];
  let imdn = namespaces.find((namespace) => namespace.uri === IMDN_NAMESPACE)?.prefix;
  if (imdn === undefined && (parts.messageId !== undefined || dispositions.length > 0)) {
    imdn = 'imdn';
    namespaces.unshift({ prefix: imdn, uri: IMDN_NAMESPACE });
  }
  const headers: CpimHeader[] = [
    { name: 'From', value: addressValue(parts.from) },
    { name: 'To', value: addressValue(parts.to) },
    ...namespaces.map(({ prefix, uri }) => ({
      name: 'NS',
      value: prefix === '' ? `<${uri}>` : `${prefix} <${uri}>`,
    })),
  ];
  if (parts.messageId !== undefined) {
    headers.push({ name: `${imdn}.Message-ID`, value: parts.messageId });
  }
  headers.push({ name: 'DateTime', value: parts.dateTime });
  if (dispositions.length > 0) {
    headers.push({ name: `${imdn}.Disposition-Notification`, value: dispositions.join(', ') });
  }
  headers.push(...(parts.extraHeaders ?? []));
  const content = parts.base64 ? encodeBase64(parts.content) : parts.content;
  const contentHeaders: CpimHeader[] = [{ name: 'Content-Type', value: parts.contentType }];
  if (parts.contentDisposition !== undefined) {
    contentHeaders.push({ name: 'Content-Disposition', value: parts.contentDisposition });
  }
  if (parts.base64) {
    contentHeaders.push({ name: 'Content-Transfer-Encoding', value: 'base64' });
  }
  contentHeaders.push({ name: 'Content-Length', value: String(content.length) });
  for (const header of [...headers, ...contentHeaders]) {
    requireOneLine(header);
  }
  return writeCpim({ headers, contentHeaders, content });
}

function addressValue(address: string): string {
  return address.includes('<') ? address : `<${address}>`;
}

function headerLine(header: CpimHeader): string {
  return `${header.line ?? `${header.name}: ${header.value}`}\r\n`;
}

function requireOneLine(header: CpimHeader): void {
  if (!HEADER_NAME.test(header.name)) {
    throw new RangeError('a CPIM header name must be a token');
  }
  if (/[\r\n\0]/.test(header.line ?? header.value)) {
    throw new RangeError(`the value of ${header.name} may not hold line breaks or NUL`);
  }
}
