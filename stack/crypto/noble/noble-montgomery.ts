import { x448 } from '@noble/curves/ed448.js';
import { x25519 } from '@noble/curves/ed25519.js';
import {
  type MontgomeryCurve,
  requireMontgomeryPrivateKey,
  requireMontgomeryPublicKey,
  x448Curve,
  x25519Curve,
} from '../montgomery-curve.ts';
import type { DhGroup } from '../primitives.ts';

function nobleMontgomery(curve: MontgomeryCurve, noble: typeof x25519): DhGroup {
  return {
    publicKeyLength: curve.keyLength,
    privateKeyLength: curve.keyLength,
    privateKeyMask: 0xff,
    isPrivateKey: curve.isPrivateKey,
    isPublicKey: curve.isPublicKey,
    publicKey: (privateKey) => {
      requireMontgomeryPrivateKey(curve, privateKey);
      return noble.getPublicKey(privateKey);
    },
    sharedSecret: ({ privateKey }, peer) => {
      requireMontgomeryPrivateKey(curve, privateKey);
      requireMontgomeryPublicKey(curve, peer);
      return noble.getSharedSecret(privateKey, peer);
    },
  };
}

export const nobleX25519: DhGroup = nobleMontgomery(x25519Curve, x25519);
export const nobleX448: DhGroup = nobleMontgomery(x448Curve, x448);
