/** The fast provider: node:crypto wherever it beats @noble (reference/crypto-costs.md), the same bytes as `noble`. */
import { createProvider } from '../create-provider.ts';
import type { CryptoProvider, ProviderOptions } from '../provider.ts';
import { createNativeEd25519, createNativeX25519 } from './native-25519.ts';
import { nativeAes128Gcm } from './native-aead.ts';
import { nativeSha256 } from './native-hash.ts';
import { createNativeP256 } from './native-p256.ts';

export interface NativeProviderOptions extends ProviderOptions {
  /** Parsed public keys kept by content, a curve and use; default 1,024. 0 keeps them by array identity only. */
  readonly publicKeyCacheSize?: number;
  /** 'random' signs with OpenSSL's own nonce: 7 times faster, but replays no longer give the same bytes. */
  readonly ecdsaNonce?: 'deterministic' | 'random';
}

export function createNativeProvider(options: NativeProviderOptions = {}): CryptoProvider {
  const publicKeyCacheSize = options.publicKeyCacheSize ?? 1024;
  const common = { hash: nativeSha256, aead: nativeAes128Gcm };
  return createProvider('native', options, {
    1: {
      ...common,
      dh: createNativeX25519(publicKeyCacheSize),
      signature: createNativeEd25519(publicKeyCacheSize),
    },
    2: {
      ...common,
      ...createNativeP256({ publicKeyCacheSize, nonce: options.ecdsaNonce ?? 'deterministic' }),
    },
  });
}
