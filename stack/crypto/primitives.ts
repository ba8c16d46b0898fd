/** What a provider supplies by algorithm; suites are assembled from these in cipher-suite.ts. */
import type { KeyPair } from './provider.ts';

export interface HashAlgorithm {
  /** Output length in bytes. */
  readonly length: number;
  hash(data: Uint8Array): Uint8Array;
  /** HMAC, RFC 2104. */
  mac(key: Uint8Array, data: Uint8Array): Uint8Array;
}

export interface AeadAlgorithm {
  readonly keyLength: number;
  readonly nonceLength: number;
  readonly tagLength: number;
  seal(key: Uint8Array, nonce: Uint8Array, aad: Uint8Array, plaintext: Uint8Array): Uint8Array;
  /** Throws CryptoError 'open-failed'. */
  open(key: Uint8Array, nonce: Uint8Array, aad: Uint8Array, ciphertext: Uint8Array): Uint8Array;
}

export interface DhGroup {
  readonly publicKeyLength: number;
  readonly privateKeyLength: number;
  /** Bits of a private key's first byte that may be set: 0x01 for P-521, else 0xff. */
  readonly privateKeyMask: number;
  isPrivateKey(bytes: Uint8Array): boolean;
  isPublicKey(bytes: Uint8Array): boolean;
  publicKey(privateKey: Uint8Array): Uint8Array;
  /**
   * The x-coordinate (NIST curves) or the u-coordinate. Throws CryptoError for an invalid key and for a peer of small
   * order. Takes the pair, as parsing a private key without its public key costs a multiplication.
   */
  sharedSecret(own: KeyPair, peer: Uint8Array): Uint8Array;
}

export interface SignatureAlgorithm {
  readonly publicKeyLength: number;
  readonly privateKeyLength: number;
  /** As in DhGroup. */
  readonly privateKeyMask: number;
  isPrivateKey(bytes: Uint8Array): boolean;
  isPublicKey(bytes: Uint8Array): boolean;
  publicKey(privateKey: Uint8Array): Uint8Array;
  sign(privateKey: Uint8Array, data: Uint8Array): Uint8Array;
  verify(publicKey: Uint8Array, data: Uint8Array, signature: Uint8Array): boolean;
}

/** A NIST curve serves both uses. */
export interface NistAlgorithms {
  readonly dh: DhGroup;
  readonly signature: SignatureAlgorithm;
}

export interface SuitePrimitives {
  readonly hash: HashAlgorithm;
  readonly aead: AeadAlgorithm;
  readonly dh: DhGroup;
  readonly signature: SignatureAlgorithm;
}
