/**
 * Ciphers of node:crypto, but @noble for short messages under ChaCha20-Poly1305: setting up an OpenSSL cipher costs 20 us,
 * in which @noble's has sealed 1 KiB. Its AES-GCM (28 us for 32 bytes) is slower at every length.
 */
import { createCipheriv, createDecipheriv } from 'node:crypto';
import { aes128Gcm, aes256Gcm, chacha20Poly1305, createAead } from '../aead.ts';
import { nobleChaCha20Poly1305 } from '../noble/noble-aead.ts';
import type { AeadAlgorithm } from '../primitives.ts';
import { view } from './key-object.ts';

const tagLength = 16;
type Primitive = Pick<AeadAlgorithm, 'seal' | 'open'>;

/** All three are stream modes: update() gives every byte and final() none. */
function openSsl(algorithm: 'aes-128-gcm' | 'aes-256-gcm' | 'chacha20-poly1305'): Primitive {
  // The types know chacha20-poly1305 under another overload with the same calls and options.
  const name = algorithm as 'aes-128-gcm';
  const options = { authTagLength: tagLength };
  return {
    seal: (key, nonce, aad, plaintext) => {
      const cipher = createCipheriv(name, key, nonce, options);
      if (aad.length > 0) cipher.setAAD(aad);
      const out = new Uint8Array(plaintext.length + tagLength);
      out.set(cipher.update(plaintext));
      cipher.final();
      out.set(cipher.getAuthTag(), plaintext.length);
      return out;
    },
    open: (key, nonce, aad, ciphertext) => {
      const split = ciphertext.length - tagLength;
      const decipher = createDecipheriv(name, key, nonce, options);
      if (aad.length > 0) decipher.setAAD(aad);
      decipher.setAuthTag(ciphertext.subarray(split));
      const opened = decipher.update(ciphertext.subarray(0, split));
      decipher.final();
      return view(opened);
    },
  };
}

/** Bytes of text and AAD up to which @noble's ChaCha20-Poly1305 is the faster. */
const shortMessage = 1024;

function bySize(short: Primitive, long: Primitive): Primitive {
  const pick = (aad: Uint8Array, data: Uint8Array) =>
    aad.length + data.length <= shortMessage ? short : long;
  return {
    seal: (key, nonce, aad, plaintext) => pick(aad, plaintext).seal(key, nonce, aad, plaintext),
    open: (key, nonce, aad, ciphertext) => pick(aad, ciphertext).open(key, nonce, aad, ciphertext),
  };
}

export const nativeAes128Gcm: AeadAlgorithm = createAead(aes128Gcm, openSsl('aes-128-gcm'));
export const nativeAes256Gcm: AeadAlgorithm = createAead(aes256Gcm, openSsl('aes-256-gcm'));
export const nativeChaCha20Poly1305: AeadAlgorithm = createAead(
  chacha20Poly1305,
  bySize(nobleChaCha20Poly1305, openSsl('chacha20-poly1305')),
);
