/** What a provider supplies by algorithm; suites are assembled from these in cipher-suite.ts. */

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
  isPrivateKey(bytes: Uint8Array): boolean;
  isPublicKey(bytes: Uint8Array): boolean;
  publicKey(privateKey: Uint8Array): Uint8Array;
  /** The x coordinate (P-256) or the u coordinate (X25519). Throws CryptoError for invalid or small-order input. */
  sharedSecret(privateKey: Uint8Array, publicKey: Uint8Array): Uint8Array;
}

export interface SignatureAlgorithm {
  readonly publicKeyLength: number;
  readonly privateKeyLength: number;
  isPrivateKey(bytes: Uint8Array): boolean;
  isPublicKey(bytes: Uint8Array): boolean;
  publicKey(privateKey: Uint8Array): Uint8Array;
  sign(privateKey: Uint8Array, data: Uint8Array): Uint8Array;
  verify(publicKey: Uint8Array, data: Uint8Array, signature: Uint8Array): boolean;
}

export interface SuitePrimitives {
  readonly hash: HashAlgorithm;
  readonly aead: AeadAlgorithm;
  readonly dh: DhGroup;
  readonly signature: SignatureAlgorithm;
}
