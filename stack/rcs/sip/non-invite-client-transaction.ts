/** RFC 3261 section 17.1.2: the non-INVITE client transaction, figure 6. */

import type { SipResponse } from './message.ts';
import { TimerSet } from './timers.ts';
import type { ClientTransaction, ClientTransactionOptions } from './transaction.ts';

export class NonInviteClientTransaction implements ClientTransaction {
  readonly #options: ClientTransactionOptions;
  readonly #timers: TimerSet;
  #state: 'trying' | 'proceeding' | 'completed' | 'terminated' = 'trying';
  #intervalE: number;

  /** Sends the request. */
  constructor(options: ClientTransactionOptions) {
    this.#options = options;
    this.#timers = new TimerSet(options.clock);
    this.#intervalE = options.timers.t1;
    this.#timers.start('F', 64 * options.timers.t1, () => {
      this.#terminate();
      options.onTimeout();
    });
    if (!options.reliable) this.#startTimerE();
    options.send(options.request);
  }

  get state(): string {
    return this.#state;
  }

  receive(response: SipResponse): void {
    if (this.#state !== 'trying' && this.#state !== 'proceeding') return;
    if (response.status < 200) this.#state = 'proceeding';
    else this.#complete();
    this.#options.onResponse(response);
  }

  transportFailed(): void {
    if (this.#state === 'terminated') return;
    const waiting = this.#state !== 'completed';
    this.#terminate();
    if (waiting) this.#options.onTransportFailure();
  }

  abandon(): void {
    this.#timers.cancelAll();
    this.#state = 'terminated';
  }

  #startTimerE(): void {
    const { timers, request, send } = this.#options;
    this.#timers.start('E', this.#intervalE, () => {
      this.#intervalE = this.#state === 'proceeding' ? timers.t2 : Math.min(2 * this.#intervalE, timers.t2);
      this.#startTimerE();
      send(request);
    });
  }

  #complete(): void {
    const { reliable, timers } = this.#options;
    this.#timers.cancelAll();
    this.#state = 'completed';
    if (reliable) this.#terminate();
    else this.#timers.start('K', timers.t4, () => this.#terminate());
  }

  #terminate(): void {
    this.abandon();
    this.#options.onTerminated();
  }
}
