/** RFC 3261 section 17.2.2: the non-INVITE server transaction, figure 8. */

import type { SipRequest, SipResponse } from './message.ts';
import { type SipTimers, TimerSet } from './timers.ts';
import type { ServerTransaction, ServerTransactionOptions } from './transaction.ts';

export class NonInviteServerTransaction implements ServerTransaction {
  readonly #sipTimers: SipTimers;
  readonly #reliable: boolean;
  readonly #send: ServerTransactionOptions['send'];
  readonly #onTerminated: () => void;
  readonly #timers: TimerSet;
  #state: 'trying' | 'proceeding' | 'completed' | 'terminated' = 'trying';
  /** All that is kept of the last response: over UDP there are many, for 32 s each. */
  #sendAgain: (() => void) | undefined;

  constructor(options: ServerTransactionOptions) {
    this.#sipTimers = options.timers;
    this.#reliable = options.reliable;
    this.#send = options.send;
    this.#onTerminated = options.onTerminated;
    this.#timers = new TimerSet(options.clock);
    // Not in 17.2.2: after the client's Timer F no answer is of use, and RFC 4320 4.2 forbids to send one.
    this.#timers.start('F', 64 * options.timers.t1, () => this.#terminate());
  }

  get state(): string {
    return this.#state;
  }

  receive(_again: SipRequest): void {
    if (this.#state !== 'terminated') this.#sendAgain?.();
  }

  respond(response: SipResponse): boolean {
    if (this.#state !== 'trying' && this.#state !== 'proceeding') return false;
    this.#state = response.status < 200 ? 'proceeding' : 'completed';
    this.#sendAgain = this.#send(response);
    if (response.status < 200 || this.state !== 'completed') return true;
    this.#timers.cancelAll();
    if (this.#reliable) this.#terminate();
    else this.#timers.start('J', 64 * this.#sipTimers.t1, () => this.#terminate());
    return true;
  }

  transportFailed(): void {
    if (this.#state !== 'terminated') this.#terminate();
  }

  abandon(): void {
    this.#timers.cancelAll();
    this.#state = 'terminated';
  }

  #terminate(): void {
    this.abandon();
    this.#onTerminated();
  }
}
