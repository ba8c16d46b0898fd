/** Ed25519 and Ed448, RFC 8032: what both providers need to judge keys. */
import { bytesToBigInt } from './bytes.ts';
import { CryptoError } from './errors.ts';

export interface EdwardsCurve {
  readonly name: 'Ed25519' | 'Ed448';
  /** Of private keys (seeds) and of encoded points, in bytes. A signature is twice as long. */
  readonly keyLength: number;
  isPrivateKey(bytes: Uint8Array): boolean;
  /**
   * Whether `bytes` decodes to a point of the curve (sections 5.1.3 and 5.2.3) that is not of small order: under such a
   * key one signature fits many messages. 15 to 40 us, most of them for the curve equation.
   */
  isPublicKey(bytes: Uint8Array): boolean;
  /** All of isPublicKey but the curve equation, for verification, which decodes the point anyway; 1 us. */
  isCanonicalKey(bytes: Uint8Array): boolean;
  /**
   * Whether `bytes` has the length of a signature and its R is not of small order. No signer makes such an R; OpenSSL
   * refuses it and @noble doesn't, and the two must agree on forgeries too.
   */
  isSignature(bytes: Uint8Array): boolean;
}

function edwardsCurve(
  name: EdwardsCurve['name'],
  parameters: {
    readonly keyLength: number;
    readonly prime: bigint;
    /** a x^2 + y^2 = 1 + d x^2 y^2 */
    readonly a: bigint;
    readonly d: bigint;
    /** y-coordinates of all points of small order. */
    readonly smallOrder: readonly bigint[];
  },
): EdwardsCurve {
  const { keyLength, prime, a, d, smallOrder } = parameters;
  const hasKeyLength = (bytes: Uint8Array) => bytes.length === keyLength;
  const decodeY = (point: Uint8Array): bigint => {
    const bigEndian = point.slice().reverse();
    bigEndian[0]! &= 0x7f;
    return bytesToBigInt(bigEndian);
  };
  const isPlausible = (y: bigint): boolean => y < prime && !smallOrder.includes(y);
  return {
    name,
    keyLength,
    isPrivateKey: hasKeyLength,
    isPublicKey: (bytes) => {
      if (!hasKeyLength(bytes)) return false;
      const y = decodeY(bytes);
      // x = 0 with its sign bit set, which section 5.1.3 refuses too, has y = 1 or -1.
      if (!isPlausible(y)) return false;
      const y2 = (y * y) % prime;
      // x^2 = (1 - y^2) / (a - d y^2), and a quotient is a square when the product is.
      return isSquare(((1n - y2) * (a - d * y2)) % prime, prime);
    },
    isCanonicalKey: (bytes) => hasKeyLength(bytes) && isPlausible(decodeY(bytes)),
    isSignature: (bytes) =>
      bytes.length === 2 * keyLength && !smallOrder.includes(decodeY(bytes.subarray(0, keyLength))),
  };
}

/** Jacobi symbol by the law of reciprocity: 10 times faster than the power of Euler's criterion. `value` not 0. */
function isSquare(value: bigint, prime: bigint): boolean {
  let [top, bottom] = [value < 0n ? value + prime : value, prime];
  let sign = 1;
  while (top !== 0n) {
    let low = Number(top & 0xffffffffn);
    while (low === 0) {
      top >>= 32n;
      low = Number(top & 0xffffffffn);
    }
    const twos = 31 - Math.clz32(low & -low);
    top >>= BigInt(twos);
    const bottomMod8 = Number(bottom & 7n);
    if (twos % 2 === 1 && (bottomMod8 === 3 || bottomMod8 === 5)) sign = -sign;
    if (bottomMod8 % 4 === 3 && (top & 3n) === 3n) sign = -sign;
    [top, bottom] = [bottom % top, top];
  }
  return sign === 1;
}

const p25519 = 2n ** 255n - 19n;
const p448 = 2n ** 448n - 2n ** 224n - 1n;
const orderEightY = 2707385501144840649318225287225658788936804267575313519463743609750303402022n;

export const ed25519Curve: EdwardsCurve = edwardsCurve('Ed25519', {
  keyLength: 32,
  prime: p25519,
  a: -1n,
  d: 37095705934669439343138083508754565189542113879843219016388785533085940283555n,
  smallOrder: [0n, 1n, p25519 - 1n, orderEightY, p25519 - orderEightY],
});

export const ed448Curve: EdwardsCurve = edwardsCurve('Ed448', {
  keyLength: 57,
  prime: p448,
  a: 1n,
  d: -39081n,
  smallOrder: [0n, 1n, p448 - 1n],
});

/** CryptoError 'invalid-private-key' unless `bytes` has the curve's length. */
export function requireEdwardsPrivateKey(curve: EdwardsCurve, bytes: Uint8Array): void {
  if (curve.isPrivateKey(bytes)) return;
  const found = `expected ${curve.keyLength} bytes, found ${bytes.length}`;
  throw new CryptoError('invalid-private-key', `${curve.name} private key: ${found}`);
}
