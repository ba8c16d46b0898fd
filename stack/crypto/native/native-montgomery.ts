import { diffieHellman } from 'node:crypto';
import { CryptoError } from '../errors.ts';
import {
  type MontgomeryCurve,
  requireMontgomeryPrivateKey,
  requireMontgomeryPublicKey,
  x448Curve,
  x25519Curve,
} from '../montgomery-curve.ts';
import type { DhGroup } from '../primitives.ts';
import { KeyCache } from './key-cache.ts';
import { rfc8410Encoding } from './key-encoding.ts';
import { publicKeyOf, view } from './key-object.ts';

function nativeMontgomery(curve: MontgomeryCurve, cache: KeyCache): DhGroup {
  return {
    publicKeyLength: curve.keyLength,
    privateKeyLength: curve.keyLength,
    privateKeyMask: 0xff,
    isPrivateKey: curve.isPrivateKey,
    isPublicKey: curve.isPublicKey,
    publicKey: (privateKey) => {
      requireMontgomeryPrivateKey(curve, privateKey);
      return publicKeyOf(cache.privateKey(privateKey));
    },
    sharedSecret: ({ privateKey }, peer) => {
      requireMontgomeryPrivateKey(curve, privateKey);
      requireMontgomeryPublicKey(curve, peer);
      try {
        return view(
          diffieHellman({ privateKey: cache.privateKey(privateKey), publicKey: cache.publicKey(peer) }),
        );
      } catch {
        throw new CryptoError('invalid-public-key', `${curve.name} shared secret is all zero`);
      }
    },
  };
}

export function createNativeX25519(publicKeyCacheSize: number): DhGroup {
  return nativeMontgomery(x25519Curve, new KeyCache(rfc8410Encoding(110, 32), publicKeyCacheSize));
}

export function createNativeX448(publicKeyCacheSize: number): DhGroup {
  return nativeMontgomery(x448Curve, new KeyCache(rfc8410Encoding(111, 56), publicKeyCacheSize));
}
