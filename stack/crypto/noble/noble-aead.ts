import { gcm } from '@noble/ciphers/aes.js';
import { chacha20poly1305 } from '@noble/ciphers/chacha.js';
import { aes128Gcm, aes256Gcm, chacha20Poly1305, createAead } from '../aead.ts';
import type { AeadAlgorithm } from '../primitives.ts';

type Cipher = (
  key: Uint8Array,
  nonce: Uint8Array,
  aad: Uint8Array,
) => { encrypt(plaintext: Uint8Array): Uint8Array; decrypt(ciphertext: Uint8Array): Uint8Array };

function primitive(cipher: Cipher): Pick<AeadAlgorithm, 'seal' | 'open'> {
  return {
    seal: (key, nonce, aad, plaintext) => cipher(key, nonce, aad).encrypt(plaintext),
    open: (key, nonce, aad, ciphertext) => cipher(key, nonce, aad).decrypt(ciphertext),
  };
}

const nobleGcm = primitive(gcm);

export const nobleAes128Gcm: AeadAlgorithm = createAead(aes128Gcm, nobleGcm);
export const nobleAes256Gcm: AeadAlgorithm = createAead(aes256Gcm, nobleGcm);
export const nobleChaCha20Poly1305: AeadAlgorithm = createAead(chacha20Poly1305, primitive(chacha20poly1305));
