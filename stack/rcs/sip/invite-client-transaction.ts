/** RFC 3261 section 17.1.1, with the Accepted state and Timer M of RFC 6026 section 7.2: the INVITE client transaction. */

import type { SipRequest, SipResponse } from './message.ts';
import { makeAck } from './responses.ts';
import { TimerSet, timerD } from './timers.ts';
import type { ClientTransaction, ClientTransactionOptions } from './transaction.ts';

export class InviteClientTransaction implements ClientTransaction {
  readonly #options: ClientTransactionOptions;
  readonly #timers: TimerSet;
  #state: 'calling' | 'proceeding' | 'completed' | 'accepted' | 'terminated' = 'calling';
  #intervalA: number;
  #ack: SipRequest | undefined;

  /** Sends the INVITE. */
  constructor(options: ClientTransactionOptions) {
    this.#options = options;
    this.#timers = new TimerSet(options.clock);
    this.#intervalA = options.timers.t1;
    this.#timers.start('B', 64 * options.timers.t1, () => {
      this.#terminate();
      options.onTimeout();
    });
    if (!options.reliable) this.#startTimerA();
    options.send(options.request);
  }

  get state(): string {
    return this.#state;
  }

  receive(response: SipResponse): void {
    if (this.#state === 'calling' || this.#state === 'proceeding') this.#receiveBeforeFinal(response);
    else if (this.#state === 'accepted' && response.status >= 200 && response.status < 300) {
      this.#options.onResponse(response);
    } else if (this.#state === 'completed' && response.status >= 300) this.#sendAck();
  }

  transportFailed(): void {
    if (this.#state === 'terminated') return;
    const waiting = this.#state === 'calling' || this.#state === 'proceeding';
    this.#terminate();
    if (waiting) this.#options.onTransportFailure();
  }

  abandon(): void {
    this.#timers.cancelAll();
    this.#state = 'terminated';
  }

  #receiveBeforeFinal(response: SipResponse): void {
    const { timers, reliable, request, onResponse } = this.#options;
    this.#timers.cancelAll();
    if (response.status < 200) this.#state = 'proceeding';
    else if (response.status < 300) {
      this.#state = 'accepted';
      this.#timers.start('M', 64 * timers.t1, () => this.#terminate());
    } else {
      this.#state = 'completed';
      this.#ack = makeAck(request, response);
      this.#sendAck();
      // The state may have gone on: the transport can fail while the ACK is handed to it.
      if (this.#state !== 'completed') return;
      if (reliable) this.#terminate();
      else this.#timers.start('D', timerD(timers), () => this.#terminate());
    }
    onResponse(response);
  }

  #sendAck(): void {
    if (this.#ack !== undefined) this.#options.send(this.#ack);
  }

  /** Unlike Timer E it doubles without an upper bound (17.1.1.2). */
  #startTimerA(): void {
    this.#timers.start('A', this.#intervalA, () => {
      this.#intervalA *= 2;
      this.#startTimerA();
      this.#options.send(this.#options.request);
    });
  }

  #terminate(): void {
    this.abandon();
    this.#options.onTerminated();
  }
}
