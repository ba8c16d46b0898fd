/** RFC 3261 sections 7.1 to 7.5 and 25.1: octets into a SIP message. */

import { isToken, trimLws } from './cursor.ts';
import { canonicalName } from './header-names.ts';
import { DEFAULT_LIMITS, type SipLimits } from './limits.ts';
import type { SipHeader, SipMessage } from './message.ts';
import { type SipFault, SipParseError } from './parse-error.ts';

const CR = 13;
const LF = 10;
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const encoder = new TextEncoder();

const STATUS_LINE = /^([A-Za-z]+\/[0-9]+\.[0-9]+) ([0-9]+) (.*)$/s;
const VERSION = /^SIP\/[0-9]+\.[0-9]+$/i;
/** Printable ASCII without the delimiters `"`, `<` and `>`, after a scheme. */
const URI = /^[A-Za-z][A-Za-z0-9+.-]*:[!#-;=?-~]+$/;
// biome-ignore lint/suspicious/noControlCharactersInRegex: the same
const CONTROL = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/;
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what it refuses; after a backslash they are quoted pairs
const BARE_CONTROL = /(?<!\\)(?:\\\\)*[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/;

export type SipHead =
  | {
      readonly kind: 'request';
      readonly method: string;
      readonly uri: string;
      readonly headers: readonly SipHeader[];
    }
  | {
      readonly kind: 'response';
      readonly status: number;
      readonly reason: string;
      readonly headers: readonly SipHeader[];
    };

/**
 * One message from one datagram. Without Content-Length the body runs to the datagram's end; octets beyond
 * Content-Length are dropped (RFC 3261 18.3). Throws SipParseError, whatever the octets.
 */
export function parseSipMessage(bytes: Uint8Array, limits: Partial<SipLimits> = {}): SipMessage {
  return parseDatagram(bytes, limits).message;
}

/** As parseSipMessage, and tells how many octets after the message were dropped. */
export function parseDatagram(
  bytes: Uint8Array,
  limits: Partial<SipLimits> = {},
): { readonly message: SipMessage; readonly surplus: number } {
  const bounds = { ...DEFAULT_LIMITS, ...limits };
  const start = skipCrlf(bytes);
  const headEnd = findHeadEnd(bytes, start);
  if (headEnd < 0) {
    throw fault(bytes.length, 'header section', 'an empty line after the header fields', 'RFC 3261 7');
  }
  const head = parseHead(bytes.subarray(0, headEnd), start, bounds);
  const available = bytes.length - headEnd;
  const length = contentLength(head.headers, start) ?? available;
  if (length > available) {
    throw fault(
      bytes.length,
      'body',
      `${length} octets as Content-Length says, not ${available}`,
      'RFC 3261 18.3',
    );
  }
  if (length > bounds.body) {
    throw fault(headEnd, 'body', `at most ${bounds.body} octets`, 'RFC 3261 21.4.11', 413);
  }
  const body = bytes.slice(headEnd, headEnd + length);
  return { message: { ...head, body }, surplus: available - length };
}

/** Index of the first octet that isn't part of a CRLF before the start line (RFC 3261 7.5). */
export function skipCrlf(bytes: Uint8Array): number {
  let at = 0;
  while (bytes[at] === CR && bytes[at + 1] === LF) at += 2;
  return at;
}

/** Index after the empty line that ends the header section, or -1. `from` may be in the middle of it. */
export function findHeadEnd(bytes: Uint8Array, from: number): number {
  for (let at = bytes.indexOf(CR, from); at >= 0; at = bytes.indexOf(CR, at + 1)) {
    if (bytes[at + 1] === LF && bytes[at + 2] === CR && bytes[at + 3] === LF) return at + 4;
  }
  return -1;
}

/** Start line and header fields; `bytes` end with the empty line and begin to count at `start`. */
export function parseHead(bytes: Uint8Array, start: number, limits: SipLimits): SipHead {
  if (bytes.length - start > limits.head) {
    throw fault(limits.head, 'header section', `at most ${limits.head} octets`, 'RFC 3261 21.5.7', 513);
  }
  const text = decodeUtf8(bytes.subarray(start, bytes.length - 2), start);
  const at = (index: number): number => start + encoder.encode(text.slice(0, index)).length;
  const lineEnd = text.indexOf('\r\n');
  const headers = readHeaders(text, lineEnd + 2, limits, at);
  const startLine = readStartLine(text.slice(0, lineEnd), limits, at);
  return { ...startLine, headers };
}

/** The body length in octets that Content-Length gives, if it is there. */
export function contentLength(headers: readonly SipHeader[], headStart: number): number | undefined {
  const found = headers.filter((h) => canonicalName(h.name) === 'content-length');
  const value = found[0]?.value;
  if (value === undefined) return undefined;
  if (found.length > 1 || !/^[0-9]{1,15}$/.test(value)) {
    throw fault(headStart, 'Content-Length', 'one decimal number', 'RFC 3261 20.14');
  }
  return Number(value);
}

type StartLine =
  | { readonly kind: 'request'; readonly method: string; readonly uri: string }
  | { readonly kind: 'response'; readonly status: number; readonly reason: string };

function readStartLine(line: string, limits: SipLimits, at: (index: number) => number): StartLine {
  if (line.length > limits.startLine) {
    throw fault(at(0), 'start line', `at most ${limits.startLine} octets`, 'RFC 3261 21.4.12', 414);
  }
  if (hasBareControl(line) || /[\r\n]/.test(line)) {
    throw fault(at(0), 'start line', 'no control characters', 'RFC 3261 7.1');
  }
  return /^SIP\//i.test(line) ? readStatusLine(line, at) : readRequestLine(line, at);
}

function readStatusLine(line: string, at: (index: number) => number): StartLine {
  const [, version, code = '', reason = ''] = STATUS_LINE.exec(line) ?? [];
  if (version === undefined)
    throw fault(at(0), 'start line', 'SIP-Version SP Status-Code SP Reason-Phrase', 'RFC 3261 7.2');
  checkVersion(version, at(0));
  if (!/^[1-6][0-9]{2}$/.test(code)) {
    throw fault(at(version.length + 1), 'start line', 'a status code from 100 to 699', 'RFC 3261 7.2');
  }
  return { kind: 'response', status: Number(code), reason };
}

function readRequestLine(line: string, at: (index: number) => number): StartLine {
  const [method = '', uri = '', version = '', ...more] = line.split(' ');
  if (!isToken(method)) throw fault(at(0), 'start line', 'a method', 'RFC 3261 7.1');
  if (more.length > 0 || version === '') {
    throw fault(
      at(method.length),
      'start line',
      'Method SP Request-URI SP SIP-Version with single spaces',
      'RFC 3261 7.1',
    );
  }
  checkVersion(version, at(method.length + uri.length + 2));
  if (!URI.test(uri))
    throw fault(at(method.length + 1), 'start line', 'a URI without < > or white space', 'RFC 3261 7.1');
  return { kind: 'request', method, uri };
}

function checkVersion(version: string, offset: number): void {
  if (!VERSION.test(version)) throw fault(offset, 'start line', 'SIP/2.0', 'RFC 3261 7.1');
  if (version.slice(4) !== '2.0') throw fault(offset, 'start line', 'SIP/2.0', 'RFC 3261 21.5.6', 505);
}

function readHeaders(
  text: string,
  from: number,
  limits: SipLimits,
  at: (index: number) => number,
): SipHeader[] {
  const headers: SipHeader[] = [];
  for (let pos = from; pos < text.length; ) {
    if (headers.length >= limits.headerCount) {
      throw fault(
        at(pos),
        'header section',
        `at most ${limits.headerCount} header fields`,
        'RFC 3261 21.5.7',
        513,
      );
    }
    const end = fieldEnd(text, pos);
    headers.push(readField(text.slice(pos, end), () => at(pos)));
    pos = end + 2;
  }
  return headers;
}

/** Index of the CRLF that ends the field and doesn't fold it (RFC 3261 7.3.1). */
function fieldEnd(text: string, from: number): number {
  let end = text.indexOf('\r\n', from);
  while (text[end + 2] === ' ' || text[end + 2] === '\t') end = text.indexOf('\r\n', end + 2);
  return end;
}

function readField(field: string, offset: () => number): SipHeader {
  const colon = field.indexOf(':');
  const name = trimLws(field.slice(0, Math.max(colon, 0)));
  const folded = field.slice(colon + 1);
  if (!isToken(name) || !isToken(field[0] ?? ''))
    throw fault(offset(), 'header section', 'a header name and a colon', 'RFC 3261 7.3.1');
  const value = folded.includes('\r\n') ? unfold(folded) : trimLws(folded);
  if (/[\r\n]/.test(value)) throw fault(offset(), name, 'no CR or LF but in a CRLF', 'RFC 3261 7.3.1');
  if (hasBareControl(value))
    throw fault(offset(), name, 'no control characters but in quoted pairs', 'RFC 3261 25.1');
  return { name, value };
}

/** Few values hold any control character, and only those need the closer look. */
function hasBareControl(text: string): boolean {
  return CONTROL.test(text) && BARE_CONTROL.test(text);
}

/** LWS with a CRLF in it is one space (RFC 3261 7.3.1). */
function unfold(text: string): string {
  const lines = text.split('\r\n').map(trimLws);
  return lines.filter((part) => part !== '').join(' ');
}

function decodeUtf8(bytes: Uint8Array, start: number): string {
  try {
    return utf8.decode(bytes);
  } catch {
    throw fault(start + firstInvalidUtf8(bytes), 'header section', 'UTF-8', 'RFC 3261 7');
  }
}

/** A prefix that UTF-8 allows stays allowed when it is cut, so the first wrong octet can be searched by halving. */
function firstInvalidUtf8(bytes: Uint8Array): number {
  let good = 0;
  let bad = bytes.length;
  while (bad - good > 1) {
    const middle = (good + bad) >> 1;
    try {
      new TextDecoder('utf-8', { fatal: true }).decode(bytes.subarray(0, middle), { stream: true });
      good = middle;
    } catch {
      bad = middle;
    }
  }
  return good;
}

function fault(
  offset: number,
  field: string,
  expected: string,
  clause: string,
  status?: number,
): SipParseError {
  const base: SipFault = { offset, field, expected, clause };
  return new SipParseError(status === undefined ? base : { ...base, status });
}
