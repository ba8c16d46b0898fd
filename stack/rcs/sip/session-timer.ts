/** RFC 4028 section 10: the running session timer. */

import type { Clock } from '../../platform.ts';
import type { SessionInterval } from './session-expires.ts';
import { TimerSet } from './timers.ts';

export interface SessionTimerEvents {
  /** Half of the interval is over, and this side refreshes. */
  refresh(): void;
  /** No refresh came through in time: the session is to be ended. */
  expired(): void;
}

export class SessionTimer {
  readonly #timers: TimerSet;
  readonly #events: SessionTimerEvents;
  #agreed: { readonly seconds: number; readonly ours: boolean } | undefined;

  constructor(clock: Clock, events: SessionTimerEvents) {
    this.#timers = new TimerSet(clock);
    this.#events = events;
  }

  /** Seconds agreed on, and whether this side refreshes; undefined when the session doesn't expire. */
  get agreed(): { readonly seconds: number; readonly ours: boolean } | undefined {
    return this.#agreed;
  }

  /** A refresh went through, or the first agreement was made; `role` is this side's in that transaction. */
  restart(interval: SessionInterval | undefined, role: 'uac' | 'uas'): void {
    this.#timers.cancelAll();
    this.#agreed = interval && { seconds: interval.seconds, ours: interval.refresher === role };
    if (this.#agreed === undefined) return;
    const ms = this.#agreed.seconds * 1000;
    if (this.#agreed.ours) this.#timers.start('refresh', ms / 2, () => this.#events.refresh());
    this.#timers.start('expiry', ms - Math.min(32_000, ms / 3), () => this.#events.expired());
  }

  stop(): void {
    this.#timers.cancelAll();
    this.#agreed = undefined;
  }
}
