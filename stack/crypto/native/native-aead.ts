import { createCipheriv, createDecipheriv } from 'node:crypto';
import { CryptoError } from '../errors.ts';
import type { AeadAlgorithm } from '../primitives.ts';

const algorithm = 'aes-128-gcm';
const tagLength = 16;

/** AES-128-GCM, RFC 5116 section 5.1. GCM is a stream mode: update() gives every byte and final() none. */
export const nativeAes128Gcm: AeadAlgorithm = {
  keyLength: 16,
  nonceLength: 12,
  tagLength,
  seal: (key, nonce, aad, plaintext) => {
    const cipher = createCipheriv(algorithm, key, nonce);
    if (aad.length > 0) cipher.setAAD(aad);
    const out = new Uint8Array(plaintext.length + tagLength);
    out.set(cipher.update(plaintext));
    cipher.final();
    out.set(cipher.getAuthTag(), plaintext.length);
    return out;
  },
  open: (key, nonce, aad, ciphertext) => {
    const split = ciphertext.length - tagLength;
    try {
      const decipher = createDecipheriv(algorithm, key, nonce);
      if (aad.length > 0) decipher.setAAD(aad);
      decipher.setAuthTag(ciphertext.subarray(split));
      const opened = decipher.update(ciphertext.subarray(0, split));
      decipher.final();
      return new Uint8Array(opened.buffer, opened.byteOffset, opened.byteLength);
    } catch {
      throw new CryptoError('open-failed', `AES-128-GCM tag mismatch over ${ciphertext.length} bytes`);
    }
  },
};
