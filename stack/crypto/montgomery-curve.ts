/** X25519 and X448, RFC 7748: what both providers need to judge keys. */
import { bytesToBigInt } from './bytes.ts';
import { CryptoError } from './errors.ts';

export interface MontgomeryCurve {
  readonly name: 'X25519' | 'X448';
  /** Of private keys, public keys and shared secrets, in bytes. */
  readonly keyLength: number;
  /** Any string of that length: clamping happens inside (section 5). */
  isPrivateKey(bytes: Uint8Array): boolean;
  /**
   * Whether `bytes` is a u-coordinate that can give a shared secret. A twist point and a u >= p are taken, as section 5
   * demands; a u of small order is not, since every private key maps it to zero (section 6).
   */
  isPublicKey(bytes: Uint8Array): boolean;
}

function montgomeryCurve(
  name: MontgomeryCurve['name'],
  parameters: {
    readonly keyLength: number;
    readonly prime: bigint;
    /** Bits of the last byte that count. */
    readonly lastByteMask: number;
    /** u-coordinates, reduced, of all points of small order on the curve and its twist. */
    readonly smallOrder: readonly bigint[];
  },
): MontgomeryCurve {
  const { keyLength, prime, lastByteMask, smallOrder } = parameters;
  const hasKeyLength = (bytes: Uint8Array) => bytes.length === keyLength;
  return {
    name,
    keyLength,
    isPrivateKey: hasKeyLength,
    isPublicKey: (bytes) => {
      if (!hasKeyLength(bytes)) return false;
      const bigEndian = bytes.slice().reverse();
      bigEndian[0]! &= lastByteMask;
      const u = bytesToBigInt(bigEndian);
      return !smallOrder.includes(u >= prime ? u - prime : u);
    },
  };
}

const p25519 = 2n ** 255n - 19n;
const p448 = 2n ** 448n - 2n ** 224n - 1n;

export const x25519Curve: MontgomeryCurve = montgomeryCurve('X25519', {
  keyLength: 32,
  prime: p25519,
  lastByteMask: 0x7f,
  smallOrder: [
    0n,
    1n,
    p25519 - 1n,
    325606250916557431795983626356110631294008115727848805560023387167927233504n,
    39382357235489614581723060781553021112529911719440698176882885853963445705823n,
  ],
});

export const x448Curve: MontgomeryCurve = montgomeryCurve('X448', {
  keyLength: 56,
  prime: p448,
  lastByteMask: 0xff,
  smallOrder: [0n, 1n, p448 - 1n],
});

/** CryptoError 'invalid-private-key' unless `bytes` has the curve's length. */
export function requireMontgomeryPrivateKey(curve: MontgomeryCurve, bytes: Uint8Array): void {
  if (curve.isPrivateKey(bytes)) return;
  const found = `expected ${curve.keyLength} bytes, found ${bytes.length}`;
  throw new CryptoError('invalid-private-key', `${curve.name} private key: ${found}`);
}

/** CryptoError 'invalid-public-key' for another length or small order: the shared secret would be all zero. */
export function requireMontgomeryPublicKey(curve: MontgomeryCurve, bytes: Uint8Array): void {
  if (curve.isPublicKey(bytes)) return;
  const expected = `${curve.keyLength} bytes that are no point of small order, found ${bytes.length}`;
  throw new CryptoError('invalid-public-key', `${curve.name} public key: expected ${expected}`);
}
