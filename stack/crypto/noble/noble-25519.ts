import { ed25519, x25519 } from '@noble/curves/ed25519.js';
import { CryptoError } from '../errors.ts';
import type { DhGroup, SignatureAlgorithm } from '../primitives.ts';

const is32Bytes = (bytes: Uint8Array): boolean => bytes.length === 32;

function require32(kind: 'invalid-private-key' | 'invalid-public-key', bytes: Uint8Array): void {
  if (!is32Bytes(bytes)) throw new CryptoError(kind, `expected 32 bytes, found ${bytes.length}`);
}

/** RFC 7748. Every 32-byte string is a private key; clamping happens inside. */
export const nobleX25519: DhGroup = {
  publicKeyLength: 32,
  privateKeyLength: 32,
  isPrivateKey: is32Bytes,
  isPublicKey: is32Bytes,
  publicKey: (privateKey) => {
    require32('invalid-private-key', privateKey);
    return x25519.getPublicKey(privateKey);
  },
  sharedSecret: (privateKey, peer) => {
    require32('invalid-private-key', privateKey);
    require32('invalid-public-key', peer);
    try {
      return x25519.getSharedSecret(privateKey, peer);
    } catch {
      throw new CryptoError('invalid-public-key', 'X25519 shared secret is all zero');
    }
  },
};

/** RFC 8032. `zip215: false` keeps verification to the RFC's own acceptance rules, as OpenSSL does. */
export const nobleEd25519: SignatureAlgorithm = {
  publicKeyLength: 32,
  privateKeyLength: 32,
  isPrivateKey: is32Bytes,
  isPublicKey: is32Bytes,
  publicKey: (privateKey) => {
    require32('invalid-private-key', privateKey);
    return ed25519.getPublicKey(privateKey);
  },
  sign: (privateKey, data) => {
    require32('invalid-private-key', privateKey);
    return ed25519.sign(data, privateKey);
  },
  verify: (key, data, signature) => {
    if (signature.length !== 64 || !is32Bytes(key)) return false;
    try {
      return ed25519.verify(signature, data, key, { zip215: false });
    } catch {
      return false;
    }
  },
};
