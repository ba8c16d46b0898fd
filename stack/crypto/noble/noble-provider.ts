/** The portable provider: pure JavaScript, no node:crypto, the reference for `native`. */
import { createProvider } from '../create-provider.ts';
import type { CryptoProvider, ProviderOptions } from '../provider.ts';
import { nobleAes128Gcm, nobleAes256Gcm, nobleChaCha20Poly1305 } from './noble-aead.ts';
import { nobleEd448, nobleEd25519 } from './noble-edwards.ts';
import { nobleSha256, nobleSha384, nobleSha512 } from './noble-hash.ts';
import { nobleX448, nobleX25519 } from './noble-montgomery.ts';
import { nobleP256, nobleP384, nobleP521 } from './noble-nist.ts';

export function createNobleProvider(options: ProviderOptions = {}): CryptoProvider {
  const curve25519 = { hash: nobleSha256, dh: nobleX25519, signature: nobleEd25519 };
  const curve448 = { hash: nobleSha512, dh: nobleX448, signature: nobleEd448 };
  return createProvider('noble', options, {
    1: { ...curve25519, aead: nobleAes128Gcm },
    2: { hash: nobleSha256, aead: nobleAes128Gcm, ...nobleP256 },
    3: { ...curve25519, aead: nobleChaCha20Poly1305 },
    4: { ...curve448, aead: nobleAes256Gcm },
    5: { hash: nobleSha512, aead: nobleAes256Gcm, ...nobleP521 },
    6: { ...curve448, aead: nobleChaCha20Poly1305 },
    7: { hash: nobleSha384, aead: nobleAes256Gcm, ...nobleP384 },
  });
}
