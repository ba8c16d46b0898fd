/** Facts of NIST P-256 (SP 800-186 section 3.2.1.3) that both providers need. */
import { bigIntToBytes, bytesToBigInt } from './bytes.ts';

export const p256Order = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;
export const p256ScalarLength = 32;
/** RFC 9420 section 5.1.1 with SEC1: the uncompressed point only. */
export const p256PointLength = 65;

const orderBytes = bigIntToBytes(p256Order, p256ScalarLength);

/** 1 <= scalar < n, in 32 bytes. */
export function isP256Scalar(bytes: Uint8Array): boolean {
  if (bytes.length !== p256ScalarLength) return false;
  for (let i = 0; i < p256ScalarLength; i++) {
    if (bytes[i] !== orderBytes[i]) return bytes[i]! < orderBytes[i]! && bytes.some((byte) => byte !== 0);
  }
  return false;
}

const prime = 0xffffffff00000001000000000000000000000000ffffffffffffffffffffffffn;
const b = 0x5ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2604bn;

/**
 * Whether the bytes are an uncompressed point of the curve: y^2 = x^3 - 3x + b. The cofactor is 1, so that is all
 * there is to check; in BigInt it costs 4 us where making a KeyObject costs 40.
 */
export function isP256Point(bytes: Uint8Array): boolean {
  if (bytes.length !== p256PointLength || bytes[0] !== 4) return false;
  const x = bytesToBigInt(bytes.subarray(1, 33));
  const y = bytesToBigInt(bytes.subarray(33));
  if (x >= prime || y >= prime) return false;
  return (y * y - (x * x - 3n) * x - b) % prime === 0n;
}
