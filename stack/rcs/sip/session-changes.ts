/** RFC 3261 section 14 and RFC 3311: changing and refreshing a session from either side, one change at a time. */

import { type AgentCore, cseqNumber, isSuccess, unsent } from './agent-core.ts';
import type { SipResult } from './client-transactions.ts';
import type { Dialog, RequestParts } from './dialog.ts';
import { glareBackoff, retryAfterSeconds } from './glare.ts';
import { canonicalName } from './header-names.ts';
import { headerValues } from './headers.ts';
import type { IncomingRequest } from './incoming-request.ts';
import type { SipHeader, SipMessage, SipRequest } from './message.ts';
import {
  agreedInterval,
  askedInterval,
  decideAsServer,
  refusedBelow,
  type ServerTimerDecision,
} from './session-expires.ts';
import type { SessionTimer } from './session-timer.ts';
import { TimerSet } from './timers.ts';

/** What this side says to an offered change. */
export interface ChangeAnswer {
  readonly status: number;
  readonly headers?: readonly SipHeader[];
  readonly body?: Uint8Array;
}

export interface SessionChangesOptions {
  readonly dialog: Dialog;
  readonly timer: SessionTimer;
  /** This side's last offer or answer, with its Content-Type. */
  readonly localBody: RequestParts;
  readonly remoteBody: Uint8Array;
  readonly minSe: number;
  readonly peerTakesUpdate: boolean;
  readonly onOffer: ((incoming: IncomingRequest) => ChangeAnswer | Promise<ChangeAnswer>) | undefined;
  acknowledge(seq: number): void;
  sendSuccess(incoming: IncomingRequest, send: () => void): void;
  /** The session cannot go on. */
  giveUp(why: string): void;
}

interface Asked {
  readonly method: 'INVITE' | 'UPDATE';
  readonly parts: RequestParts;
  readonly resolve: (result: SipResult) => void;
  attempts: number;
}

/** A 491 or 422 is answered by another try, at most so often. */
const MOST_ATTEMPTS = 10;
/** Changes that wait for their turn. */
const MOST_WAITING = 16;

export class SessionChanges {
  readonly #core: AgentCore;
  readonly #options: SessionChangesOptions;
  readonly #timers: TimerSet;
  readonly #waiting: Asked[] = [];
  #running: Asked | undefined;
  /** The running change has been refused with 491 and waits to be sent again. */
  #backingOff = false;
  #serving: IncomingRequest | undefined;
  /** The 2xx to a re-INVITE of the peer waits for its ACK. */
  #unacknowledged = false;
  #localBody: RequestParts;
  #remoteBody: Uint8Array;
  #minSe: number;
  #closed = false;

  constructor(core: AgentCore, options: SessionChangesOptions) {
    this.#core = core;
    this.#options = options;
    this.#timers = new TimerSet(core.clock);
    this.#localBody = options.localBody;
    this.#remoteBody = options.remoteBody;
    this.#minSe = options.minSe;
  }

  change(method: 'INVITE' | 'UPDATE', parts: RequestParts): Promise<SipResult> {
    if (this.#closed || this.#waiting.length >= MOST_WAITING) return Promise.resolve(unsent(503));
    return new Promise((resolve) => {
      this.#waiting.push({ method, parts, resolve, attempts: 0 });
      this.#next();
    });
  }

  /** RFC 4028 10: by UPDATE without a body where the peer takes it, else by a re-INVITE with the offer unchanged. */
  async refresh(): Promise<void> {
    if (this.#options.peerTakesUpdate) await this.change('UPDATE', {});
    else await this.change('INVITE', this.#localBody);
  }

  /** A re-INVITE. `unacknowledged`: the 2xx to the INVITE before it has no ACK yet. Throws SipParseError. */
  receiveInvite(incoming: IncomingRequest, unacknowledged: boolean): void {
    // RFC 3261 14.2; RFC 5407 3.1.4 for one that overtook the ACK.
    const ownIsOut = this.#running?.method === 'INVITE' && !this.#backingOff;
    if (ownIsOut || unacknowledged) incoming.respond(491);
    else this.#begin(incoming);
  }

  /** Throws SipParseError. */
  receiveUpdate(incoming: IncomingRequest): void {
    const offerIsOut = this.#running !== undefined && !this.#backingOff;
    // RFC 3311 5.2: an offer of this side is on its way.
    if (incoming.request.body.length > 0 && offerIsOut) incoming.respond(491);
    else this.#begin(incoming);
  }

  /** The ACK of the 2xx to a re-INVITE; it carries the answer when the 2xx carried the offer. */
  acknowledged(ack: SipRequest): void {
    if (ack.body.length > 0) this.#remoteBody = ack.body;
    this.#unacknowledged = false;
    this.#next();
  }

  close(): void {
    this.#closed = true;
    this.#timers.cancelAll();
    const open = [...this.#waiting.splice(0), ...(this.#running === undefined ? [] : [this.#running])];
    for (const { resolve } of open) resolve(unsent(481, 'The session is over'));
    // 15.1.2: requests that wait for an answer when the BYE comes get 487.
    const serving = this.#stopServing();
    serving?.respond(487);
  }

  #next(): void {
    const busy = this.#running !== undefined || this.#serving !== undefined || this.#unacknowledged;
    if (this.#closed || busy) return;
    this.#running = this.#waiting.shift();
    if (this.#running !== undefined) void this.#attempt(this.#running);
  }

  async #attempt(asked: Asked): Promise<void> {
    const { dialog, acknowledge } = this.#options;
    this.#backingOff = false;
    asked.attempts += 1;
    const request = dialog.request(asked.method, { ...asked.parts, headers: this.#headers(asked) });
    const result = await this.#core.request(dialog, request, {
      onResponse: (response) => {
        if (!isSuccess(response.status)) return;
        dialog.refreshTarget(response);
        if (asked.method === 'INVITE') acknowledge(cseqNumber(response));
      },
    });
    if (this.#closed) return;
    if (asked.attempts < MOST_ATTEMPTS && this.#triesAgain(asked, result)) return;
    this.#running = undefined;
    this.#conclude(asked, result);
    asked.resolve(result);
    this.#next();
  }

  #triesAgain(asked: Asked, result: SipResult): boolean {
    if (result.status === 422) {
      const least = refusedBelow(result);
      if (least <= this.#minSe) return false;
      this.#minSe = least;
      void this.#attempt(asked);
      return true;
    }
    if (result.status !== 491) return false;
    this.#backingOff = true;
    const pause = glareBackoff(this.#core.random, this.#options.dialog.ownsCallId);
    this.#timers.start('glare', pause, () => this.#resume(asked));
    return true;
  }

  /** After the pause: unless the peer's own change is being served, which goes first. */
  #resume(asked: Asked): void {
    if (this.#serving === undefined && !this.#unacknowledged) {
      void this.#attempt(asked);
      return;
    }
    this.#running = undefined;
    this.#backingOff = false;
    this.#waiting.unshift(asked);
  }

  #conclude({ method, parts }: Asked, result: SipResult): void {
    const { timer, giveUp } = this.#options;
    if (isSuccess(result.status)) {
      if (parts.body !== undefined && parts.body.length > 0) this.#localBody = parts;
      if (result.body.length > 0) this.#remoteBody = result.body;
      timer.restart(agreedInterval(result), 'uac');
      // 12.2.1.2 for both; RFC 4028 10 for a refresh.
    } else if (result.status === 481 || result.status === 408) giveUp(`${result.status} to ${method}`);
  }

  #headers({ parts }: Asked): SipHeader[] {
    const { agreed } = this.#options.timer;
    const refresher = agreed?.ours === false ? 'uas' : 'uac';
    const interval = agreed && ({ seconds: agreed.seconds, refresher } as const);
    const timing: SipHeader[] = [
      { name: 'Supported', value: 'timer' },
      ...askedInterval(interval, this.#minSe),
    ];
    return [this.#core.contact, ...timing, ...(parts.headers ?? [])];
  }

  #begin(incoming: IncomingRequest): void {
    if (this.#serving !== undefined) {
      const seconds = retryAfterSeconds(this.#core.random);
      incoming.respond(500, { headers: [{ name: 'Retry-After', value: String(seconds) }] });
      return;
    }
    const timing = decideAsServer(incoming.request, { minSe: this.#minSe });
    if (timing.kind === 'too-short') {
      incoming.respond(422, { headers: timing.headers });
      return;
    }
    this.#serving = incoming;
    this.#core.onCancel(incoming, () => {
      this.#stopServing()?.respond(487);
      this.#next();
    });
    void this.#serve(incoming, timing);
  }

  async #serve(incoming: IncomingRequest, timing: ServerTimerDecision): Promise<void> {
    const answer = await this.#answerTo(incoming);
    if (this.#serving !== incoming) return;
    this.#stopServing();
    if (isSuccess(answer.status)) this.#accept(incoming, answer, timing);
    else incoming.respond(answer.status, answer);
    this.#next();
  }

  #accept(incoming: IncomingRequest, answer: ChangeAnswer, timing: ServerTimerDecision): void {
    const { request } = incoming;
    const { dialog, timer, sendSuccess } = this.#options;
    const agreed = timing.kind === 'agreed' ? timing : undefined;
    const { status, body, headers = [] } = answer;
    dialog.refreshTarget(request);
    timer.restart(agreed?.interval, 'uas');
    if (request.body.length > 0) this.#remoteBody = request.body;
    if (body !== undefined && body.length > 0) {
      const type = headers.filter(({ name }) => canonicalName(name) === 'content-type');
      this.#localBody = { headers: type, body };
    }
    const all = [this.#core.contact, ...(agreed?.headers ?? []), ...headers];
    const send = (): void => incoming.respond(status, { headers: all, ...(body !== undefined && { body }) });
    if (request.method === 'UPDATE') return send();
    this.#unacknowledged = true;
    sendSuccess(incoming, send);
  }

  /** Without a handler: the same session again is fine, another is not (488, the session goes on as it was). */
  #answerTo(incoming: IncomingRequest): ChangeAnswer | Promise<ChangeAnswer> {
    const { method, body } = incoming.request;
    if (method === 'UPDATE' && body.length === 0) return { status: 200 };
    if (this.#options.onOffer !== undefined) return this.#options.onOffer(incoming);
    const unchanged = body.length === 0 || sameBytes(body, this.#remoteBody);
    return unchanged ? { status: 200, ...this.#localBody } : { status: 488 };
  }

  #stopServing(): IncomingRequest | undefined {
    const serving = this.#serving;
    this.#serving = undefined;
    if (serving !== undefined) this.#core.onCancel(serving, undefined);
    return serving;
  }
}

/** Whether Allow names UPDATE (RFC 3311 5.1). */
export function takesUpdate(message: SipMessage): boolean {
  return headerValues(message, 'Allow').includes('UPDATE');
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((octet, index) => octet === b[index]);
}
