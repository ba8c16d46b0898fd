/** Deterministic ECDSA nonces, RFC 6979 section 3.2, for curves whose order has as many bits as the hash. */
import { bigIntToBytes, bytesToBigInt, concatBytes } from './bytes.ts';
import type { HashAlgorithm } from './primitives.ts';

/**
 * Candidates for k in the order the RFC tries them, as integers in [1, order). `digest` is the message hash; it and
 * `privateKey` have the length of the hash in bytes.
 */
export function* deterministicNonces(
  hash: HashAlgorithm,
  order: bigint,
  privateKey: Uint8Array,
  digest: Uint8Array,
): Generator<bigint, never> {
  const reduced = bigIntToBytes(bytesToBigInt(digest) % order, digest.length);
  const seed = concatBytes(privateKey, reduced);
  let v: Uint8Array = new Uint8Array(hash.length).fill(1);
  let key: Uint8Array = new Uint8Array(hash.length);
  key = hash.mac(key, concatBytes(v, Uint8Array.of(0), seed));
  v = hash.mac(key, v);
  key = hash.mac(key, concatBytes(v, Uint8Array.of(1), seed));
  v = hash.mac(key, v);
  for (;;) {
    v = hash.mac(key, v);
    const k = bytesToBigInt(v);
    if (k > 0n && k < order) yield k;
    key = hash.mac(key, concatBytes(v, Uint8Array.of(0)));
    v = hash.mac(key, v);
  }
}
