import { createECDH, sign, verify } from 'node:crypto';
import { bigIntToBytes, bytesToBigInt } from '../bytes.ts';
import { encodeEcdsaSignature } from '../der.ts';
import { CryptoError } from '../errors.ts';
import { isP256Point, isP256Scalar, p256Order, p256PointLength, p256ScalarLength } from '../p256.ts';
import type { DhGroup, SignatureAlgorithm } from '../primitives.ts';
import { deterministicNonces } from '../rfc6979.ts';
import { KeyCache } from './key-cache.ts';
import { nativeSha256 } from './native-hash.ts';

/** SubjectPublicKeyInfo and PrivateKeyInfo (no public key inside) for id-ecPublicKey with prime256v1. */
const encoding = {
  publicPrefix: Buffer.from('3059301306072a8648ce3d020106082a8648ce3d030107034200', 'hex'),
  privatePrefix: Buffer.from('3041020100301306072a8648ce3d020106082a8648ce3d030107042730250201010420', 'hex'),
};

export interface NativeP256Options {
  readonly publicKeyCacheSize: number;
  readonly nonce: 'deterministic' | 'random';
}

export function createNativeP256(options: NativeP256Options): {
  readonly dh: DhGroup;
  readonly signature: SignatureAlgorithm;
} {
  const cache = new KeyCache(encoding, options.publicKeyCacheSize);
  const multiplier = createMultiplier();
  const keys = {
    publicKeyLength: p256PointLength,
    privateKeyLength: p256ScalarLength,
    isPrivateKey: isP256Scalar,
    isPublicKey: isP256Point,
    publicKey: multiplier.publicKey,
  };
  return {
    dh: { ...keys, sharedSecret: multiplier.sharedSecret },
    signature: {
      ...keys,
      sign:
        options.nonce === 'random'
          ? (privateKey, data) => signWithRandomNonce(cache, privateKey, data)
          : (privateKey, data) => signDeterministically(privateKey, data, multiplier.publicKey),
      verify: (key, data, signature) => {
        if (!isP256Point(key)) return false;
        return verify('sha256', data, cache.publicKey(key), signature);
      },
    },
  };
}

/**
 * Multiplications by one ECDH object. It takes raw bytes, so a key used once (an HPKE ephemeral, a path node) costs
 * 110 us with its public key, against 140 by KeyObjects of which the peer's is already parsed.
 */
function createMultiplier(): Pick<DhGroup, 'publicKey' | 'sharedSecret'> {
  const ecdh = createECDH('prime256v1');
  let loaded: Uint8Array | undefined;
  const load = (privateKey: Uint8Array): void => {
    if (privateKey === loaded) return;
    requireScalar(privateKey);
    ecdh.setPrivateKey(privateKey);
    loaded = privateKey;
  };
  return {
    publicKey: (privateKey) => {
      load(privateKey);
      return new Uint8Array(ecdh.getPublicKey());
    },
    sharedSecret: (privateKey, peer) => {
      load(privateKey);
      if (!isP256Point(peer)) {
        throw new CryptoError(
          'invalid-public-key',
          'P-256 public key is not an uncompressed point of the curve',
        );
      }
      return new Uint8Array(ecdh.computeSecret(peer));
    },
  };
}

function signWithRandomNonce(cache: KeyCache, privateKey: Uint8Array, data: Uint8Array): Uint8Array {
  requireScalar(privateKey);
  return new Uint8Array(sign('sha256', data, cache.privateKey(privateKey)));
}

/**
 * node:crypto has no RFC 6979 before OpenSSL 3.2's nonce-type reaches it, so k*G runs in OpenSSL and the scalars here.
 * BigInt arithmetic is not constant time: fine for a harness, not for a production phone.
 */
function signDeterministically(
  privateKey: Uint8Array,
  data: Uint8Array,
  multiplyBase: (scalar: Uint8Array) => Uint8Array,
): Uint8Array {
  requireScalar(privateKey);
  const digest = nativeSha256.hash(data);
  const z = bytesToBigInt(digest);
  const d = bytesToBigInt(privateKey);
  const nonces = deterministicNonces(nativeSha256, p256Order, privateKey, digest);
  for (;;) {
    const k = nonces.next().value;
    const point = multiplyBase(bigIntToBytes(k, p256ScalarLength));
    const r = bytesToBigInt(point.subarray(1, 33)) % p256Order;
    if (r === 0n) continue;
    const s = (inverse(k, p256Order) * ((z + r * d) % p256Order)) % p256Order;
    if (s === 0n) continue;
    return encodeEcdsaSignature(bigIntToBytes(r, 32), bigIntToBytes(s, 32));
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

function requireScalar(bytes: Uint8Array): void {
  if (!isP256Scalar(bytes)) {
    throw new CryptoError('invalid-private-key', 'P-256 private key is not a 32-byte scalar in [1, n)');
  }
}
