import { p256, p384, p521 } from '@noble/curves/nist.js';
import { decodeEcdsaSignature, encodeEcdsaSignature } from '../der.ts';
import {
  type NistCurve,
  p256Curve,
  p384Curve,
  p521Curve,
  requirePoint,
  requireScalar,
} from '../nist-curve.ts';
import type { NistAlgorithms } from '../primitives.ts';

/** Each curve of @noble/curves hashes with SHA-256, SHA-384 and SHA-512 by itself, as RFC 9420 pairs them. */
function nobleNist(curve: NistCurve, noble: typeof p256): NistAlgorithms {
  const width = curve.scalarLength;
  const keys = {
    publicKeyLength: curve.pointLength,
    privateKeyLength: width,
    privateKeyMask: curve.privateKeyMask,
    isPrivateKey: curve.isScalar,
    isPublicKey: curve.isPoint,
    publicKey: (privateKey: Uint8Array) => {
      requireScalar(curve, privateKey);
      return noble.getPublicKey(privateKey, false);
    },
  };
  const options = { lowS: false, prehash: true } as const;
  return {
    dh: {
      ...keys,
      sharedSecret: ({ privateKey }, peer) => {
        requireScalar(curve, privateKey);
        requirePoint(curve, peer);
        return noble.getSharedSecret(privateKey, peer, false).slice(1, 1 + width);
      },
    },
    signature: {
      ...keys,
      sign: (privateKey, data) => {
        requireScalar(curve, privateKey);
        const compact = noble.sign(data, privateKey, options);
        return encodeEcdsaSignature(compact.subarray(0, width), compact.subarray(width));
      },
      verify: (key, data, signature) => {
        const compact = decodeEcdsaSignature(signature, width);
        if (compact === undefined || !curve.isPoint(key)) return false;
        try {
          return noble.verify(compact, data, key, options);
        } catch {
          return false;
        }
      },
    },
  };
}

export const nobleP256: NistAlgorithms = nobleNist(p256Curve, p256);
export const nobleP384: NistAlgorithms = nobleNist(p384Curve, p384);
export const nobleP521: NistAlgorithms = nobleNist(p521Curve, p521);
