import type { BusyPeriod } from './settings.ts';

/** Turns requests away with 503 while its period lasts. */
export class BusyGate {
  #period: BusyPeriod | undefined;
  #met = 0;

  constructor(period: BusyPeriod | undefined) {
    this.#period = period;
  }

  /** A new period, counted from now on; undefined ends the one there is. */
  set(period: BusyPeriod | undefined): void {
    this.#period = period;
    this.#met = 0;
  }

  /** The Retry-After value of a request that meets the period (RFC 9110 section 10.2.3). */
  refuse(now: number): string | undefined {
    const period = this.#period;
    if (period === undefined || (period.requests !== 'all' && this.#met >= period.requests)) return undefined;
    this.#met += 1;
    return retryAfter(now, period.retryAfterMs, period.form);
  }
}

export function retryAfter(now: number, waitMs: number, form: BusyPeriod['form'] = 'seconds'): string {
  return form === 'date' ? new Date(now + waitMs).toUTCString() : String(Math.ceil(waitMs / 1_000));
}
