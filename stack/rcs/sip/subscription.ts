/** RFC 6665 section 4.1: the subscriber's side, from SUBSCRIBE (or REFER, RFC 3515) to the last NOTIFY. */

import { NetworkError } from '../../platform.ts';
import { type AgentCore, cseqNumber, isSuccess, unsent } from './agent-core.ts';
import type { SipResult, SipTarget } from './client-transactions.ts';
import { Dialog } from './dialog.ts';
import { type DialogUsage, tagOf } from './dialog-table.ts';
import {
  type EventType,
  parseEvent,
  parseSubscriptionState,
  type SubscriptionState,
  sameEvent,
  writeEvent,
} from './event-header.ts';
import { grantedExpires, refreshAfterMs } from './expires.ts';
import { header, setHeader } from './headers.ts';
import type { IncomingRequest } from './incoming-request.ts';
import type { SipHeader, SipRequest } from './message.ts';
import { SipParseError } from './parse-error.ts';
import { TimerSet } from './timers.ts';

export interface Notification {
  readonly request: SipRequest;
  readonly state: SubscriptionState;
}

/** How it ended: by a NOTIFY that says so; refused by a final response; in silence (Timer N, 481, no refresh). */
export type SubscriptionEnd =
  | { readonly kind: 'terminated'; readonly state: SubscriptionState }
  | { readonly kind: 'refused'; readonly response: SipResult }
  | { readonly kind: 'silence'; readonly why: string };

export interface SubscriptionParts {
  /** The SUBSCRIBE or REFER, complete but for Contact, Event and Expires. */
  readonly request: SipRequest;
  readonly target: SipTarget;
  readonly event: EventType;
  /** Seconds asked for; 0 fetches once. */
  readonly expires: number;
  /** For refreshes besides Event, Expires and Contact: Accept. */
  readonly headers: readonly SipHeader[];
  /** The dialog that the request belongs to, when it isn't to make one. */
  readonly dialog?: Dialog;
  /** Returns the status to answer when it isn't 200: 400, 415 for a body that can't be used. */
  onNotify(notification: Notification): number | undefined;
}

/** 423s that are followed. */
const MOST_ATTEMPTS = 3;

export class Subscription implements DialogUsage {
  /** Resolves once. */
  readonly ended: Promise<SubscriptionEnd>;
  /** Resolves with the final response to the first request. */
  readonly answered: Promise<SipResult>;
  readonly #core: AgentCore;
  readonly #parts: SubscriptionParts;
  readonly #timers: TimerSet;
  readonly #settle: (end: SubscriptionEnd) => void;
  readonly #key: { readonly callId: string; readonly tag: string };
  #dialog: Dialog | undefined;
  #request: SipRequest;
  #expires: number;
  #leaving = false;
  #over = false;

  constructor(core: AgentCore, parts: SubscriptionParts) {
    const { promise, resolve } = Promise.withResolvers<SubscriptionEnd>();
    this.ended = promise;
    this.#settle = resolve;
    this.#core = core;
    this.#parts = parts;
    this.#timers = new TimerSet(core.clock);
    this.#expires = parts.expires;
    this.#leaving = parts.expires === 0 && parts.request.method === 'SUBSCRIBE';
    this.#dialog = parts.dialog;
    this.#request = this.#subscribeHeaders().reduce(
      (made, { name, value }) => setHeader(made, name, value),
      parts.request,
    );
    this.#key = { callId: header(parts.request, 'Call-ID') ?? '', tag: tagOf(parts.request, 'From') ?? '' };
    if (parts.dialog === undefined) this.#expectFirst((incoming) => this.#takeFirst(incoming));
    else core.dialogs.add(parts.dialog, this);
    this.#startTimerN();
    core.began(this);
    this.answered = this.#subscribe();
  }

  get isOver(): boolean {
    return this.#over;
  }

  /** Asks for a fresh NOTIFY now, and for another term. */
  async refresh(): Promise<void> {
    const dialog = this.#dialog;
    if (this.#over || dialog === undefined || this.#leaving) return;
    const result = await this.#core.request(
      dialog,
      dialog.request('SUBSCRIBE', { headers: this.#refreshHeaders() }),
    );
    if (this.#over) return;
    const least = grantedExpires(result, 'Min-Expires');
    if (isSuccess(result.status)) this.#granted(grantedExpires(result) ?? this.#expires);
    else if (result.status === 481) this.#end({ kind: 'silence', why: '481 to a refresh' });
    else if (result.status === 423 && least !== undefined && least > this.#expires) {
      this.#expires = least;
      await this.refresh();
    }
    // 4.1.2.2: after any other refusal it lasts as long as it was granted.
  }

  /** Ends it (4.1.2.3): resolves when the last NOTIFY has come, or won't. */
  async unsubscribe(): Promise<SubscriptionEnd> {
    if (this.#over || this.#leaving) return this.ended;
    this.#leaving = true;
    this.#expires = 0;
    this.#timers.cancel('refresh');
    if (this.#dialog === undefined) await this.answered;
    const dialog = this.#dialog;
    if (this.#over || dialog === undefined) return this.ended;
    this.#startTimerN();
    const result = await this.#core.request(
      dialog,
      dialog.request('SUBSCRIBE', { headers: this.#refreshHeaders() }),
    );
    if (!isSuccess(result.status)) this.#end({ kind: 'refused', response: result });
    return this.ended;
  }

  receive(incoming: IncomingRequest): boolean {
    const { request } = incoming;
    if (request.method !== 'NOTIFY' || !this.#isAbout(parseEvent(header(request, 'Event')))) return false;
    const state = parseSubscriptionState(header(request, 'Subscription-State'));
    this.#timers.cancel('N');
    this.#dialog?.refreshTarget(request);
    const status = this.#parts.onNotify({ request, state }) ?? 200;
    incoming.respond(status);
    if (state.phase === 'terminated') this.#end({ kind: 'terminated', state });
    else if (state.expires !== undefined && !this.#leaving) this.#granted(state.expires);
    else if (this.#leaving) this.#startTimerN();
    return true;
  }

  /** RFC 3515 2.4.6: the first REFER of a dialog may be named by its CSeq number, or not at all. */
  #isAbout(event: EventType): boolean {
    if (sameEvent(event, this.#parts.event)) return true;
    const ids = [undefined, String(cseqNumber(this.#request))];
    return this.#parts.request.method === 'REFER' && event.name === 'refer' && ids.includes(event.id);
  }

  abandon(): void {
    this.#end({ kind: 'silence', why: 'closed' });
  }

  async #subscribe(): Promise<SipResult> {
    let result = await this.#send();
    for (let attempt = 1; attempt < MOST_ATTEMPTS && !this.#over; attempt += 1) {
      const next = this.#improved(result);
      if (next === undefined) break;
      this.#request = next;
      result = await this.#send();
    }
    if (this.#over) return result;
    if (!isSuccess(result.status)) {
      this.#end({ kind: 'refused', response: result });
      return result;
    }
    this.#adopt(result);
    if (!this.#leaving) this.#granted(grantedExpires(result) ?? this.#expires);
    return result;
  }

  /** 4.1.2.4: a NOTIFY may have made the dialog already; the 200 then confirms it. */
  #adopt(result: SipResult): void {
    if (this.#dialog !== undefined) return;
    try {
      const dialog = Dialog.ofClient(this.#request, result);
      if (this.#core.dialogs.add(dialog, this)) this.#dialog = dialog;
      else this.#end({ kind: 'silence', why: 'no room for another dialog' });
    } catch (error) {
      if (!(error instanceof SipParseError)) throw error;
      this.#core.onDeviation(`${result.status} to SUBSCRIBE: ${error.message}`, error.clause);
    }
  }

  async #send(): Promise<SipResult> {
    try {
      if (this.#parts.dialog !== undefined)
        return await this.#core.request(this.#parts.dialog, this.#request);
      return await this.#core.endpoint.request(this.#request, this.#parts.target);
    } catch (error) {
      if (error instanceof NetworkError) return unsent(503);
      throw error;
    }
  }

  #improved(result: SipResult): SipRequest | undefined {
    if (this.#parts.dialog !== undefined) return undefined;
    const [number, method] = (header(this.#request, 'CSeq') ?? '').split(' ');
    const renumbered = setHeader(this.#request, 'CSeq', `${Number(number) + 1} ${method}`);
    const least = grantedExpires(result, 'Min-Expires');
    if (result.status === 423 && least !== undefined && least > this.#expires) {
      this.#expires = least;
      return setHeader(renumbered, 'Expires', String(least));
    }
    if (result.status !== 401 && result.status !== 407) return undefined;
    const credentials = this.#core.authorize?.(this.#request, result);
    return credentials?.reduce((made, { name, value }) => setHeader(made, name, value), renumbered);
  }

  /** Hazard R20 of docs/rcs-signalling.md. Only the first notifier of a fork is listened to (4.1.4). */
  #takeFirst(incoming: IncomingRequest): boolean {
    if (this.#over || this.#dialog !== undefined) return false;
    const dialog = Dialog.ofNotify(this.#request, incoming.request);
    if (!this.#core.dialogs.add(dialog, this)) return false;
    this.#dialog = dialog;
    if (this.receive(incoming)) return true;
    this.#core.dialogs.remove(dialog, this);
    this.#dialog = undefined;
    return false;
  }

  #granted(seconds: number): void {
    if (seconds === 0) {
      this.#timers.cancel('refresh', 'expiry');
      return;
    }
    const renews = this.#parts.request.method === 'SUBSCRIBE';
    if (renews) this.#timers.start('refresh', refreshAfterMs(seconds), () => void this.refresh());
    const expired = (): void => this.#end({ kind: 'silence', why: 'it ran out' });
    this.#timers.start('expiry', seconds * 1000, expired);
  }

  /** 4.1.2.4. */
  #startTimerN(): void {
    const silent = (): void => this.#end({ kind: 'silence', why: 'no NOTIFY (Timer N)' });
    this.#timers.start('N', 64 * this.#core.timers.t1, silent);
  }

  #expectFirst(take: ((incoming: IncomingRequest) => boolean) | undefined): void {
    this.#core.expectNotify(this.#key.callId, this.#key.tag, take);
  }

  #subscribeHeaders(): SipHeader[] {
    if (this.#parts.request.method === 'REFER') return [this.#core.contact];
    return this.#refreshHeaders();
  }

  #refreshHeaders(): SipHeader[] {
    return [
      this.#core.contact,
      { name: 'Event', value: writeEvent(this.#parts.event) },
      { name: 'Expires', value: String(this.#expires) },
      ...this.#parts.headers,
    ];
  }

  #end(end: SubscriptionEnd): void {
    if (this.#over) return;
    this.#over = true;
    this.#timers.cancelAll();
    this.#expectFirst(undefined);
    this.#core.ended(this);
    if (this.#dialog !== undefined) this.#core.dialogs.remove(this.#dialog, this);
    this.#settle(end);
  }
}
