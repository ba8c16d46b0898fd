import { bytesToHex } from '@noble/hashes/utils.js';
import type { Clock, Random } from '../../../stack/platform.ts';

const LIFE_MS = 5 * 60_000;
const LIMIT = 10_000;

/** Challenges given out (RFC 7616 section 3.3) and how often each was answered, so that no answer counts twice. */
export class Nonces {
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #issued = new Map<string, { readonly expiresAt: number; count: number }>();

  constructor(clock: Clock, random: Random) {
    this.#clock = clock;
    this.#random = random;
  }

  issue(): string {
    const nonce = bytesToHex(this.#random.bytes(16));
    this.#issued.set(nonce, { expiresAt: this.#clock.now() + LIFE_MS, count: 0 });
    if (this.#issued.size > LIMIT) this.#issued.delete(this.#issued.keys().next().value!);
    return nonce;
  }

  /** Whether `nonce` is of here, not too old, and used with a higher count than ever before. */
  accept(nonce: string, count: number): boolean {
    const entry = this.#issued.get(nonce);
    if (entry === undefined || entry.expiresAt <= this.#clock.now() || count <= entry.count) return false;
    entry.count = count;
    return true;
  }
}
