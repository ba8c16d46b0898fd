/** AEAD algorithms of RFC 9180 section 7.3, their edges handled in one place for both providers. */
import { CryptoError } from './errors.ts';
import type { AeadAlgorithm } from './primitives.ts';

const nonceLength = 12;
const tagLength = 16;

export interface AeadParameters {
  readonly name: 'AES-128-GCM' | 'AES-256-GCM' | 'ChaCha20-Poly1305';
  readonly keyLength: number;
}

/** RFC 5116 sections 5.1 and 5.2. */
export const aes128Gcm: AeadParameters = { name: 'AES-128-GCM', keyLength: 16 };
export const aes256Gcm: AeadParameters = { name: 'AES-256-GCM', keyLength: 32 };
/** RFC 8439 section 2.8. */
export const chacha20Poly1305: AeadParameters = { name: 'ChaCha20-Poly1305', keyLength: 32 };

/** `open` may throw anything when the tag doesn't verify; it is given 16 bytes or more. */
export function createAead(
  parameters: AeadParameters,
  primitive: Pick<AeadAlgorithm, 'seal' | 'open'>,
): AeadAlgorithm {
  const { name, keyLength } = parameters;
  const requireLengths = (key: Uint8Array, nonce: Uint8Array): void => {
    if (key.length === keyLength && nonce.length === nonceLength) return;
    const expected = `${keyLength} and ${nonceLength} bytes, found ${key.length} and ${nonce.length}`;
    throw new CryptoError('invalid-length', `${name} key and nonce: expected ${expected}`);
  };
  return {
    keyLength,
    nonceLength,
    tagLength,
    seal: (key, nonce, aad, plaintext) => {
      requireLengths(key, nonce);
      return primitive.seal(key, nonce, aad, plaintext);
    },
    open: (key, nonce, aad, ciphertext) => {
      requireLengths(key, nonce);
      if (ciphertext.length >= tagLength) {
        try {
          return primitive.open(key, nonce, aad, ciphertext);
        } catch {
          // Whatever a library says of it, there is one way to fail.
        }
      }
      throw new CryptoError('open-failed', `${name} tag mismatch over ${ciphertext.length} bytes`);
    },
  };
}
