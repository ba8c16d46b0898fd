/** RFC 3261 section 17.2.1, with the Accepted state and Timer L of RFC 6026 section 7.1: the INVITE server transaction. */

import type { SipRequest, SipResponse } from './message.ts';
import { makeResponse } from './responses.ts';
import { TimerSet } from './timers.ts';
import type { ServerTransaction, ServerTransactionOptions } from './transaction.ts';

/** Milliseconds after which the transaction itself sends 100 (17.2.1). */
const TRYING_AFTER = 200;

export class InviteServerTransaction implements ServerTransaction {
  readonly #options: ServerTransactionOptions;
  readonly #timers: TimerSet;
  #state: 'proceeding' | 'completed' | 'confirmed' | 'accepted' | 'terminated' = 'proceeding';
  #last: SipResponse | undefined;
  #intervalG: number;

  constructor(options: ServerTransactionOptions) {
    this.#options = options;
    this.#timers = new TimerSet(options.clock);
    this.#intervalG = options.timers.t1;
    this.#timers.start('100', TRYING_AFTER, () => this.respond(makeResponse(options.request, 100)));
  }

  get state(): string {
    return this.#state;
  }

  receive(request: SipRequest): void {
    if (request.method === 'ACK') this.#receiveAck(request);
    else if (this.#last !== undefined && (this.#state === 'proceeding' || this.#state === 'completed')) {
      this.#options.send(this.#last);
    }
  }

  /** In the Accepted state the user's own 2xx retransmissions pass too (RFC 6026 8.7). */
  respond(response: SipResponse): boolean {
    const isSuccess = response.status >= 200 && response.status < 300;
    if (this.#state === 'accepted' && isSuccess) {
      this.#options.send(response);
      return true;
    }
    if (this.#state !== 'proceeding') return false;
    const { timers, send } = this.#options;
    this.#timers.cancel('100');
    this.#last = response;
    if (isSuccess) {
      this.#state = 'accepted';
      this.#timers.start('L', 64 * timers.t1, () => this.#terminate());
    } else if (response.status >= 300) this.#complete();
    send(response);
    return true;
  }

  transportFailed(): void {
    if (this.#state !== 'terminated') this.#terminate();
  }

  abandon(): void {
    this.#timers.cancelAll();
    this.#state = 'terminated';
  }

  #receiveAck(ack: SipRequest): void {
    if (this.#state === 'accepted') this.#options.onAck?.(ack);
    if (this.#state !== 'completed') return;
    this.#timers.cancelAll();
    this.#state = 'confirmed';
    if (this.#options.reliable) this.#terminate();
    else this.#timers.start('I', this.#options.timers.t4, () => this.#terminate());
  }

  #complete(): void {
    const { timers, reliable, onNoAck } = this.#options;
    this.#state = 'completed';
    this.#timers.start('H', 64 * timers.t1, () => {
      this.#terminate();
      onNoAck?.();
    });
    if (!reliable) this.#startTimerG();
  }

  #startTimerG(): void {
    const { timers, send } = this.#options;
    this.#timers.start('G', this.#intervalG, () => {
      this.#intervalG = Math.min(2 * this.#intervalG, timers.t2);
      this.#startTimerG();
      if (this.#last !== undefined) send(this.#last);
    });
  }

  #terminate(): void {
    this.abandon();
    this.#options.onTerminated();
  }
}
