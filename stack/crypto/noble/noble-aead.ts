import { gcm } from '@noble/ciphers/aes.js';
import { CryptoError } from '../errors.ts';
import type { AeadAlgorithm } from '../primitives.ts';

/** AES-128-GCM, RFC 5116 section 5.1. */
export const nobleAes128Gcm: AeadAlgorithm = {
  keyLength: 16,
  nonceLength: 12,
  tagLength: 16,
  seal: (key, nonce, aad, plaintext) => gcm(key, nonce, aad).encrypt(plaintext),
  open: (key, nonce, aad, ciphertext) => {
    try {
      return gcm(key, nonce, aad).decrypt(ciphertext);
    } catch {
      throw new CryptoError('open-failed', `AES-128-GCM tag mismatch over ${ciphertext.length} bytes`);
    }
  },
};
