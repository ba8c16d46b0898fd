import { bytesToHex } from '@noble/hashes/utils.js';
import type { Random } from '../../../stack/platform.ts';

/** Bearer tokens that the ACS hands out and the KDS knows again; one for each subscriber. */
export class KdsTokens {
  readonly #random: Random;
  readonly #byNumber = new Map<string, string>();
  readonly #byToken = new Map<string, string>();

  constructor(random: Random) {
    this.#random = random;
  }

  tokenOf(msisdn: string): string {
    const existing = this.#byNumber.get(msisdn);
    if (existing !== undefined) return existing;
    const token = bytesToHex(this.#random.fork(msisdn).bytes(16));
    this.#byNumber.set(msisdn, token);
    this.#byToken.set(token, msisdn);
    return token;
  }

  /** Whose token this is; only tokens that were handed out count. */
  msisdnOf(token: string): string | undefined {
    return this.#byToken.get(token);
  }
}
