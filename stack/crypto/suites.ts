/** RFC 9420 section 17.1 and the RFC 9180 section 7 code points each suite stands for. */
import type { CipherSuiteId } from './provider.ts';

export interface SuiteParameters {
  readonly id: CipherSuiteId;
  readonly name: string;
  readonly kemId: number;
  readonly kdfId: number;
  readonly aeadId: number;
  /** DHKEM's DeriveKeyPair differs: X25519 and X448 expand straight to the key, NIST curves try candidates. */
  readonly derivation: 'direct' | 'candidates';
}

export const suiteParameters: Readonly<Record<CipherSuiteId, SuiteParameters>> = {
  1: {
    id: 1,
    name: 'MLS_128_DHKEMX25519_AES128GCM_SHA256_Ed25519',
    kemId: 0x0020,
    kdfId: 0x0001,
    aeadId: 0x0001,
    derivation: 'direct',
  },
  2: {
    id: 2,
    name: 'MLS_128_DHKEMP256_AES128GCM_SHA256_P256',
    kemId: 0x0010,
    kdfId: 0x0001,
    aeadId: 0x0001,
    derivation: 'candidates',
  },
  3: {
    id: 3,
    name: 'MLS_128_DHKEMX25519_CHACHA20POLY1305_SHA256_Ed25519',
    kemId: 0x0020,
    kdfId: 0x0001,
    aeadId: 0x0003,
    derivation: 'direct',
  },
  4: {
    id: 4,
    name: 'MLS_256_DHKEMX448_AES256GCM_SHA512_Ed448',
    kemId: 0x0021,
    kdfId: 0x0003,
    aeadId: 0x0002,
    derivation: 'direct',
  },
  5: {
    id: 5,
    name: 'MLS_256_DHKEMP521_AES256GCM_SHA512_P521',
    kemId: 0x0012,
    kdfId: 0x0003,
    aeadId: 0x0002,
    derivation: 'candidates',
  },
  6: {
    id: 6,
    name: 'MLS_256_DHKEMX448_CHACHA20POLY1305_SHA512_Ed448',
    kemId: 0x0021,
    kdfId: 0x0003,
    aeadId: 0x0003,
    derivation: 'direct',
  },
  7: {
    id: 7,
    name: 'MLS_256_DHKEMP384_AES256GCM_SHA384_P384',
    kemId: 0x0011,
    kdfId: 0x0002,
    aeadId: 0x0002,
    derivation: 'candidates',
  },
};

export function isSupportedSuite(id: number): id is CipherSuiteId {
  return Number.isInteger(id) && id >= 1 && id <= 7;
}
