/** RFC 3262: provisional responses that are repeated until a PRACK confirms them, and the PRACKs of the other side. */

import type { Clock, Random } from '../../platform.ts';
import { header } from './headers.ts';
import type { IncomingRequest } from './incoming-request.ts';
import type { SipMessage, SipRequest } from './message.ts';
import { Retransmission } from './retransmission.ts';
import type { SipTimers } from './timers.ts';

/** Provisional responses that wait for the PRACK of the one before. */
const MOST_WAITING = 16;
const LAST_RSEQ = 2 ** 32 - 1;

export interface ReliableProvisionalsOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly timers: SipTimers;
  /** Of the INVITE. */
  readonly cseq: number;
  /** 64*T1 without a PRACK: the INVITE is to be refused with a 5xx (section 3). */
  onGivenUp(): void;
}

/** The server's side: one at a time, each with the next RSeq. */
export class ReliableProvisionals {
  readonly #options: ReliableProvisionalsOptions;
  readonly #waiting: ((rseq: number) => void)[] = [];
  #rseq: number;
  #current: Retransmission | undefined;
  #whenIdle: (() => void) | undefined;
  #closed = false;

  constructor(options: ReliableProvisionalsOptions) {
    this.#options = options;
    const [a, b, c] = options.random.bytes(3);
    // Section 3: a first number from 1 to 2^31 - 1, at random.
    this.#rseq = a! * 65_536 + b! * 256 + c!;
  }

  /** Sends when those before are confirmed; false when too many wait. */
  send(transmit: (rseq: number) => void): boolean {
    if (this.#closed || this.#waiting.length >= MOST_WAITING || this.#rseq >= LAST_RSEQ) return false;
    this.#waiting.push(transmit);
    this.#next();
    return true;
  }

  /** Answers a PRACK: 200 for the one that is out, else 481. Returns whether it confirmed. */
  receive(incoming: IncomingRequest): boolean {
    const [, rseq, cseq, method] =
      /^([0-9]{1,10})\s+([0-9]{1,10})\s+(\S+)$/.exec((header(incoming.request, 'RAck') ?? '').trim()) ?? [];
    const matches =
      this.#current !== undefined &&
      Number(rseq) === this.#rseq &&
      Number(cseq) === this.#options.cseq &&
      method === 'INVITE';
    incoming.respond(matches ? 200 : 481);
    if (!matches) return false;
    this.#current?.stop();
    this.#current = undefined;
    this.#next();
    return true;
  }

  /** Calls `then` once nothing waits for a PRACK: a 2xx must not overtake a provisional response with an offer. */
  whenIdle(then: () => void): void {
    if (this.#current === undefined && this.#waiting.length === 0) then();
    else this.#whenIdle = then;
  }

  close(): void {
    this.#closed = true;
    this.#current?.stop();
    this.#current = undefined;
    this.#waiting.length = 0;
    this.#whenIdle = undefined;
  }

  #next(): void {
    if (this.#current !== undefined) return;
    const transmit = this.#waiting.shift();
    if (transmit === undefined) {
      const idle = this.#whenIdle;
      this.#whenIdle = undefined;
      idle?.();
      return;
    }
    const { clock, timers, onGivenUp } = this.#options;
    const rseq = (this.#rseq += 1);
    this.#current = new Retransmission({ clock, timers, send: () => transmit(rseq), onGivenUp });
  }
}

/** The RSeq of a provisional response that asks for a PRACK; undefined for others. */
export function reliableSequence(response: SipMessage): number | undefined {
  const required = (header(response, 'Require') ?? '').toLowerCase().split(/[\s,]+/);
  const rseq = header(response, 'RSeq') ?? '';
  return required.includes('100rel') && /^[0-9]{1,10}$/.test(rseq) ? Number(rseq) : undefined;
}

/** The client's side of one early dialog: whether to send a PRACK for this RSeq now. */
export class ConfirmedSequence {
  #last: number | undefined;

  /** Only the first, and then each next; repetitions and gaps are dropped (section 4). */
  takes(rseq: number): boolean {
    if (this.#last !== undefined && rseq !== this.#last + 1) return false;
    this.#last = rseq;
    return true;
  }
}

/** Whether the client of an INVITE understands reliable provisional responses, or insists on them. */
export function reliability(invite: SipRequest): 'no' | 'supported' | 'required' {
  const has = (name: string): boolean =>
    invite.headers.some(
      (h) =>
        h.name.toLowerCase() === name &&
        h.value
          .toLowerCase()
          .split(/[\s,]+/)
          .includes('100rel'),
    );
  if (has('require')) return 'required';
  return has('supported') || has('k') ? 'supported' : 'no';
}
