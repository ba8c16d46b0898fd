/**
 * The fast provider: for each primitive the faster of node:crypto and @noble, the same bytes as `noble`.
 *
 * Microseconds a call, native / noble: Node 24.21 (OpenSSL 3.5), @noble 2.4, best of several passes on two shared cores.
 *
 *                              25519        P-256        448          P-384         P-521
 *   DeriveKeyPair              81 / 343     19 / 485     193 / 835    828 / 1,010   1,770 / 1,540
 *   HPKE seal, 32 bytes        176 / 1,615  166 / 3,391  409 / 3,914  2,203 / 7,532 4,331 / 12,620
 *   HPKE open, new key array   163 / 1,117  165 / 2,819  395 / 3,142  1,170 / 6,316 2,270 / 10,071
 *   HPKE open, key kept        58 / 1,102   146 / 2,809  196 / 2,995  1,167 / 6,408 2,136 / 13,938
 *   sign, 300 bytes            34 / 548     64 / 557     141 / 1,276  814 / 923     1,846 / 1,628
 *   verify                     104 / 1,105  65 / 2,129   220 / 3,312  696 / 4,553   1,433 / 8,866
 *   isSignaturePublicKey       14 / 14      1.2 / 1.2    27 / 27      1.8 / 1.8     2.4 / 2.4
 *
 *                              AES-128-GCM  AES-256-GCM  ChaCha20-Poly1305
 *   seal, 256 bytes            17 / 23      16 / 22      8 / 7
 *   seal, 64 KiB               49 / 1,190   49 / 1,280   62 / 456
 *
 *                              SHA-256      SHA-384      SHA-512
 *   hash, 256 bytes            1.0 / 2.2    1.9 / 8.8    1.4 / 4.5
 *   HKDF-Expand to Nh          2.7 / 3.7    6.2 / 15.6   3.7 / 8.3
 *
 * @noble multiplies the base point of P-521 in 1,480 us where OpenSSL takes 1,730, but first makes a table for 100 ms: it
 * would be the faster after 400 keys or signatures, more than a cell of the matrix makes.
 */
import { createProvider } from '../create-provider.ts';
import type { CryptoProvider, ProviderOptions } from '../provider.ts';
import { nativeAes128Gcm, nativeAes256Gcm, nativeChaCha20Poly1305 } from './native-aead.ts';
import { createNativeEd448, createNativeEd25519 } from './native-edwards.ts';
import { nativeSha256, nativeSha384, nativeSha512 } from './native-hash.ts';
import { createNativeX448, createNativeX25519 } from './native-montgomery.ts';
import { createNativeP256, createNativeP384, createNativeP521 } from './native-nist.ts';

export interface NativeProviderOptions extends ProviderOptions {
  /** Parsed public keys kept by content, a curve and use; default 1,024. 0 keeps them by array identity only. */
  readonly publicKeyCacheSize?: number;
  /** 'random' signs with OpenSSL's own nonce: 24 us for 64 on P-256, no gain elsewhere; replays no longer give the same bytes. */
  readonly ecdsaNonce?: 'deterministic' | 'random';
}

export function createNativeProvider(options: NativeProviderOptions = {}): CryptoProvider {
  const publicKeyCacheSize = options.publicKeyCacheSize ?? 1024;
  const ecdsa = { publicKeyCacheSize, nonce: options.ecdsaNonce ?? 'deterministic' };
  const curve25519 = {
    hash: nativeSha256,
    dh: createNativeX25519(publicKeyCacheSize),
    signature: createNativeEd25519(publicKeyCacheSize),
  };
  const curve448 = {
    hash: nativeSha512,
    dh: createNativeX448(publicKeyCacheSize),
    signature: createNativeEd448(publicKeyCacheSize),
  };
  return createProvider('native', options, {
    1: { ...curve25519, aead: nativeAes128Gcm },
    2: { hash: nativeSha256, aead: nativeAes128Gcm, ...createNativeP256(ecdsa) },
    3: { ...curve25519, aead: nativeChaCha20Poly1305 },
    4: { ...curve448, aead: nativeAes256Gcm },
    5: { hash: nativeSha512, aead: nativeAes256Gcm, ...createNativeP521(ecdsa) },
    6: { ...curve448, aead: nativeChaCha20Poly1305 },
    7: { hash: nativeSha384, aead: nativeAes256Gcm, ...createNativeP384(ecdsa) },
  });
}
