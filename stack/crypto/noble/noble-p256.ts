import { p256 } from '@noble/curves/nist.js';
import { decodeEcdsaSignature, encodeEcdsaSignature } from '../der.ts';
import { CryptoError } from '../errors.ts';
import { isP256Point, isP256Scalar, p256PointLength, p256ScalarLength } from '../p256.ts';
import type { DhGroup, SignatureAlgorithm } from '../primitives.ts';

function invalidScalar(): CryptoError {
  return new CryptoError('invalid-private-key', 'P-256 private key is not a 32-byte scalar in [1, n)');
}

function publicKey(privateKey: Uint8Array): Uint8Array {
  if (!isP256Scalar(privateKey)) throw invalidScalar();
  return p256.getPublicKey(privateKey, false);
}

const keys = {
  publicKeyLength: p256PointLength,
  privateKeyLength: p256ScalarLength,
  isPrivateKey: isP256Scalar,
  isPublicKey: isP256Point,
  publicKey,
};

export const nobleP256: DhGroup = {
  ...keys,
  sharedSecret: (privateKey, peer) => {
    if (!isP256Scalar(privateKey)) throw invalidScalar();
    if (!isP256Point(peer)) {
      throw new CryptoError(
        'invalid-public-key',
        'P-256 public key is not an uncompressed point of the curve',
      );
    }
    return p256.getSharedSecret(privateKey, peer, false).slice(1, 33);
  },
};

export const nobleEcdsaP256: SignatureAlgorithm = {
  ...keys,
  sign: (privateKey, data) => {
    if (!isP256Scalar(privateKey)) throw invalidScalar();
    const compact = p256.sign(data, privateKey, { lowS: false, prehash: true });
    return encodeEcdsaSignature(compact.subarray(0, 32), compact.subarray(32));
  },
  verify: (key, data, signature) => {
    const compact = decodeEcdsaSignature(signature, p256ScalarLength);
    if (compact === undefined || !isP256Point(key)) return false;
    try {
      return p256.verify(compact, data, key, { lowS: false, prehash: true });
    } catch {
      return false;
    }
  },
};
