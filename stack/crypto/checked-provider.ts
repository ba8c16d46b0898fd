/**
 * A provider that watches for the one mistake no AEAD forgives: sealing twice under one key and nonce (RFC 5116 section
 * 3.1; RFC 9420 section 9.1). For property tests.
 */
import { sha256 } from '@noble/hashes/sha2.js';
import { toHex } from './bytes.ts';
import type { CipherSuite, CipherSuiteId, CryptoProvider, Hpke } from './provider.ts';

/** Not a CryptoError, so that nothing that expects a failed decryption takes it for one. */
export class NonceReuseError extends Error {
  override readonly name = 'NonceReuseError';
}

export interface CheckedProviderOptions {
  /** At least this many of the latest seals are remembered, in about 100 bytes each; default 1,000,000. */
  readonly capacity?: number;
}

export interface CheckedProvider extends CryptoProvider {
  /** Seals seen so far. */
  readonly sealed: number;
}

/**
 * `provider`, but sealing under a pair of key and nonce that was used before throws NonceReuseError, whichever suite or
 * member used it. An HPKE seal has the pair that its recipient, info and encapsulated key determine (RFC 9180 section
 * 5.1), so these three are what is compared. Keys are kept as hashes only. One provider a world: a second run from the same seed repeats
 * every seal.
 */
export function createCheckedProvider(
  provider: CryptoProvider,
  options: CheckedProviderOptions = {},
): CheckedProvider {
  const seen = new RecentSet(options.capacity ?? 1_000_000);
  const suites = new Map<CipherSuiteId, CipherSuite>();
  let sealed = 0;
  const record = (suite: CipherSuite, use: Use, ...parts: readonly Uint8Array[]): void => {
    sealed++;
    if (!seen.add(fingerprint(use, parts))) {
      const pair = use === 'AEAD' ? 'key and nonce' : 'encapsulated key, recipient and info';
      throw new NonceReuseError(
        `${use} seal ${sealed} of ${suite.name} repeats the ${pair} of an earlier one`,
      );
    }
  };
  return {
    name: provider.name,
    usage: provider.usage,
    get sealed() {
      return sealed;
    },
    suite: (id) => {
      let checked = suites.get(id);
      if (checked === undefined) {
        checked = checkSuite(provider.suite(id), record);
        suites.set(id, checked);
      }
      return checked;
    },
  };
}

type Use = 'AEAD' | 'HPKE';
type RecordSeal = (suite: CipherSuite, use: Use, ...parts: readonly Uint8Array[]) => void;

function checkSuite(suite: CipherSuite, record: RecordSeal): CipherSuite {
  const sealBase: Hpke['sealBase'] = (random, publicKey, info, aad, plaintext) => {
    const out = suite.hpke.sealBase(random, publicKey, info, aad, plaintext);
    record(suite, 'HPKE', out.kemOutput, publicKey, info);
    return out;
  };
  return {
    ...suite,
    aeadSeal: (key, nonce, aad, plaintext) => {
      record(suite, 'AEAD', key, nonce);
      return suite.aeadSeal(key, nonce, aad, plaintext);
    },
    hpke: { ...suite.hpke, sealBase },
  };
}

/** 16 bytes of SHA-256: a false alarm among 2^40 seals has one chance in 2^49. */
function fingerprint(use: Use, parts: readonly Uint8Array[]): string {
  const hash = sha256.create().update(Uint8Array.of(use === 'AEAD' ? 0 : 1));
  for (const part of parts) {
    hash.update(Uint8Array.of(part.length >> 16, part.length >> 8, part.length)).update(part);
  }
  return toHex(hash.digest().subarray(0, 16));
}

/** Two generations of at most `capacity` entries: when the younger is full it becomes the elder, which is forgotten. */
class RecentSet {
  private younger = new Set<string>();
  private elder = new Set<string>();
  private readonly capacity: number;

  constructor(capacity: number) {
    this.capacity = capacity;
  }

  /** False when `entry` is there already. */
  add(entry: string): boolean {
    if (this.younger.has(entry) || this.elder.has(entry)) return false;
    if (this.younger.size >= this.capacity) {
      this.elder = this.younger;
      this.younger = new Set();
    }
    this.younger.add(entry);
    return true;
  }
}
