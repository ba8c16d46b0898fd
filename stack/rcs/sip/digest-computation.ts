/** RFC 7616 sections 3.4 and 3.5 with the hashes of RFC 8760 and RFC 3310: responses, and proofs that a server knows. */

import { md5 } from '@noble/hashes/legacy.js';
import { sha256, sha512_256 } from '@noble/hashes/sha2.js';
import { bytesToHex, concatBytes } from '@noble/hashes/utils.js';

type Hash = (data: Uint8Array) => Uint8Array;

export interface DigestAlgorithm {
  readonly hash: Hash;
  /** A1 is hashed once more with the first nonce and cnonce of the session (RFC 7616 3.4.2). */
  readonly session: boolean;
  /** RFC 3310: the password is what a SIM answered. */
  readonly aka: boolean;
}

const HASHES: readonly (readonly [string, Hash])[] = [
  ['md5', md5],
  ['sha-256', sha256],
  ['sha-512-256', sha512_256],
];

const ALGORITHMS: ReadonlyMap<string, DigestAlgorithm> = new Map([
  ...HASHES.flatMap(([name, hash]): [string, DigestAlgorithm][] => [
    [name, { hash, session: false, aka: false }],
    [`${name}-sess`, { hash, session: true, aka: false }],
  ]),
  ['akav1-md5', { hash: md5, session: false, aka: true }],
]);

/** By its name on the wire, in any case; MD5 when absent (RFC 7616 3.3). Undefined: not known here. */
export function digestAlgorithm(name: string | undefined): DigestAlgorithm | undefined {
  return ALGORITHMS.get((name ?? 'MD5').toLowerCase());
}

/** Text (UTF-8), octets (RFC 3310), or hexadecimal H(username:realm:password). */
export type DigestSecret =
  | { readonly password: string | Uint8Array; readonly ha1?: undefined }
  | { readonly ha1: string; readonly password?: undefined };

/** What goes into a response besides the secret. */
export interface DigestInput {
  readonly algorithm: DigestAlgorithm;
  readonly username: string;
  readonly realm: string;
  readonly nonce: string;
  readonly uri: string;
  readonly method: string;
  /** Absent: a response of RFC 2069's age, without count and cnonce. */
  readonly quality?: { readonly qop: string; readonly nc: string; readonly cnonce: string };
  /** Counts with qop auth-int only. */
  readonly body?: Uint8Array;
}

const encoder = new TextEncoder();

/** RFC 7616 3.4.1: hexadecimal, lower case. */
export function digestResponse(input: DigestInput, secret: DigestSecret): string {
  return compute(input, secret, input.method);
}

/** RFC 7616 3.5: `rspauth`, by which a server shows that it knows the secret; as a response, without the method. */
export function digestProof(input: DigestInput, secret: DigestSecret): string {
  return compute(input, secret, '');
}

/** H(username:realm:password) in hexadecimal. */
export function hashedA1(
  { hash }: DigestAlgorithm,
  username: string,
  realm: string,
  password: string | Uint8Array,
): string {
  const octets = typeof password === 'string' ? encoder.encode(password) : password;
  return bytesToHex(hash(concatBytes(encoder.encode(`${username}:${realm}:`), octets)));
}

function compute(input: DigestInput, secret: DigestSecret, method: string): string {
  const { algorithm, username, realm, nonce, uri, quality } = input;
  const digest = (text: string): string => bytesToHex(algorithm.hash(encoder.encode(text)));
  const plain = secret.ha1?.toLowerCase() ?? hashedA1(algorithm, username, realm, secret.password!);
  const ha1 = algorithm.session ? digest(`${plain}:${nonce}:${quality?.cnonce ?? ''}`) : plain;
  const protectsBody = quality?.qop.toLowerCase() === 'auth-int';
  const body = protectsBody ? `:${bytesToHex(algorithm.hash(input.body ?? new Uint8Array(0)))}` : '';
  const ha2 = digest(`${method}:${uri}${body}`);
  const middle = quality === undefined ? [nonce] : [nonce, quality.nc, quality.cnonce, quality.qop];
  return digest([ha1, ...middle, ha2].join(':'));
}
