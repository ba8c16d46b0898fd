/** RFC 3261 section 25.1 and RFC 7616 sections 3.3 and 3.4: the digest headers as data. */

import { Cursor, quoteString } from './cursor.ts';
import type { SipParseError } from './parse-error.ts';

/** WWW-Authenticate or Proxy-Authenticate. */
export interface DigestChallenge {
  readonly realm: string;
  readonly nonce: string;
  /** As on the wire; absent means MD5 (RFC 7616 3.3). */
  readonly algorithm?: string;
  /** The offered qualities, with commas between; absent from servers of RFC 2069's age. */
  readonly qop?: string;
  readonly opaque?: string;
  readonly domain?: string;
  /** True: user and password were right, only the nonce was old. */
  readonly stale?: boolean;
}

/** Authorization or Proxy-Authorization. */
export interface DigestCredentials {
  readonly username: string;
  readonly realm: string;
  readonly nonce: string;
  readonly uri: string;
  /** Lower-case hexadecimal; empty in a first REGISTER of TS 24.229 5.1.1.2. */
  readonly response: string;
  readonly algorithm?: string;
  readonly qop?: string;
  readonly cnonce?: string;
  /** Eight hexadecimal digits. */
  readonly nc?: string;
  readonly opaque?: string;
  /** RFC 3310 section 3.4: Base64 of what the SIM says when it is out of step. */
  readonly auts?: string;
}

/** Authentication-Info, of a server to a client that it let in (RFC 7616 section 3.5). */
export interface AuthenticationInfo {
  /** The nonce that the server wants to see next. */
  readonly nextnonce?: string;
  /** Lower-case hexadecimal. */
  readonly rspauth?: string;
  readonly qop?: string;
  readonly cnonce?: string;
  readonly nc?: string;
}

const CLAUSE = 'RFC 3261 20.7';
const TOKEN = /[A-Za-z0-9\-.!%*_+`'~]+/y;
const BARE_VALUE = /[^\s",]+/y;

/** Parameters by lower-case name of a value of scheme Digest; undefined for other schemes. Throws SipParseError. */
export function readDigestParams(value: string, field: string): ReadonlyMap<string, string> | undefined {
  const cursor = new Cursor(value, field);
  cursor.skipLws();
  const scheme = cursor.match(TOKEN);
  if (scheme === undefined) throw cursor.error('an authentication scheme', CLAUSE);
  return scheme.toLowerCase() === 'digest' ? readList(cursor) : undefined;
}

function readList(cursor: Cursor): ReadonlyMap<string, string> {
  const params = new Map<string, string>();
  do {
    cursor.skipLws();
    const name = cursor.match(TOKEN)?.toLowerCase();
    if (name === undefined || !cursor.eat('=')) throw cursor.error('name=value', CLAUSE);
    if (params.has(name)) throw cursor.error('each parameter once', CLAUSE);
    const text = cursor.peek() === '"' ? cursor.quotedString() : cursor.match(BARE_VALUE);
    if (text === undefined) throw cursor.error('a parameter value', CLAUSE);
    params.set(name, text);
  } while (cursor.eat(','));
  cursor.expectEnd(CLAUSE);
  return params;
}

/** The credentials in an Authorization value; undefined when they are of another scheme or malformed. */
export function parseDigestHeader(value: string): DigestCredentials | undefined {
  const params = tolerate(() => readDigestParams(value, 'Authorization'));
  if (params === undefined) return undefined;
  const [username, realm, nonce] = [params.get('username'), params.get('realm'), params.get('nonce')];
  const [uri, response] = [params.get('uri'), params.get('response')];
  if (username === undefined || realm === undefined || nonce === undefined) return undefined;
  if (uri === undefined || response === undefined) return undefined;
  return {
    ...{ username, realm, nonce, uri, response: response.toLowerCase() },
    ...optional(params, 'algorithm', 'qop', 'cnonce', 'nc', 'opaque', 'auts'),
  };
}

/** Any digest challenge, whether this stack can answer it or not; undefined for other schemes and malformed values. */
export function parseAnyChallenge(value: string): DigestChallenge | undefined {
  const params = tolerate(() => readDigestParams(value, 'WWW-Authenticate'));
  const realm = params?.get('realm');
  const nonce = params?.get('nonce');
  if (params === undefined || realm === undefined || nonce === undefined) return undefined;
  const stale = params.get('stale')?.toLowerCase() === 'true';
  return {
    realm,
    nonce,
    ...optional(params, 'algorithm', 'qop', 'opaque', 'domain'),
    ...(stale ? { stale } : {}),
  };
}

/** Undefined when malformed. */
export function parseAuthenticationInfo(value: string): AuthenticationInfo | undefined {
  const params = tolerate(() => readList(new Cursor(value, 'Authentication-Info')));
  if (params === undefined) return undefined;
  const rspauth = params.get('rspauth')?.toLowerCase();
  return {
    ...optional(params, 'nextnonce', 'qop', 'cnonce', 'nc'),
    ...(rspauth === undefined ? {} : { rspauth }),
  };
}

export function writeAuthenticationInfo(info: AuthenticationInfo): string {
  return writeList([
    ['nextnonce', info.nextnonce, true],
    ['qop', info.qop, false],
    ['rspauth', info.rspauth, true],
    ['cnonce', info.cnonce, true],
    ['nc', info.nc, false],
  ]);
}

export function writeChallenge(challenge: DigestChallenge): string {
  return writeDigest([
    ['realm', challenge.realm, true],
    ['domain', challenge.domain, true],
    ['nonce', challenge.nonce, true],
    ['opaque', challenge.opaque, true],
    ['stale', challenge.stale === true ? 'true' : undefined, false],
    ['algorithm', challenge.algorithm, false],
    ['qop', challenge.qop, true],
  ]);
}

export function writeCredentials(credentials: DigestCredentials): string {
  return writeDigest([
    ['username', credentials.username, true],
    ['realm', credentials.realm, true],
    ['nonce', credentials.nonce, true],
    ['uri', credentials.uri, true],
    ['response', credentials.response, true],
    ['algorithm', credentials.algorithm, false],
    ['cnonce', credentials.cnonce, true],
    ['opaque', credentials.opaque, true],
    ['qop', credentials.qop, false],
    ['nc', credentials.nc, false],
    ['auts', credentials.auts, true],
  ]);
}

/** Name, value if there is one, and whether it stands in quotes. */
type Written = readonly [name: string, value: string | undefined, quoted: boolean];

function writeDigest(params: readonly Written[]): string {
  return `Digest ${writeList(params)}`;
}

function writeList(params: readonly Written[]): string {
  const written = params.flatMap(([name, value, quoted]) =>
    value === undefined ? [] : [`${name}=${quoted ? quoteString(value) : value}`],
  );
  return written.join(', ');
}

type OptionalName = 'algorithm' | 'qop' | 'cnonce' | 'nc' | 'opaque' | 'domain' | 'auts' | 'nextnonce';

function optional<N extends OptionalName>(
  params: ReadonlyMap<string, string>,
  ...names: N[]
): { [K in N]?: string } {
  const found: { [K in N]?: string } = {};
  for (const name of names) {
    const value = params.get(name);
    if (value !== undefined) found[name] = value;
  }
  return found;
}

function tolerate<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if ((error as SipParseError).name === 'SipParseError') return undefined;
    throw error;
  }
}
