import { sign, verify } from 'node:crypto';
import { type EdwardsCurve, ed448Curve, ed25519Curve, requireEdwardsPrivateKey } from '../edwards-curve.ts';
import type { SignatureAlgorithm } from '../primitives.ts';
import { KeyCache } from './key-cache.ts';
import { rfc8410Encoding } from './key-encoding.ts';
import { publicKeyOf, view } from './key-object.ts';

/** Ed448 with the empty context, which is the only one node:crypto 24 knows. */
function nativeEdwards(curve: EdwardsCurve, cache: KeyCache): SignatureAlgorithm {
  return {
    publicKeyLength: curve.keyLength,
    privateKeyLength: curve.keyLength,
    privateKeyMask: 0xff,
    isPrivateKey: curve.isPrivateKey,
    isPublicKey: curve.isPublicKey,
    publicKey: (privateKey) => {
      requireEdwardsPrivateKey(curve, privateKey);
      return publicKeyOf(cache.privateKey(privateKey));
    },
    sign: (privateKey, data) => {
      requireEdwardsPrivateKey(curve, privateKey);
      return view(sign(null, data, cache.privateKey(privateKey)));
    },
    verify: (key, data, signature) => {
      if (!curve.isSignature(signature) || !curve.isCanonicalKey(key)) return false;
      try {
        return verify(null, data, cache.publicKey(key), signature);
      } catch {
        return false;
      }
    },
  };
}

export function createNativeEd25519(publicKeyCacheSize: number): SignatureAlgorithm {
  return nativeEdwards(ed25519Curve, new KeyCache(rfc8410Encoding(112, 32), publicKeyCacheSize));
}

export function createNativeEd448(publicKeyCacheSize: number): SignatureAlgorithm {
  return nativeEdwards(ed448Curve, new KeyCache(rfc8410Encoding(113, 57), publicKeyCacheSize));
}
