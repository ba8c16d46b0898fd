export {
  type CheckedProvider,
  type CheckedProviderOptions,
  createCheckedProvider,
  NonceReuseError,
} from './checked-provider.ts';
export { CryptoError, type CryptoErrorCode } from './errors.ts';
export { createNativeProvider, type NativeProviderOptions } from './native/native-provider.ts';
export { createNobleProvider } from './noble/noble-provider.ts';
export type {
  CipherSuite,
  CipherSuiteId,
  CryptoProvider,
  CryptoUsage,
  Hpke,
  HpkeCiphertext,
  KeyPair,
  ProviderOptions,
} from './provider.ts';
export { isSupportedSuite } from './suites.ts';
