/**
 * Cipher suites of RFC 9420 section 17.1 behind one interface.
 *
 * Keys and signatures cross this interface as raw bytes. The arrays are treated as immutable: a provider may keep a
 * parsed form beside an array it has seen (by identity), so never write into a key after handing it over.
 */
import type { Random } from '../platform.ts';

export type CipherSuiteId = 1 | 2 | 3 | 4 | 5 | 6 | 7;

/**
 * Raw bytes. X25519 and Ed25519: 32 and 32; X448: 56 and 56; Ed448: 57 and 57. NIST curves: public 04 || x || y in 65, 97
 * or 133 bytes, private a big-endian scalar in 32, 48 or 66 bytes (P-256, P-384, P-521).
 */
export interface KeyPair {
  readonly publicKey: Uint8Array;
  readonly privateKey: Uint8Array;
}

export interface CryptoUsage {
  /** Calls by primitive name since the provider was created. */
  readonly calls: Readonly<Record<string, number>>;
  /** Time spent inside primitives; 0 unless the provider was given a `nanoseconds` source. */
  readonly nanoseconds: bigint;
}

export interface ProviderOptions {
  /** A monotonic counter such as process.hrtime.bigint; without it only calls are counted. */
  readonly nanoseconds?: () => bigint;
}

export interface CryptoProvider {
  readonly name: 'noble' | 'native';
  /** Throws CryptoError for a suite this provider lacks. The same object for the same id. */
  suite(id: CipherSuiteId): CipherSuite;
  readonly usage: CryptoUsage;
}

export interface HpkeCiphertext {
  readonly kemOutput: Uint8Array;
  readonly ciphertext: Uint8Array;
}

/** RFC 9180 base mode. All `open` failures are CryptoError and say nothing of the cause beyond the step. */
export interface Hpke {
  /** RFC 9180 section 7.1.3. */
  deriveKeyPair(ikm: Uint8Array): KeyPair;
  /** A fresh pair; the private key is drawn uniformly from `random`. */
  generateKeyPair(random: Random): KeyPair;
  /** Single-shot seal, section 6.1. The ephemeral key is drawn from `random`. */
  sealBase(
    random: Random,
    publicKey: Uint8Array,
    info: Uint8Array,
    aad: Uint8Array,
    plaintext: Uint8Array,
  ): HpkeCiphertext;
  /** Single-shot open. Takes the pair, as decapsulation needs the public key and deriving it costs a multiplication. */
  openBase(keyPair: KeyPair, sealed: HpkeCiphertext, info: Uint8Array, aad: Uint8Array): Uint8Array;
  /** Sender half of the export interface, section 6.2: a secret of `length` bytes that only the receiver can derive. */
  sendExport(
    random: Random,
    publicKey: Uint8Array,
    info: Uint8Array,
    exporterContext: Uint8Array,
    length: number,
  ): { readonly kemOutput: Uint8Array; readonly secret: Uint8Array };
  receiveExport(
    keyPair: KeyPair,
    kemOutput: Uint8Array,
    info: Uint8Array,
    exporterContext: Uint8Array,
    length: number,
  ): Uint8Array;
}

export interface CipherSuite {
  readonly id: CipherSuiteId;
  readonly name: string;
  /** Nh: output of hash, mac and extract in bytes. */
  readonly hashLength: number;
  readonly aeadKeyLength: number;
  readonly aeadNonceLength: number;
  readonly aeadTagLength: number;
  readonly kemOutputLength: number;
  readonly hpkePublicKeyLength: number;
  /** Nsk. A P-521 scalar has 66 bytes whatever its value: whoever stores it without leading zeros pads it again. */
  readonly hpkePrivateKeyLength: number;
  readonly signaturePublicKeyLength: number;
  readonly signaturePrivateKeyLength: number;
  hash(data: Uint8Array): Uint8Array;
  mac(key: Uint8Array, data: Uint8Array): Uint8Array;
  /** HKDF-Extract, RFC 5869 section 2.2. */
  extract(salt: Uint8Array, ikm: Uint8Array): Uint8Array;
  /** HKDF-Expand, RFC 5869 section 2.3; `length` at most 255 * hashLength. */
  expand(prk: Uint8Array, info: Uint8Array, length: number): Uint8Array;
  /** Ciphertext followed by the tag. */
  aeadSeal(key: Uint8Array, nonce: Uint8Array, aad: Uint8Array, plaintext: Uint8Array): Uint8Array;
  /** Throws CryptoError when the tag does not verify. */
  aeadOpen(key: Uint8Array, nonce: Uint8Array, aad: Uint8Array, ciphertext: Uint8Array): Uint8Array;
  readonly hpke: Hpke;
  generateSignatureKeyPair(random: Random): KeyPair;
  /** Public key of a raw private key; CryptoError when it is out of range. */
  signaturePublicKey(privateKey: Uint8Array): Uint8Array;
  /** Ed25519: 64 bytes. Ed448: 114, context empty. ECDSA: DER Ecdsa-Sig-Value, nonce by RFC 6979. */
  sign(privateKey: Uint8Array, data: Uint8Array): Uint8Array;
  /** False for anything that is not a valid signature, malformed keys and signatures included. */
  verify(publicKey: Uint8Array, data: Uint8Array, signature: Uint8Array): boolean;
  /** False when `publicKey` is not a canonical encoding of a usable point. */
  isHpkePublicKey(publicKey: Uint8Array): boolean;
  isSignaturePublicKey(publicKey: Uint8Array): boolean;
}
