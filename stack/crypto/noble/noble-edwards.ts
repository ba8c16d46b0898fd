import { ed448 } from '@noble/curves/ed448.js';
import { ed25519 } from '@noble/curves/ed25519.js';
import { sha512 } from '@noble/hashes/sha2.js';
import { bytesToBigInt, concatBytes, sameBytes } from '../bytes.ts';
import { type EdwardsCurve, ed448Curve, ed25519Curve, requireEdwardsPrivateKey } from '../edwards-curve.ts';
import type { SignatureAlgorithm } from '../primitives.ts';

type Verify = SignatureAlgorithm['verify'];

/** Ed448 with the empty context, as RFC 9420 section 5.1.2 wants it. */
function nobleEdwards(curve: EdwardsCurve, noble: typeof ed25519, verify: Verify): SignatureAlgorithm {
  return {
    publicKeyLength: curve.keyLength,
    privateKeyLength: curve.keyLength,
    privateKeyMask: 0xff,
    isPrivateKey: curve.isPrivateKey,
    isPublicKey: curve.isPublicKey,
    publicKey: (privateKey) => {
      requireEdwardsPrivateKey(curve, privateKey);
      return noble.getPublicKey(privateKey);
    },
    sign: (privateKey, data) => {
      requireEdwardsPrivateKey(curve, privateKey);
      return noble.sign(data, privateKey);
    },
    verify: (key, data, signature) => {
      if (!curve.isSignature(signature) || !curve.isCanonicalKey(key)) return false;
      try {
        return verify(key, data, signature);
      } catch {
        return false;
      }
    },
  };
}

const littleEndian = (bytes: Uint8Array): bigint => bytesToBigInt(bytes.slice().reverse());

/**
 * RFC 8032 section 5.1.7 without the cofactor, R compared as bytes: what OpenSSL does. @noble's own verify multiplies by
 * the cofactor and so accepts an R with a component of small order that OpenSSL refuses.
 */
const verifyEd25519: Verify = (key, data, signature) => {
  const { BASE, Fn } = ed25519.Point;
  const r = signature.subarray(0, 32);
  const s = littleEndian(signature.subarray(32));
  if (s >= Fn.ORDER) return false;
  const k = littleEndian(sha512(concatBytes(r, key, data))) % Fn.ORDER;
  const expected = BASE.multiplyUnsafe(s).subtract(ed25519.Point.fromBytes(key).multiplyUnsafe(k));
  return sameBytes(expected.toBytes(), r);
};

/** Section 5.2.7 with the cofactor: OpenSSL compares after an isogeny that clears it, too. */
const verifyEd448: Verify = (key, data, signature) => ed448.verify(signature, data, key, { zip215: false });

export const nobleEd25519: SignatureAlgorithm = nobleEdwards(ed25519Curve, ed25519, verifyEd25519);
export const nobleEd448: SignatureAlgorithm = nobleEdwards(ed448Curve, ed448, verifyEd448);
