/** The curves P-256, P-384 and P-521 of SP 800-186 section 3.2.1: what both providers need to judge keys. */
import { bigIntToBytes, bytesToBigInt } from './bytes.ts';
import { CryptoError } from './errors.ts';

export interface NistCurve {
  readonly name: 'P-256' | 'P-384' | 'P-521';
  readonly order: bigint;
  /** Of a scalar and of a coordinate, in bytes. */
  readonly scalarLength: number;
  /** RFC 9420 section 5.1.1 with SEC1: the uncompressed point only. */
  readonly pointLength: number;
  /** Bits of a scalar's first byte that may be set; the bitmask of RFC 9180 section 7.1.3. */
  readonly privateKeyMask: number;
  /** 1 <= scalar < order, in `scalarLength` bytes, big-endian. */
  isScalar(bytes: Uint8Array): boolean;
  /**
   * Whether the bytes are 04 || x || y with y^2 = x^3 - 3x + b. The cofactor is 1, so that is all there is to check;
   * for P-256 it costs 4 us in BigInt where making a KeyObject costs 40.
   */
  isPoint(bytes: Uint8Array): boolean;
}

function nistCurve(
  name: NistCurve['name'],
  parameters: { readonly prime: bigint; readonly b: bigint; readonly order: bigint; readonly bits: number },
): NistCurve {
  const { prime, b, order, bits } = parameters;
  const scalarLength = Math.ceil(bits / 8);
  const pointLength = 1 + 2 * scalarLength;
  const orderBytes = bigIntToBytes(order, scalarLength);
  return {
    name,
    order,
    scalarLength,
    pointLength,
    privateKeyMask: 0xff >> (8 * scalarLength - bits),
    isScalar: (bytes) => {
      if (bytes.length !== scalarLength) return false;
      for (let i = 0; i < scalarLength; i++) {
        if (bytes[i] !== orderBytes[i]) return bytes[i]! < orderBytes[i]! && bytes.some((byte) => byte !== 0);
      }
      return false;
    },
    isPoint: (bytes) => {
      if (bytes.length !== pointLength || bytes[0] !== 4) return false;
      const x = bytesToBigInt(bytes.subarray(1, 1 + scalarLength));
      const y = bytesToBigInt(bytes.subarray(1 + scalarLength));
      if (x >= prime || y >= prime) return false;
      return (y * y - (x * x - 3n) * x - b) % prime === 0n;
    },
  };
}

export const p256Curve: NistCurve = nistCurve('P-256', {
  bits: 256,
  prime: 2n ** 256n - 2n ** 224n + 2n ** 192n + 2n ** 96n - 1n,
  b: 0x5ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2604bn,
  order: 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n,
});

export const p384Curve: NistCurve = nistCurve('P-384', {
  bits: 384,
  prime: 2n ** 384n - 2n ** 128n - 2n ** 96n + 2n ** 32n - 1n,
  b: 0xb3312fa7e23ee7e4988e056be3f82d19181d9c6efe8141120314088f5013875ac656398d8a2ed19d2a85c8edd3ec2aefn,
  order: 0xffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973n,
});

export const p521Curve: NistCurve = nistCurve('P-521', {
  bits: 521,
  prime: 2n ** 521n - 1n,
  b: 0x51953eb9618e1c9a1f929a21a0b68540eea2da725b99b315f3b8b489918ef109e156193951ec7e937b1652c0bd3bb1bf073573df883d2c34f1ef451fd46b503f00n,
  order: 2n ** 521n - 0x5ae79787c40d069948033feb708f65a2fc44a36477663b851449048e16ec79bf7n,
});

/** CryptoError 'invalid-private-key' unless `bytes` is a scalar of the curve. */
export function requireScalar(curve: NistCurve, bytes: Uint8Array): void {
  if (curve.isScalar(bytes)) return;
  const expected = `a ${curve.scalarLength}-byte scalar in [1, n)`;
  throw new CryptoError('invalid-private-key', `${curve.name} private key is not ${expected}`);
}

/** CryptoError 'invalid-public-key' unless `bytes` is a point of the curve. */
export function requirePoint(curve: NistCurve, bytes: Uint8Array): void {
  if (curve.isPoint(bytes)) return;
  const expected = `an uncompressed point of the curve (${curve.pointLength} bytes)`;
  throw new CryptoError('invalid-public-key', `${curve.name} public key is not ${expected}`);
}
