/** The portable provider: pure JavaScript, no node:crypto, the reference for `native`. */
import { createProvider } from '../create-provider.ts';
import type { CryptoProvider, ProviderOptions } from '../provider.ts';
import { nobleEd25519, nobleX25519 } from './noble-25519.ts';
import { nobleAes128Gcm } from './noble-aead.ts';
import { nobleSha256 } from './noble-hash.ts';
import { nobleEcdsaP256, nobleP256 } from './noble-p256.ts';

export function createNobleProvider(options: ProviderOptions = {}): CryptoProvider {
  const common = { hash: nobleSha256, aead: nobleAes128Gcm };
  return createProvider('noble', options, {
    1: { ...common, dh: nobleX25519, signature: nobleEd25519 },
    2: { ...common, dh: nobleP256, signature: nobleEcdsaP256 },
  });
}
