import { diffieHellman, type KeyObject, sign, verify } from 'node:crypto';
import { CryptoError } from '../errors.ts';
import type { DhGroup, SignatureAlgorithm } from '../primitives.ts';
import { KeyCache } from './key-cache.ts';

/** RFC 8410: SubjectPublicKeyInfo and OneAsymmetricKey around 32 raw bytes. */
const x25519Encoding = {
  publicPrefix: Buffer.from('302a300506032b656e032100', 'hex'),
  privatePrefix: Buffer.from('302e020100300506032b656e04220420', 'hex'),
};
const ed25519Encoding = {
  publicPrefix: Buffer.from('302a300506032b6570032100', 'hex'),
  privatePrefix: Buffer.from('302e020100300506032b657004220420', 'hex'),
};

const is32Bytes = (bytes: Uint8Array): boolean => bytes.length === 32;

function require32(kind: 'invalid-private-key' | 'invalid-public-key', bytes: Uint8Array): void {
  if (!is32Bytes(bytes)) throw new CryptoError(kind, `expected 32 bytes, found ${bytes.length}`);
}

/** Import computed it already: reading it from the JWK costs 3 us, a second multiplication 45. */
function publicKeyOf(privateKey: KeyObject): Uint8Array {
  return new Uint8Array(Buffer.from(privateKey.export({ format: 'jwk' }).x!, 'base64url'));
}

export function createNativeX25519(publicKeyCacheSize: number): DhGroup {
  const cache = new KeyCache(x25519Encoding, publicKeyCacheSize);
  const multiply = (privateKey: Uint8Array, peer: Uint8Array): Uint8Array => {
    require32('invalid-private-key', privateKey);
    require32('invalid-public-key', peer);
    try {
      const shared = diffieHellman({
        privateKey: cache.privateKey(privateKey),
        publicKey: cache.publicKey(peer),
      });
      return new Uint8Array(shared.buffer, shared.byteOffset, shared.byteLength);
    } catch {
      throw new CryptoError('invalid-public-key', 'X25519 shared secret is all zero');
    }
  };
  return {
    publicKeyLength: 32,
    privateKeyLength: 32,
    isPrivateKey: is32Bytes,
    isPublicKey: is32Bytes,
    publicKey: (privateKey) => {
      require32('invalid-private-key', privateKey);
      return publicKeyOf(cache.privateKey(privateKey));
    },
    sharedSecret: multiply,
  };
}

export function createNativeEd25519(publicKeyCacheSize: number): SignatureAlgorithm {
  const cache = new KeyCache(ed25519Encoding, publicKeyCacheSize);
  return {
    publicKeyLength: 32,
    privateKeyLength: 32,
    isPrivateKey: is32Bytes,
    isPublicKey: is32Bytes,
    publicKey: (privateKey) => {
      require32('invalid-private-key', privateKey);
      return publicKeyOf(cache.privateKey(privateKey));
    },
    sign: (privateKey, data) => {
      require32('invalid-private-key', privateKey);
      const signature = sign(null, data, cache.privateKey(privateKey));
      return new Uint8Array(signature.buffer, signature.byteOffset, signature.byteLength);
    },
    verify: (key, data, signature) => {
      if (signature.length !== 64 || !is32Bytes(key)) return false;
      try {
        return verify(null, data, cache.publicKey(key), signature);
      } catch {
        return false;
      }
    },
  };
}
