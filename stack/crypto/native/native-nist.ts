import { createECDH, diffieHellman, sign, verify } from 'node:crypto';
import { decodeEcdsaSignature } from '../der.ts';
import { signDeterministically } from '../ecdsa.ts';
import {
  type NistCurve,
  p256Curve,
  p384Curve,
  p521Curve,
  requirePoint,
  requireScalar,
} from '../nist-curve.ts';
import type { DhGroup, HashAlgorithm, NistAlgorithms } from '../primitives.ts';
import { KeyCache } from './key-cache.ts';
import { ecEncoding } from './key-encoding.ts';
import { view } from './key-object.ts';
import { nativeSha256, nativeSha384, nativeSha512 } from './native-hash.ts';

export interface NativeNistOptions {
  readonly publicKeyCacheSize: number;
  readonly nonce: 'deterministic' | 'random';
}

interface Profile {
  readonly curve: NistCurve;
  readonly hash: HashAlgorithm;
  readonly openSsl: { readonly curve: string; readonly hash: string; readonly oid: string };
  /** Which way to a shared secret is the faster, measured with keys used once. */
  readonly exchange: 'ecdh' | 'key-objects';
}

/** node:crypto's P-256 is assembly; P-384 and P-521 are OpenSSL's generic code, 40 to 100 times slower. */
const p256: Profile = {
  curve: p256Curve,
  hash: nativeSha256,
  openSsl: { curve: 'prime256v1', hash: 'sha256', oid: '06082a8648ce3d030107' },
  exchange: 'ecdh',
};
const p384: Profile = {
  curve: p384Curve,
  hash: nativeSha384,
  openSsl: { curve: 'secp384r1', hash: 'sha384', oid: '06052b81040022' },
  exchange: 'key-objects',
};
const p521: Profile = {
  curve: p521Curve,
  hash: nativeSha512,
  openSsl: { curve: 'secp521r1', hash: 'sha512', oid: '06052b81040023' },
  exchange: 'key-objects',
};

function nativeNist(profile: Profile, options: NativeNistOptions): NistAlgorithms {
  const { curve, hash, openSsl } = profile;
  const cache = new KeyCache(
    ecEncoding(Buffer.from(openSsl.oid, 'hex'), curve.scalarLength),
    options.publicKeyCacheSize,
  );
  const multiplier = createMultiplier(profile);
  const keys = {
    publicKeyLength: curve.pointLength,
    privateKeyLength: curve.scalarLength,
    privateKeyMask: curve.privateKeyMask,
    isPrivateKey: curve.isScalar,
    isPublicKey: curve.isPoint,
    publicKey: multiplier.publicKey,
  };
  return {
    dh: {
      ...keys,
      sharedSecret:
        profile.exchange === 'ecdh'
          ? multiplier.sharedSecret
          : ({ privateKey, publicKey }, peer) => {
              requireScalar(curve, privateKey);
              requirePoint(curve, peer);
              // OpenSSL takes the word of a public key given with the scalar, and the secret depends on the scalar alone.
              const known = curve.isPoint(publicKey) ? publicKey : undefined;
              return view(
                diffieHellman({
                  privateKey: cache.privateKey(privateKey, known),
                  publicKey: cache.publicKey(peer),
                }),
              );
            },
    },
    signature: {
      ...keys,
      sign: (privateKey, data) => {
        requireScalar(curve, privateKey);
        return options.nonce === 'random'
          ? view(sign(openSsl.hash, data, cache.privateKey(privateKey)))
          : signDeterministically(curve, hash, multiplier.publicKey, privateKey, data);
      },
      verify: (key, data, signature) => {
        if (decodeEcdsaSignature(signature, curve.scalarLength) === undefined) return false;
        if (!curve.isPoint(key)) return false;
        return verify(openSsl.hash, data, cache.publicKey(key), signature);
      },
    },
  };
}

/**
 * Multiplications by one ECDH object. It takes raw bytes, so a P-256 key used once (an HPKE ephemeral, a path node) costs
 * 110 us with its public key, against 140 by KeyObjects of which the peer's is already parsed. But computeSecret checks
 * the peer's order by a second multiplication: on P-384 it takes 1,510 us, where parsing a pair of keys and the peer's
 * (100 us) and deriving (730 us) do it for 830.
 */
function createMultiplier({ curve, openSsl }: Profile): Pick<DhGroup, 'publicKey' | 'sharedSecret'> {
  const ecdh = createECDH(openSsl.curve);
  let loaded: Uint8Array | undefined;
  const load = (privateKey: Uint8Array): void => {
    if (privateKey === loaded) return;
    requireScalar(curve, privateKey);
    ecdh.setPrivateKey(privateKey);
    loaded = privateKey;
  };
  return {
    publicKey: (privateKey) => {
      load(privateKey);
      return new Uint8Array(ecdh.getPublicKey());
    },
    sharedSecret: ({ privateKey }, peer) => {
      load(privateKey);
      requirePoint(curve, peer);
      return new Uint8Array(ecdh.computeSecret(peer));
    },
  };
}

export const createNativeP256 = (options: NativeNistOptions): NistAlgorithms => nativeNist(p256, options);
export const createNativeP384 = (options: NativeNistOptions): NistAlgorithms => nativeNist(p384, options);
export const createNativeP521 = (options: NativeNistOptions): NistAlgorithms => nativeNist(p521, options);
