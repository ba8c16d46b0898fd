export type CryptoErrorCode =
  | 'unsupported-suite'
  | 'invalid-public-key'
  | 'invalid-private-key'
  | 'invalid-length'
  | 'open-failed';

/** A primitive refused its input. Messages name lengths and steps, never key material. */
export class CryptoError extends Error {
  override readonly name = 'CryptoError';
  readonly code: CryptoErrorCode;
  constructor(code: CryptoErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}
