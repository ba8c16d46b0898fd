/** Deterministic ECDSA, RFC 6979, around a provider's multiplication of the base point. */
import { bigIntToBytes, bytesToBigInt, concatBytes } from './bytes.ts';
import { encodeEcdsaSignature } from './der.ts';
import type { NistCurve } from './nist-curve.ts';
import type { HashAlgorithm } from './primitives.ts';

/**
 * A DER signature. `privateKey` is a scalar of the curve; `multiplyBase` gives the uncompressed point of one. The hash is
 * no longer than the order, so bits2int never cuts it.
 *
 * node:crypto has no RFC 6979 (OpenSSL 3.2's nonce-type doesn't reach it), so the scalars are done here. BigInt
 * arithmetic is not constant time: fine for a harness, not for a production phone.
 */
export function signDeterministically(
  curve: NistCurve,
  hash: HashAlgorithm,
  multiplyBase: (scalar: Uint8Array) => Uint8Array,
  privateKey: Uint8Array,
  data: Uint8Array,
): Uint8Array {
  const { order, scalarLength } = curve;
  const digest = hash.hash(data);
  const z = bytesToBigInt(digest);
  const d = bytesToBigInt(privateKey);
  const nonces = deterministicNonces(curve, hash, privateKey, digest);
  for (;;) {
    const k = nonces.next().value;
    const point = multiplyBase(bigIntToBytes(k, scalarLength));
    const r = bytesToBigInt(point.subarray(1, 1 + scalarLength)) % order;
    if (r === 0n) continue;
    const s = (inverse(k, order) * ((z + r * d) % order)) % order;
    if (s === 0n) continue;
    return encodeEcdsaSignature(bigIntToBytes(r, scalarLength), bigIntToBytes(s, scalarLength));
  }
}

/** Section 3.2: candidates for k in [1, order), in the order the RFC tries them. */
export function* deterministicNonces(
  curve: NistCurve,
  hash: HashAlgorithm,
  privateKey: Uint8Array,
  digest: Uint8Array,
): Generator<bigint, never> {
  const { order, scalarLength } = curve;
  // P-521 takes its 521 bits from 66 bytes of output; the other orders fill their bytes.
  const excessBits = curve.privateKeyMask === 0xff ? 0n : 7n;
  const reduced = bigIntToBytes(bytesToBigInt(digest) % order, scalarLength);
  const seed = concatBytes(privateKey, reduced);
  let v: Uint8Array = new Uint8Array(hash.length).fill(1);
  let key: Uint8Array = new Uint8Array(hash.length);
  key = hash.mac(key, concatBytes(v, Uint8Array.of(0), seed));
  v = hash.mac(key, v);
  key = hash.mac(key, concatBytes(v, Uint8Array.of(1), seed));
  v = hash.mac(key, v);
  for (;;) {
    const candidate = new Uint8Array(scalarLength);
    for (let at = 0; at < scalarLength; at += v.length) {
      v = hash.mac(key, v);
      candidate.set(at + v.length > scalarLength ? v.subarray(0, scalarLength - at) : v, at);
    }
    const k = bytesToBigInt(candidate) >> excessBits;
    if (k > 0n && k < order) yield k;
    key = hash.mac(key, concatBytes(v, Uint8Array.of(0)));
    v = hash.mac(key, v);
  }
}

/** Extended Euclid; `value` in [1, modulus), modulus prime. */
function inverse(value: bigint, modulus: bigint): bigint {
  let [low, high, x, y] = [value, modulus, 1n, 0n];
  while (low > 1n) {
    const quotient = high / low;
    [high, low] = [low, high - quotient * low];
    [y, x] = [x, y - quotient * x];
  }
  return x < 0n ? x + modulus : x;
}
