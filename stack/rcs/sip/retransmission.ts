/** RFC 3261 section 13.3.1.4 and RFC 3262 section 3: a response that is repeated end to end until the peer confirms it. */

import type { Clock } from '../../platform.ts';
import { type SipTimers, TimerSet } from './timers.ts';

export interface RetransmissionOptions {
  readonly clock: Clock;
  readonly timers: SipTimers;
  /** The longest pause, milliseconds; none for reliable provisional responses (RFC 3262 3). */
  readonly longest?: number;
  send(): void;
  /** 64*T1 went by without confirmation. */
  onGivenUp(): void;
}

export class Retransmission {
  readonly #timers: TimerSet;

  /** Sends at once, then after T1, doubling, over whatever transport: a proxy may have lost it. */
  constructor(options: RetransmissionOptions) {
    this.#timers = new TimerSet(options.clock);
    this.#timers.start('give up', 64 * options.timers.t1, () => {
      this.stop();
      options.onGivenUp();
    });
    this.#repeat(options, options.timers.t1);
    options.send();
  }

  stop(): void {
    this.#timers.cancelAll();
  }

  #repeat(options: RetransmissionOptions, pause: number): void {
    this.#timers.start('again', pause, () => {
      this.#repeat(options, Math.min(2 * pause, options.longest ?? Number.POSITIVE_INFINITY));
      options.send();
    });
  }
}
