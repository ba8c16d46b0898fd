/** RFC 3261 section 7: a SIP message into octets. */

import { isToken } from './cursor.ts';
import { canonicalName, compactName } from './header-names.ts';
import type { SipMessage } from './message.ts';

/** How a sender spells what it means; receivers must not care. */
export interface SipStyle {
  /** Names that have a compact form (RFC 3261 7.3.3) are written in it. */
  readonly compact?: boolean;
  /** Long values go over several lines (RFC 3261 7.3.1). */
  readonly fold?: boolean;
}

/** The message can't be written as SIP: a mistake of the caller. */
export class SipWriteError extends Error {
  override readonly name = 'SipWriteError';
}

/** Columns after which a folding writer takes the next chance to fold: short enough to fold most Vias and Contacts. */
const FOLD_AFTER = 40;

/** Headers in which white space may stand around `;` and `,` (RFC 3261 25.1 SEMI, COMMA). */
const SPACED: ReadonlySet<string> = new Set([
  ...['via', 'contact', 'from', 'to', 'route', 'record-route', 'path', 'service-route', 'p-associated-uri'],
  ...['accept-contact', 'reject-contact', 'authorization', 'proxy-authorization', 'www-authenticate'],
  ...['proxy-authenticate', 'allow', 'supported', 'require', 'p-asserted-identity', 'p-preferred-identity'],
]);

const encoder = new TextEncoder();

/** Octets of the message. Content-Length is always computed, in the place of the one given or else last. */
export function writeSipMessage(message: SipMessage, style: SipStyle = {}): Uint8Array {
  let text = `${startLine(message)}\r\n`;
  let hasLength = false;
  for (const { name, value } of message.headers) {
    const canonical = canonicalName(name);
    if (canonical !== 'content-length') text += line(name, canonical, value, style);
    else if (!hasLength) {
      text += line(name, canonical, String(message.body.length), style);
      hasLength = true;
    }
  }
  if (!hasLength) text += line('Content-Length', 'content-length', String(message.body.length), style);
  const head = encoder.encode(`${text}\r\n`);
  const bytes = new Uint8Array(head.length + message.body.length);
  bytes.set(head);
  bytes.set(message.body, head.length);
  return bytes;
}

function startLine(message: SipMessage): string {
  if (message.kind === 'response') {
    const { status, reason } = message;
    if (!Number.isInteger(status) || status < 100 || status > 699) {
      throw new SipWriteError(`status ${status}: expected 100 to 699 (RFC 3261 7.2)`);
    }
    if (/[\r\n]/.test(reason)) throw new SipWriteError('reason phrase: expected one line (RFC 3261 7.2)');
    return `SIP/2.0 ${status} ${reason}`;
  }
  if (!isToken(message.method)) throw new SipWriteError('method: expected a token (RFC 3261 7.1)');
  if (message.uri === '' || /[\s<>"]/.test(message.uri)) {
    throw new SipWriteError('Request-URI: expected a URI without white space or <> (RFC 3261 7.1)');
  }
  return `${message.method} ${message.uri} SIP/2.0`;
}

function line(name: string, canonical: string, value: string, style: SipStyle): string {
  if (!isToken(name)) throw new SipWriteError('header name: expected a token (RFC 3261 7.3.1)');
  if (/[\r\n]/.test(value))
    throw new SipWriteError(`${name}: expected a value without CR or LF (RFC 3261 7.3.1)`);
  const written = style.compact === true ? compactName(name) : name;
  return `${written}: ${style.fold === true ? fold(value, canonical) : value}\r\n`;
}

/**
 * Folds where it can't change the meaning: in place of a lone space, or in the white space that may stand before `;`
 * and after `,` outside quotes and brackets. Never after a backslash, which would make CR a quoted pair.
 */
function fold(value: string, canonical: string): string {
  const spaced = SPACED.has(canonical);
  let out = '';
  let column = 0;
  let inQuotes = false;
  let inAngles = false;
  for (let i = 0; i < value.length; i += 1) {
    const c = value[i] as string;
    if (inQuotes && c === '\\') {
      out += c + (value[i + 1] ?? '');
      column += 2;
      i += 1;
      continue;
    }
    if (c === '"' && !inAngles) inQuotes = !inQuotes;
    else if (c === '<' && !inQuotes) inAngles = true;
    else if (c === '>' && !inQuotes) inAngles = false;
    const outside = spaced && !inQuotes && !inAngles;
    column += 1;
    if (column <= FOLD_AFTER) out += c;
    else if (c === ' ' && isLoneSpace(value, i)) {
      out += '\r\n ';
      column = 1;
    } else if (c === ';' && outside) {
      out += '\r\n ;';
      column = 2;
    } else if (c === ',' && outside && value[i + 1] !== ' ' && i + 1 < value.length) {
      out += ',\r\n ';
      column = 1;
    } else out += c;
  }
  return out;
}

function isLoneSpace(value: string, index: number): boolean {
  const before = value[index - 1];
  const after = value[index + 1];
  return before !== undefined && after !== undefined && !/[ \t\\]/.test(before) && !/[ \t]/.test(after);
}
