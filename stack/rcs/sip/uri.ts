/** RFC 3261 section 19.1: sip and sips URIs; RFC 3966: tel URIs. */

import { SipParseError } from './parse-error.ts';

export interface SipUri {
  readonly scheme: 'sip' | 'sips';
  /** As on the wire, with its escapes; `unescapeUri` gives the plain text. */
  readonly user?: string;
  readonly password?: string;
  /** IPv6 addresses in their brackets. */
  readonly host: string;
  readonly port?: number;
  /** By lower-case name; values with their escapes. */
  readonly params: ReadonlyMap<string, string | undefined>;
  /** The header component (`?name=value&...`), in order, with its escapes. */
  readonly headers: readonly { readonly name: string; readonly value: string }[];
}

export interface TelUri {
  readonly scheme: 'tel';
  /** As on the wire: `+` for a global number, visual separators kept. */
  readonly number: string;
  readonly params: ReadonlyMap<string, string | undefined>;
}

const USER = /^(?:[A-Za-z0-9\-_.!~*'()&=+$,;?/]|%[0-9A-Fa-f]{2})+$/;
const PASSWORD = /^(?:[A-Za-z0-9\-_.!~*'()&=+$,]|%[0-9A-Fa-f]{2})*$/;
// `_` is no hostname character, but names with it are in use.
const HOST_PORT = /^(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+)(?::([0-9]{1,5}))?$/;
const PARAM = /^(?:[A-Za-z0-9\-_.!~*'()[\]/:&+$]|%[0-9A-Fa-f]{2})+$/;
const HEADER = /^(?:[A-Za-z0-9\-_.!~*'()[\]/?:+$]|%[0-9A-Fa-f]{2})*$/;
const TEL_NUMBER = /^(?:\+[-.()]*[0-9][0-9\-.()]*|[0-9A-Fa-f*#\-.()]*[0-9A-Fa-f*#][0-9A-Fa-f*#\-.()]*)$/;

/** Throws SipParseError for other schemes too. A local tel number without phone-context is taken as it is. */
export function parseSipUri(text: string): SipUri | TelUri {
  const colon = text.indexOf(':');
  const scheme = text.slice(0, Math.max(colon, 0)).toLowerCase();
  const rest = text.slice(colon + 1);
  if (scheme === 'tel') return parseTel(rest, colon + 1);
  if (scheme !== 'sip' && scheme !== 'sips') throw fault(0, 'a sip, sips or tel URI', 'RFC 3261 19.1.1');

  const [front, query] = cut(rest, rest.indexOf('?', rest.indexOf('@') + 1));
  const at = front.indexOf('@');
  const userInfo = at < 0 ? undefined : front.slice(0, at);
  const [hostPort, paramText] = cut(front.slice(at + 1), front.slice(at + 1).indexOf(';'));
  const [, host, port] = HOST_PORT.exec(hostPort) ?? [];
  if (host === undefined || (host.startsWith('[') && !isIpv6(host.slice(1, -1)))) {
    throw fault(colon + 1 + at + 1, 'a host and an optional port', 'RFC 3261 25.1 hostport');
  }
  if (port !== undefined && Number(port) > 65_535) {
    throw fault(colon + 1 + at + 1, 'a port up to 65535', 'RFC 3261 25.1 port');
  }
  return {
    scheme,
    ...parseUserInfo(userInfo, colon + 1),
    host,
    ...(port === undefined ? {} : { port: Number(port) }),
    params: parseParams(paramText, text.length),
    headers: parseHeaders(query, text.length),
  };
}

/** The URI as text; parameters and headers in their order. */
export function writeSipUri(uri: SipUri | TelUri): string {
  const params = [...uri.params]
    .map(([name, value]) => (value === undefined ? `;${name}` : `;${name}=${value}`))
    .join('');
  if (uri.scheme === 'tel') return `tel:${uri.number}${params}`;
  const password = uri.password === undefined ? '' : `:${uri.password}`;
  const user = uri.user === undefined ? '' : `${uri.user}${password}@`;
  const port = uri.port === undefined ? '' : `:${uri.port}`;
  const query = uri.headers.map(({ name, value }) => `${name}=${value}`).join('&');
  return `${uri.scheme}:${user}${uri.host}${port}${params}${query === '' ? '' : `?${query}`}`;
}

/** Replaces %HH by octets read as UTF-8; what isn't UTF-8 becomes U+FFFD. */
export function unescapeUri(text: string): string {
  if (!text.includes('%')) return text;
  const source = new TextEncoder().encode(text);
  const octets: number[] = [];
  for (let i = 0; i < source.length; i += 1) {
    const hex = source[i] === 0x25 ? String.fromCharCode(source[i + 1] ?? 0, source[i + 2] ?? 0) : '';
    if (/^[0-9A-Fa-f]{2}$/.test(hex)) {
      octets.push(Number.parseInt(hex, 16));
      i += 2;
    } else octets.push(source[i] as number);
  }
  return new TextDecoder('utf-8', { ignoreBOM: true }).decode(new Uint8Array(octets));
}

/** Whether text is an IPv6 address (RFC 3261 25.1 IPv6address), without brackets. */
export function isIpv6(text: string): boolean {
  const halves = text.split('::');
  if (halves.length > 2 || !text.includes(':')) return false;
  const groups = halves.flatMap((half) => (half === '' ? [] : half.split(':')));
  let count = 0;
  for (const [index, group] of groups.entries()) {
    const last = index === groups.length - 1 && !text.endsWith('::');
    if (/^[0-9A-Fa-f]{1,4}$/.test(group)) count += 1;
    else if (last && /^(?:[0-9]{1,3}\.){3}[0-9]{1,3}$/.test(group)) count += 2;
    else return false;
  }
  return halves.length === 2 ? count < 8 : count === 8;
}

function parseUserInfo(userInfo: string | undefined, offset: number): { user?: string; password?: string } {
  if (userInfo === undefined) return {};
  const [user, password] = cut(userInfo, userInfo.indexOf(':'));
  if (!USER.test(user)) throw fault(offset, 'a user part', 'RFC 3261 25.1 user');
  if (password === undefined) return { user };
  if (!PASSWORD.test(password)) throw fault(offset + user.length + 1, 'a password', 'RFC 3261 25.1 password');
  return { user, password };
}

function parseTel(rest: string, offset: number): TelUri {
  const [number, paramText] = cut(rest, rest.indexOf(';'));
  if (!TEL_NUMBER.test(number)) throw fault(offset, 'a telephone number', 'RFC 3966 3');
  return { scheme: 'tel', number, params: parseParams(paramText, offset + number.length) };
}

function parseParams(text: string | undefined, offset: number): Map<string, string | undefined> {
  const params = new Map<string, string | undefined>();
  if (text === undefined) return params;
  for (const part of text.split(';')) {
    const [rawName, value] = cut(part, part.indexOf('='));
    const name = rawName.toLowerCase();
    if (!PARAM.test(name) || (value !== undefined && !PARAM.test(value))) {
      throw fault(offset, 'uri-parameters', 'RFC 3261 25.1 uri-parameter');
    }
    if (params.has(name)) throw fault(offset, 'each uri-parameter once', 'RFC 3261 19.1.1');
    params.set(name, value);
  }
  return params;
}

function parseHeaders(query: string | undefined, offset: number): { name: string; value: string }[] {
  if (query === undefined) return [];
  return query.split('&').map((part) => {
    const [name, value] = cut(part, part.indexOf('='));
    if (name === '' || value === undefined || !HEADER.test(name) || !HEADER.test(value)) {
      throw fault(offset, 'name=value pairs after ?', 'RFC 3261 25.1 headers');
    }
    return { name, value };
  });
}

/** The text before and after the character at `index`; only the whole text when the index is -1. */
function cut(text: string, index: number): [string, string?] {
  return index < 0 ? [text] : [text.slice(0, index), text.slice(index + 1)];
}

function fault(offset: number, expected: string, clause: string): SipParseError {
  return new SipParseError({ offset, field: 'URI', expected, clause });
}
