/** Configuration tokens: what spares a phone off the bearer the next one-time password (docs/rcs-signalling.md 1.2). */
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';
import type { Clock, Random, Store } from '../../../stack/platform.ts';
import type { ConfigToken } from '../../../stack/rcs/config/vers.ts';
import type { Subscriber } from '../config.ts';
import { storeKey } from '../state/keys.ts';
import { readRecord, writeRecord } from '../state/record.ts';

/** A phone may miss the document with its newest token, so the ones before it hold too; the oldest go first. */
const PER_SUBSCRIBER = 4;

interface Entry {
  readonly digest: string;
  readonly until: number;
}

export class ConfigTokens {
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #lifetimeMs: number;
  readonly #store: Store;

  constructor(clock: Clock, store: Store, random: Random, lifetimeMs: number) {
    this.#clock = clock;
    this.#store = store;
    this.#random = random;
    this.#lifetimeMs = lifetimeMs;
  }

  issue({ msisdn }: Subscriber): ConfigToken {
    const value = bytesToHex(this.#random.bytes(16));
    const entry = { digest: digestOf(value), until: this.#clock.now() + this.#lifetimeMs };
    const entries = [...this.#of(msisdn), entry].slice(-PER_SUBSCRIBER);
    this.#store.set(storeKey('acs', 'token', msisdn), writeRecord({ entries }));
    return { value, validitySeconds: Math.floor(this.#lifetimeMs / 1_000) };
  }

  isValid({ msisdn }: Subscriber, token: string): boolean {
    const digest = digestOf(token);
    const now = this.#clock.now();
    return this.#of(msisdn).some((entry) => entry.digest === digest && entry.until > now);
  }

  /** Digests, so that what is kept is of no use to who reads it, and a look-up tells no time. */
  #of(msisdn: string): readonly Entry[] {
    const kept = this.#store.get(storeKey('acs', 'token', msisdn));
    return kept === undefined ? [] : readRecord<{ entries: readonly Entry[] }>(kept).data.entries;
  }
}

function digestOf(token: string): string {
  return bytesToHex(sha256(utf8ToBytes(token)));
}
