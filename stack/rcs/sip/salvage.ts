/** RFC 3261 section 8.2: enough of a malformed request to answer it. */

import { isToken, trimLws } from './cursor.ts';
import { canonicalName } from './header-names.ts';
import type { SipHeader, SipRequest } from './message.ts';

const ECHOED: ReadonlySet<string> = new Set(['via', 'from', 'to', 'call-id', 'cseq', 'max-forwards']);
/** More hops than Max-Forwards lets a request take would make the answer a flood. */
const MOST_ECHOED = 80;
/** Control characters, and what was no UTF-8. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what it refuses
const UNREPEATABLE = /[\u0000-\u0008\u000a-\u001f\u007f\ufffd]/;
/** Octets looked at: a response to junk should not be large. */
const WINDOW = 8192;

/**
 * The headers that a response copies, from octets that parseSipMessage refused. Undefined when they don't begin like a
 * request or have no Via, so that nobody can be answered, or when the copy would be as malformed as what it answers.
 */
export function salvageRequest(bytes: Uint8Array): SipRequest | undefined {
  const text = new TextDecoder('utf-8', { ignoreBOM: true })
    .decode(bytes.subarray(0, WINDOW))
    .replace(/^(?:\r\n)+/, '');
  const end = text.indexOf('\r\n\r\n');
  const lines = (end < 0 ? text : text.slice(0, end)).split('\r\n');
  const startLine = lines.shift() ?? '';
  const method = startLine.split(' ', 1)[0] ?? '';
  if (!isToken(method) || !/ SIP\/[0-9]/i.test(startLine)) return undefined;
  const headers: SipHeader[] = [];
  for (const field of unfoldLines(lines)) {
    const colon = field.indexOf(':');
    const name = trimLws(field.slice(0, Math.max(colon, 0)));
    const value = trimLws(field.slice(colon + 1));
    if (!isToken(name) || !ECHOED.has(canonicalName(name))) continue;
    if (UNREPEATABLE.test(value) || headers.length >= MOST_ECHOED) return undefined;
    headers.push({ name, value });
  }
  if (!headers.some((h) => canonicalName(h.name) === 'via')) return undefined;
  return { kind: 'request', method, uri: 'sip:unreadable.invalid', headers, body: new Uint8Array(0) };
}

function unfoldLines(lines: readonly string[]): string[] {
  const fields: string[] = [];
  for (const text of lines) {
    const folded = (text.startsWith(' ') || text.startsWith('\t')) && fields.length > 0;
    if (folded) fields.push(`${fields.pop()} ${trimLws(text)}`);
    else fields.push(text);
  }
  return fields;
}
