/**
 * Where the document says which key the P-CSCF must show. RCC.14 v11 has secure signalling certificates; its names were
 * not found (docs/rcs-signalling.md 1.6), so these private ones stand in, and this is the one place that knows them.
 */
export const SECURE_SIGNALLING_PARMS = {
  characteristic: 'PARLEY-SECURE-SIGNALLING',
  /** Base64 SHA-256 of a SubjectPublicKeyInfo; repeated for several keys. */
  pin: 'parley-pcscf-pin',
} as const;
