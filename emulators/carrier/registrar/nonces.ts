/**
 * Nonces of digest challenges (RFC 7616 section 3.3): the time of issue and a MAC, so that a challenge costs no memory.
 * Only what was answered rightly is remembered, so that no answer counts twice.
 */
import { hmac } from '@noble/hashes/hmac.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';
import type { Clock, Random } from '../../../stack/platform.ts';

/** Nonces in use; when there are more, the oldest count as stale. */
const MOST = 100_000;
/** Hexadecimal digits of the time in milliseconds, of what makes two of one moment different, and of the MAC. */
const FORM = /^([0-9a-f]{12})([0-9a-f]{8})([0-9a-f]{32})$/;

interface Used {
  readonly issuedAt: number;
  count: number;
}

export class Nonces {
  readonly #clock: Clock;
  readonly #lifeMs: number;
  readonly #most: number;
  readonly #key: Uint8Array;
  readonly #used = new Map<string, Used>();
  #issued = 0;
  /** What was issued up to then is stale: its counts may be forgotten. */
  #horizon = 0;

  constructor(clock: Clock, random: Random, lifeMs: number, most = MOST) {
    this.#most = most;
    this.#clock = clock;
    this.#lifeMs = lifeMs;
    this.#key = random.bytes(32);
  }

  issue(): string {
    this.#issued = (this.#issued + 1) % 2 ** 32;
    const stamp = hex(this.#clock.now(), 12) + hex(this.#issued, 8);
    return stamp + this.#mac(stamp);
  }

  /** Whether `nonce` is of here, not too old, and used with a higher count than ever before. */
  accept(nonce: string, count: number): boolean {
    const [, time, serial, mac] = FORM.exec(nonce) ?? [];
    if (time === undefined || mac !== this.#mac(time + serial)) return false;
    const issuedAt = Number.parseInt(time, 16);
    if (issuedAt <= this.#horizon || issuedAt + this.#lifeMs <= this.#clock.now()) return false;
    const used = this.#used.get(nonce) ?? { issuedAt, count: 0 };
    if (count <= used.count) return false;
    used.count = count;
    this.#used.set(nonce, used);
    if (this.#used.size > this.#most) this.#forgetOldest();
    return true;
  }

  #forgetOldest(): void {
    const [nonce, { issuedAt }] = this.#used.entries().next().value!;
    this.#used.delete(nonce);
    this.#horizon = Math.max(this.#horizon, issuedAt);
  }

  #mac(stamp: string): string {
    return bytesToHex(hmac(sha256, this.#key, utf8ToBytes(stamp)).subarray(0, 16));
  }
}

function hex(value: number, digits: number): string {
  return value.toString(16).padStart(digits, '0');
}
