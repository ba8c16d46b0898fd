/** RFC 7616 section 3.4 as SIP uses it (RFC 3261 section 22.4, RFC 8760): digest with SHA-256 or MD5, qop `auth`. */

import { md5 } from '@noble/hashes/legacy.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, concatBytes } from '@noble/hashes/utils.js';
import {
  type DigestChallenge,
  parseAnyChallenge,
  parseDigestHeader,
  writeCredentials,
} from './digest-header.ts';

export {
  type DigestChallenge,
  type DigestCredentials,
  parseAnyChallenge,
  parseDigestHeader,
  writeChallenge,
  writeCredentials,
} from './digest-header.ts';

const HASHES: ReadonlyMap<string, (data: Uint8Array) => Uint8Array> = new Map([
  ['sha-256', sha256],
  ['md5', md5],
]);

const encoder = new TextEncoder();

/** A challenge that this stack can answer; undefined for every other. Of several, the first wins (RFC 8760 2.4). */
export function parseChallenge(value: string): DigestChallenge | undefined {
  const challenge = parseAnyChallenge(value);
  if (challenge === undefined || hashFor(challenge.algorithm) === undefined) return undefined;
  return challenge.qop === undefined || offersAuth(challenge.qop) ? challenge : undefined;
}

export interface DigestAuthorizationOptions {
  readonly challenge: DigestChallenge;
  readonly username: string;
  /** Text (UTF-8) or, for RFC 3310, octets. */
  readonly password: string | Uint8Array;
  readonly method: string;
  /** The Request-URI as it stands in the request line. */
  readonly uri: string;
  readonly cnonce: string;
  /** How often this nonce was used by this client, this time included; from 1. */
  readonly nc: number;
}

/** The value of Authorization (or Proxy-Authorization). Throws RangeError when the challenge isn't of parseChallenge. */
export function digestAuthorization(options: DigestAuthorizationOptions): string {
  const { challenge, username, method, uri, cnonce } = options;
  const { realm, nonce, algorithm, opaque } = challenge;
  const hash = hashFor(algorithm);
  if (hash === undefined) throw new RangeError('digest: expected algorithm SHA-256 or MD5 (RFC 8760 2.1)');
  const shared = { username, realm, nonce, uri, ...present({ algorithm, opaque }) };
  const ha1 = bytesToHex(hash(joined(username, realm, options.password)));
  if (challenge.qop === undefined) {
    return writeCredentials({ ...shared, response: respond(hash, ha1, method, uri, [nonce]) });
  }
  if (!offersAuth(challenge.qop))
    throw new RangeError('digest: expected qop auth among those offered (RFC 7616 3.3)');
  const nc = options.nc.toString(16).padStart(8, '0');
  const response = respond(hash, ha1, method, uri, [nonce, nc, cnonce, 'auth']);
  return writeCredentials({ ...shared, response, cnonce, qop: 'auth', nc });
}

/** TS 24.229 5.1.1.2.2: what a first REGISTER carries, so that the network knows whose challenge to make. */
export function unchallengedAuthorization(username: string, realm: string, uri: string): string {
  return writeCredentials({ username, realm, nonce: '', uri, response: '' });
}

/** H(username:realm:password) in hexadecimal, which a server may keep instead of the password (RFC 7616 3.4.2). */
export function digestHa1(
  algorithm: 'SHA-256' | 'MD5',
  username: string,
  realm: string,
  password: string,
): string {
  return bytesToHex(hashFor(algorithm)!(joined(username, realm, password)));
}

export interface DigestVerification {
  /** The value of Authorization or Proxy-Authorization. */
  readonly header: string;
  readonly method: string;
  readonly password?: string | Uint8Array;
  /** Instead of the password: digestHa1 under the one algorithm in `algorithms`. */
  readonly ha1?: string;
  /** The Request-URI; when given, credentials for another are bad (RFC 3261 22.4 item 6). */
  readonly uri?: string;
  readonly realm?: string;
  /** What was challenged with; credentials under another algorithm are bad. Both by default. */
  readonly algorithms?: readonly string[];
  /** Whether the server issued this nonce, still honours it, and hasn't seen this count with it. Asked only after all else fits. */
  readonly acceptNonce?: (nonce: string, nc: number) => boolean;
}

/** `stale`: right password, but `acceptNonce` said no: challenge again with stale=true (RFC 7616 3.3). Never throws. */
export function verifyDigest(options: DigestVerification): 'ok' | 'stale' | 'bad' {
  const given = parseDigestHeader(options.header);
  if (given === undefined) return 'bad';
  if (options.realm !== undefined && given.realm !== options.realm) return 'bad';
  if (options.uri !== undefined && given.uri !== options.uri) return 'bad';
  const algorithm = given.algorithm ?? 'MD5';
  const allowed = options.algorithms ?? ['SHA-256', 'MD5'];
  const hash = hashFor(algorithm);
  if (hash === undefined || !allowed.some((name) => name.toLowerCase() === algorithm.toLowerCase()))
    return 'bad';

  const secret = options.ha1?.toLowerCase();
  if (secret === undefined && options.password === undefined) return 'bad';
  const ha1 = secret ?? bytesToHex(hash(joined(given.username, given.realm, options.password!)));
  const middle = hashedBetween(given.nonce, given.qop, given.nc, given.cnonce);
  if (middle === undefined) return 'bad';
  if (!equalInConstantTime(respond(hash, ha1, options.method, given.uri, middle), given.response))
    return 'bad';
  const nc = Number.parseInt(given.nc ?? '1', 16);
  return options.acceptNonce === undefined || options.acceptNonce(given.nonce, nc) ? 'ok' : 'stale';
}

function hashedBetween(
  nonce: string,
  qop?: string,
  nc?: string,
  cnonce?: string,
): readonly string[] | undefined {
  if (qop === undefined) return [nonce];
  if (qop.toLowerCase() !== 'auth' || cnonce === undefined || !/^[0-9a-fA-F]{8}$/.test(nc ?? ''))
    return undefined;
  return [nonce, nc as string, cnonce, qop];
}

type Hash = (data: Uint8Array) => Uint8Array;

function hashFor(algorithm: string | undefined): Hash | undefined {
  return HASHES.get((algorithm ?? 'MD5').toLowerCase());
}

/** RFC 7616 3.4.1 with A2 of 3.4.3: KD(H(A1), middle:H(A2)). */
function respond(hash: Hash, ha1: string, method: string, uri: string, middle: readonly string[]): string {
  const ha2 = bytesToHex(hash(encoder.encode(`${method}:${uri}`)));
  return bytesToHex(hash(encoder.encode([ha1, ...middle, ha2].join(':'))));
}

function joined(username: string, realm: string, password: string | Uint8Array): Uint8Array {
  const secret = typeof password === 'string' ? encoder.encode(password) : password;
  return concatBytes(encoder.encode(`${username}:${realm}:`), secret);
}

function offersAuth(qop: string): boolean {
  return qop.split(',').some((name) => name.trim().toLowerCase() === 'auth');
}

function equalInConstantTime(a: string, b: string): boolean {
  if (a.length !== b.length) return false;
  let difference = 0;
  for (let i = 0; i < a.length; i += 1) difference |= a.charCodeAt(i) ^ b.charCodeAt(i);
  return difference === 0;
}

function present<T extends object>(fields: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>;
  };
}
