import type { Clock } from '../../../stack/platform.ts';
import type { SipFlow } from '../../../stack/rcs/sip/endpoint.ts';

/** Requests left now; it fills up to one second's worth. */
interface Bucket {
  left: number;
  at: number;
}

interface Rates {
  readonly all: number;
  readonly flow: number;
}

/** How many requests a second are taken, of one flow and of all: token buckets that hold one second's worth. */
export class RequestRates {
  readonly #clock: Clock;
  readonly #rates: () => Rates;
  readonly #all: Bucket;
  readonly #flows = new WeakMap<SipFlow, Bucket>();

  /** `rates` are asked for each time: they may change. */
  constructor(clock: Clock, rates: () => Rates) {
    this.#clock = clock;
    this.#rates = rates;
    this.#all = { left: rates().all, at: clock.now() };
  }

  /** Whether one more request of this flow is taken now. */
  admit(flow: SipFlow): boolean {
    const now = this.#clock.now();
    const rates = this.#rates();
    let own = this.#flows.get(flow);
    if (own === undefined) this.#flows.set(flow, (own = { left: rates.flow, at: now }));
    fill(own, rates.flow, now);
    fill(this.#all, rates.all, now);
    if (own.left < 1 || this.#all.left < 1) return false;
    own.left -= 1;
    this.#all.left -= 1;
    return true;
  }
}

function fill(bucket: Bucket, rate: number, now: number): void {
  bucket.left = Math.min(rate, bucket.left + ((now - bucket.at) * rate) / 1_000);
  bucket.at = now;
}
