/**
 * RFC 7616 as SIP uses it (RFC 3261 section 22.4, RFC 8760): digest with SHA-256, SHA-512-256 or MD5, their `-sess` forms
 * and AKAv1-MD5 (RFC 3310); qop `auth` and `auth-int`.
 */

import { writeAuts } from './aka.ts';
import {
  type DigestInput,
  type DigestSecret,
  digestAlgorithm,
  digestProof,
  digestResponse,
  hashedA1,
} from './digest-computation.ts';
import {
  type AuthenticationInfo,
  type DigestChallenge,
  type DigestCredentials,
  parseAnyChallenge,
  parseDigestHeader,
  writeAuthenticationInfo,
  writeCredentials,
} from './digest-header.ts';

export {
  type AuthenticationInfo,
  type DigestChallenge,
  type DigestCredentials,
  parseAnyChallenge,
  parseAuthenticationInfo,
  parseDigestHeader,
  writeAuthenticationInfo,
  writeChallenge,
  writeCredentials,
} from './digest-header.ts';

/** A challenge to a password that this stack can answer; undefined for every other. Of several, the first wins (RFC 8760 2.4). */
export function parseChallenge(value: string): DigestChallenge | undefined {
  const challenge = parseAnyChallenge(value);
  return challenge !== undefined && canAnswer(challenge) ? challenge : undefined;
}

/** Whether algorithm and quality are known here; `sim`: also those that only a SIM can answer. */
export function canAnswer(challenge: DigestChallenge, options: { readonly sim?: boolean } = {}): boolean {
  const algorithm = digestAlgorithm(challenge.algorithm);
  if (algorithm === undefined || (algorithm.aka && options.sim !== true)) return false;
  return challenge.qop === undefined || chooseQuality(challenge.qop) !== undefined;
}

export interface DigestAuthorizationOptions {
  readonly challenge: DigestChallenge;
  readonly username: string;
  /** Text (UTF-8) or, for RFC 3310, octets. */
  readonly password: string | Uint8Array;
  readonly method: string;
  /** The Request-URI as it stands in the request line. */
  readonly uri: string;
  /** For `-sess` the same as long as the nonce is. */
  readonly cnonce: string;
  /** How often this nonce was used by this client, this time included; from 1. */
  readonly nc: number;
  /** The message body; empty when absent. */
  readonly body?: Uint8Array;
  /** RFC 3310 3.4: the SIM is out of step; goes with an empty password. */
  readonly auts?: Uint8Array;
}

/** The value of Authorization (or Proxy-Authorization). Throws RangeError when the challenge can't be answered. */
export function digestAuthorization(options: DigestAuthorizationOptions): string {
  const { challenge, username, method, uri, cnonce, body, auts } = options;
  const { realm, nonce, opaque } = challenge;
  const algorithm = digestAlgorithm(challenge.algorithm);
  if (algorithm === undefined)
    throw new RangeError('digest: expected an algorithm of RFC 8760 2.1 or RFC 3310');
  const qop = challenge.qop === undefined ? undefined : chooseQuality(challenge.qop);
  if (challenge.qop !== undefined && qop === undefined)
    throw new RangeError('digest: expected qop auth or auth-int among those offered (RFC 7616 3.3)');
  const nc = options.nc.toString(16).padStart(8, '0');
  const quality = qop === undefined ? undefined : { qop, nc, cnonce };
  const input: DigestInput = {
    ...{ algorithm, username, realm, nonce, uri, method },
    ...(quality === undefined ? {} : { quality }),
    ...(body === undefined ? {} : { body }),
  };
  return writeCredentials({
    ...{ username, realm, nonce, uri },
    response: digestResponse(input, { password: options.password }),
    ...(challenge.algorithm === undefined ? {} : { algorithm: challenge.algorithm }),
    ...(opaque === undefined ? {} : { opaque }),
    ...(auts === undefined ? {} : { auts: writeAuts(auts) }),
    ...quality,
  });
}

/** TS 24.229 5.1.1.2.2: what a first REGISTER carries, so that the network knows whose challenge to make. */
export function unchallengedAuthorization(username: string, realm: string, uri: string): string {
  return writeCredentials({ username, realm, nonce: '', uri, response: '' });
}

/** TS 24.229 5.1.1.5.3: the SIM takes the challenge for a forgery; response and auts are left out. */
export function rejectedChallenge(challenge: DigestChallenge, username: string, uri: string): string {
  const { realm, nonce, algorithm } = challenge;
  return writeCredentials({
    ...{ username, realm, nonce, uri, response: '' },
    ...(algorithm === undefined ? {} : { algorithm }),
  });
}

/** H(username:realm:password) in hexadecimal, which a server may keep instead of the password (RFC 7616 3.4.2). */
export function digestHa1(
  algorithm: 'SHA-512-256' | 'SHA-256' | 'MD5',
  username: string,
  realm: string,
  password: string,
): string {
  return hashedA1(digestAlgorithm(algorithm)!, username, realm, password);
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
  /** What was challenged with; credentials under another algorithm are bad. SHA-256 and MD5 by default. */
  readonly algorithms?: readonly string[];
  /** Empty when absent. */
  readonly body?: Uint8Array;
  /** Whether the server issued this nonce, still honours it, and hasn't seen this count with it. Asked only after all else fits. */
  readonly acceptNonce?: (nonce: string, nc: number) => boolean;
}

/** `stale`: right password, but `acceptNonce` said no: challenge again with stale=true (RFC 7616 3.3). Never throws. */
export function verifyDigest(options: DigestVerification): 'ok' | 'stale' | 'bad' {
  const given = parseDigestHeader(options.header);
  if (given === undefined) return 'bad';
  if (options.realm !== undefined && given.realm !== options.realm) return 'bad';
  if (options.uri !== undefined && given.uri !== options.uri) return 'bad';
  const name = given.algorithm ?? 'MD5';
  const allowed = options.algorithms ?? ['SHA-256', 'MD5'];
  if (!allowed.some((one) => one.toLowerCase() === name.toLowerCase())) return 'bad';
  const input = inputOf(given, options.method, options.body);
  const secret = secretOf(options);
  if (input === undefined || secret === undefined) return 'bad';
  if (!equalInConstantTime(digestResponse(input, secret), given.response)) return 'bad';
  const nc = Number.parseInt(given.nc ?? '1', 16);
  return options.acceptNonce === undefined || options.acceptNonce(given.nonce, nc) ? 'ok' : 'stale';
}

/**
 * Authentication-Info (RFC 7616 3.5) for a request whose credentials were right: the server's own proof, and the nonce
 * for the next request if there is one. Undefined for credentials without qop, which leave nothing to prove.
 */
export function authenticationInfo(
  credentials: DigestCredentials,
  secret: DigestSecret,
  options: { readonly nextnonce?: string; readonly body?: Uint8Array } = {},
): string | undefined {
  const { nextnonce, body } = options;
  const input = inputOf(credentials, '', body);
  if (input?.quality === undefined) return undefined;
  const info = { ...input.quality, rspauth: digestProof(input, secret) };
  return writeAuthenticationInfo(nextnonce === undefined ? info : { ...info, nextnonce });
}

/** Whether the server that answered with `info` knows the secret; true when it doesn't claim to (no `rspauth`). */
export function provesItself(
  info: AuthenticationInfo,
  credentials: DigestCredentials,
  secret: DigestSecret,
  body?: Uint8Array,
): boolean {
  const input = info.rspauth === undefined ? undefined : inputOf(credentials, '', body);
  if (info.rspauth === undefined || input === undefined) return true;
  return equalInConstantTime(digestProof(input, secret), info.rspauth);
}

function inputOf(given: DigestCredentials, method: string, body?: Uint8Array): DigestInput | undefined {
  const { username, realm, nonce, uri, qop, nc, cnonce } = given;
  const algorithm = digestAlgorithm(given.algorithm);
  if (algorithm === undefined) return undefined;
  const shared = {
    ...{ algorithm, username, realm, nonce, uri, method },
    ...(body === undefined ? {} : { body }),
  };
  if (qop === undefined) return shared;
  const known = ['auth', 'auth-int'].includes(qop.toLowerCase());
  if (!known || nc === undefined || !/^[0-9a-fA-F]{8}$/.test(nc) || cnonce === undefined) return undefined;
  return { ...shared, quality: { qop, nc, cnonce } };
}

function secretOf({ password, ha1 }: DigestVerification): DigestSecret | undefined {
  if (ha1 !== undefined) return { ha1 };
  return password === undefined ? undefined : { password };
}

/** Of the offered qualities; `auth` where both are, since bodies change on their way (RFC 3261 22.4 item 8). */
function chooseQuality(offered: string): 'auth' | 'auth-int' | undefined {
  const names = offered.split(',').map((name) => name.trim().toLowerCase());
  return (['auth', 'auth-int'] as const).find((name) => names.includes(name));
}

function equalInConstantTime(a: string, b: string): boolean {
  if (a.length !== b.length) return false;
  let difference = 0;
  for (let i = 0; i < a.length; i += 1) difference |= a.charCodeAt(i) ^ b.charCodeAt(i);
  return difference === 0;
}
