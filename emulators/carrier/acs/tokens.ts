/** Configuration tokens: what spares a phone off the bearer the next one-time password (docs/rcs-signalling.md 1.2). */
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';
import type { Clock, Random } from '../../../stack/platform.ts';
import type { ConfigToken } from '../../../stack/rcs/config/vers.ts';
import type { Subscriber } from '../config.ts';

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
  /** By number. Digests, so that what is kept is of no use to who reads it, and a look-up tells no time. */
  readonly #entries = new Map<string, readonly Entry[]>();

  constructor(clock: Clock, random: Random, lifetimeMs: number) {
    this.#clock = clock;
    this.#random = random;
    this.#lifetimeMs = lifetimeMs;
  }

  issue({ msisdn }: Subscriber): ConfigToken {
    const value = bytesToHex(this.#random.bytes(16));
    const entry = { digest: digestOf(value), until: this.#clock.now() + this.#lifetimeMs };
    const before = this.#entries.get(msisdn) ?? [];
    this.#entries.set(msisdn, [...before, entry].slice(-PER_SUBSCRIBER));
    return { value, validitySeconds: Math.floor(this.#lifetimeMs / 1_000) };
  }

  isValid({ msisdn }: Subscriber, token: string): boolean {
    const digest = digestOf(token);
    const now = this.#clock.now();
    return (this.#entries.get(msisdn) ?? []).some((entry) => entry.digest === digest && entry.until > now);
  }
}

function digestOf(token: string): string {
  return bytesToHex(sha256(utf8ToBytes(token)));
}
