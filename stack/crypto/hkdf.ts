/** HKDF, RFC 5869. */
import { CryptoError } from './errors.ts';
import type { HashAlgorithm } from './primitives.ts';

/** Section 2.2. An empty salt means hashLength zeros, which HMAC's key padding already makes equivalent. */
export function hkdfExtract(algorithm: HashAlgorithm, salt: Uint8Array, ikm: Uint8Array): Uint8Array {
  return algorithm.mac(salt, ikm);
}

/** Section 2.3. CryptoError 'invalid-length' when `length` exceeds 255 blocks. */
export function hkdfExpand(
  algorithm: HashAlgorithm,
  prk: Uint8Array,
  info: Uint8Array,
  length: number,
): Uint8Array {
  const size = algorithm.length;
  if (!Number.isInteger(length) || length < 0 || length > 255 * size) {
    throw new CryptoError(
      'invalid-length',
      `HKDF-Expand gives 0 to ${255 * size} bytes, asked for ${length}`,
    );
  }
  const out = new Uint8Array(length);
  const first = new Uint8Array(info.length + 1);
  first.set(info);
  first[info.length] = 1;
  let block = algorithm.mac(prk, first);
  out.set(length < size ? block.subarray(0, length) : block);
  if (length <= size) return out;
  const input = new Uint8Array(size + info.length + 1);
  input.set(info, size);
  for (let counter = 2, at = size; at < length; counter++, at += size) {
    input.set(block);
    input[input.length - 1] = counter;
    block = algorithm.mac(prk, input);
    out.set(at + size > length ? block.subarray(0, length - at) : block, at);
  }
  return out;
}
