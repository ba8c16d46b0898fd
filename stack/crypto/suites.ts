/** RFC 9420 section 17.1 and the RFC 9180 section 7 code points each suite stands for. */
import type { CipherSuiteId } from './provider.ts';

export interface SuiteParameters {
  readonly id: CipherSuiteId;
  readonly name: string;
  readonly kemId: number;
  readonly kdfId: number;
  readonly aeadId: number;
  /** DHKEM's DeriveKeyPair differs: X25519 expands straight to the key, NIST curves try candidates. */
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
};

export function isSupportedSuite(id: number): id is CipherSuiteId {
  return id === 1 || id === 2;
}
