/** RFC 3261 section 17 table 4: the base times, and named timers that end together. */

import type { Clock, Timer } from '../../platform.ts';

export interface SipTimers {
  /** Round-trip estimate, milliseconds. */
  readonly t1: number;
  /** Longest retransmission interval of non-INVITE requests and INVITE responses, milliseconds. */
  readonly t2: number;
  /** Longest time a message stays in the network, milliseconds. */
  readonly t4: number;
}

export const DEFAULT_TIMERS: SipTimers = { t1: 500, t2: 4000, t4: 5000 };

/** Timer D over UDP: at least 32 s (RFC 3261 17.1.1.2). */
export function timerD(timers: SipTimers): number {
  return Math.max(32_000, 64 * timers.t1);
}

/** The running timers of one transaction, by their letter. */
export class TimerSet {
  readonly #clock: Clock;
  readonly #running = new Map<string, Timer>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Starts the timer, or starts it anew. */
  start(letter: string, delayMs: number, fire: () => void): void {
    this.cancel(letter);
    const timer = this.#clock.setTimer(delayMs, () => {
      this.#running.delete(letter);
      fire();
    });
    this.#running.set(letter, timer);
  }

  cancel(...letters: string[]): void {
    for (const letter of letters) {
      this.#running.get(letter)?.cancel();
      this.#running.delete(letter);
    }
  }

  cancelAll(): void {
    this.cancel(...this.#running.keys());
  }
}
