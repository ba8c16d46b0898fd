import { bytesToHex } from '@noble/hashes/utils.js';
import type { Random, Store } from '../../../stack/platform.ts';
import { keyParts, storeKey } from '../state/keys.ts';

/** Bearer tokens that the ACS hands out and the KDS knows again; one for each subscriber. */
export class KdsTokens {
  readonly #random: Random;
  readonly #store: Store;
  readonly #byNumber = new Map<string, string>();
  readonly #byToken = new Map<string, string>();

  constructor(random: Random, store: Store) {
    this.#random = random;
    this.#store = store;
    for (const key of store.keys('kds/token/')) {
      this.#know(keyParts(key)[2]!, new TextDecoder().decode(store.get(key)));
    }
  }

  tokenOf(msisdn: string): string {
    const existing = this.#byNumber.get(msisdn);
    if (existing !== undefined) return existing;
    const token = bytesToHex(this.#random.fork(msisdn).bytes(16));
    this.#store.set(storeKey('kds', 'token', token), new TextEncoder().encode(msisdn));
    this.#know(token, msisdn);
    return token;
  }

  /** Whose token this is; only tokens that were handed out count. */
  msisdnOf(token: string): string | undefined {
    return this.#byToken.get(token);
  }

  #know(token: string, msisdn: string): void {
    this.#byNumber.set(msisdn, token);
    this.#byToken.set(token, msisdn);
  }
}
