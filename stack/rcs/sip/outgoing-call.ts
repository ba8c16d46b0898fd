/**
 * RFC 3261 sections 13.2 and 9.1: a session asked for: provisional responses and their early dialogs, the 2xx with its
 * ACKs, CANCEL and its race with the 2xx (hazard R07 of docs/rcs-signalling.md), refusals.
 */

import { NetworkError } from '../../platform.ts';
import { type AgentCore, cseqNumber, isSuccess, unsent } from './agent-core.ts';
import type { SipResult, SipTarget } from './client-transactions.ts';
import { Dialog, type RequestParts } from './dialog.ts';
import type { DialogUsage } from './dialog-table.ts';
import type { SipFlow } from './flow.ts';
import { canonicalName } from './header-names.ts';
import { header, setHeader } from './headers.ts';
import { newBranch } from './identifiers.ts';
import type { IncomingRequest } from './incoming-request.ts';
import type { SipHeader, SipRequest, SipResponse } from './message.ts';
import { parseNameAddr } from './name-addr.ts';
import { SipParseError } from './parse-error.ts';
import { ConfirmedSequence, reliableSequence } from './reliable-provisional.ts';
import { Session, type SessionHandlers } from './session.ts';
import { takesUpdate } from './session-changes.ts';
import {
  agreedInterval,
  askedInterval,
  LEAST_MIN_SE,
  refusedBelow,
  type SessionExpires,
} from './session-expires.ts';
import { TimerSet } from './timers.ts';

export type CallOutcome =
  | { readonly kind: 'answered'; readonly session: Session; readonly response: SipResponse }
  /** A final response of 300 to 699; `local` for a time-out or a transport that failed. */
  | { readonly kind: 'refused'; readonly response: SipResult }
  /** By this side; a 2xx that came all the same was acknowledged and ended. */
  | { readonly kind: 'cancelled' };

export interface CallParts {
  /** With From (tag included), To, Call-ID, CSeq; Contact, Supported and Session-Expires are added. */
  readonly invite: SipRequest;
  readonly target: SipTarget;
  /** Asks for a session that expires (RFC 4028). */
  readonly sessionExpires?: SessionExpires;
  readonly handlers: SessionHandlers;
  /** 101 to 199, as they come. */
  onProvisional?(response: SipResponse): void;
  /** For an INVITE without an offer: the answer to the offer of the 2xx, which the ACK carries. */
  onOffer?(response: SipResponse): RequestParts;
  /** Milliseconds until a call that nobody answers is cancelled. */
  readonly answerWithinMs: number;
}

interface Early extends DialogUsage {
  readonly dialog: Dialog;
  readonly confirmed: ConfirmedSequence;
}

/** 422s and challenges that are followed, together. */
const MOST_ATTEMPTS = 4;
/** Branches of a fork that are told apart. */
const MOST_EARLY = 32;
const OPTION_TAGS = 'timer, 100rel';

export class OutgoingCall {
  readonly outcome: Promise<CallOutcome>;
  readonly #settle: (outcome: CallOutcome) => void;
  readonly #core: AgentCore;
  readonly #parts: CallParts;
  readonly #timers: TimerSet;
  readonly #early = new Map<string, Early>();
  /** By remote tag; the first is the session. */
  readonly #accepted = new Map<string, (seq: number) => void>();
  #invite: SipRequest;
  #branch = '';
  #minSe = LEAST_MIN_SE;
  #cancelled = false;
  #cancelHeaders: readonly SipHeader[] = [];
  #provisionalBy: SipFlow | undefined;
  #settled = false;

  constructor(core: AgentCore, parts: CallParts) {
    const { promise, resolve, reject } = Promise.withResolvers<CallOutcome>();
    this.outcome = promise;
    this.#settle = resolve;
    this.#core = core;
    this.#parts = parts;
    this.#timers = new TimerSet(core.clock);
    this.#invite = this.#withTimer(parts.invite);
    this.#timers.start('answer', parts.answerWithinMs, () => this.cancel());
    core.began(this);
    this.#run().catch(reject);
  }

  /** 9.1: CANCEL goes out once a provisional response has come; no effect on a call that is answered or refused. */
  cancel(headers: readonly SipHeader[] = []): void {
    if (this.#settled || this.#cancelled) return;
    this.#cancelled = true;
    this.#timers.cancel('answer');
    this.#cancelHeaders = headers;
    if (this.#provisionalBy !== undefined) this.#sendCancel();
  }

  /** The user agent closes. */
  abandon(): void {
    this.#finish({ kind: 'cancelled' });
    this.#leave();
  }

  async #run(): Promise<void> {
    for (let attempt = 1; ; attempt += 1) {
      const result = await this.#send();
      if (isSuccess(result.status)) return this.#unusableSuccess(result);
      const next = attempt < MOST_ATTEMPTS && !this.#cancelled ? this.#improved(result) : undefined;
      if (next === undefined) return this.#refused(result);
      this.#forgetEarly();
      this.#provisionalBy = undefined;
      this.#invite = next;
    }
  }

  async #send(): Promise<SipResult> {
    this.#branch = newBranch(this.#core.random);
    try {
      return await this.#core.endpoint.request(this.#invite, this.#parts.target, {
        branch: this.#branch,
        onResponse: (response, flow) => this.#receive(response, flow),
      });
    } catch (error) {
      if (error instanceof NetworkError) return unsent(503);
      throw error;
    }
  }

  #receive(response: SipResponse, flow: SipFlow): void {
    try {
      if (response.status < 200) this.#receiveProvisional(response, flow);
      else if (isSuccess(response.status)) this.#receiveSuccess(response);
    } catch (error) {
      if (!(error instanceof SipParseError)) throw error;
      this.#core.onDeviation(`${response.status} to INVITE: ${error.message}`, error.clause);
    }
  }

  #receiveProvisional(response: SipResponse, flow: SipFlow): void {
    const first = this.#provisionalBy === undefined;
    this.#provisionalBy ??= flow;
    if (first && this.#cancelled) this.#sendCancel();
    if (response.status === 100 || this.#settled) return;
    const early = this.#earlyDialog(response);
    const rseq = reliableSequence(response);
    if (rseq !== undefined) {
      if (early === undefined || !early.confirmed.takes(rseq)) return;
      const rack = { name: 'RAck', value: `${rseq} ${cseqNumber(this.#invite)} INVITE` };
      void this.#core.request(early.dialog, early.dialog.request('PRACK', { headers: [rack] }));
    }
    if (!this.#cancelled) this.#parts.onProvisional?.(response);
  }

  /** 12.1: undefined without a To tag. */
  #earlyDialog(response: SipResponse): Early | undefined {
    const tag = remoteTag(response);
    const known = this.#early.get(tag ?? '');
    if (tag === undefined || known !== undefined) {
      known?.dialog.refreshTarget(response);
      return known;
    }
    if (this.#early.size >= MOST_EARLY) return undefined;
    const dialog = Dialog.ofClient(this.#invite, response);
    const early: Early = {
      dialog,
      confirmed: new ConfirmedSequence(),
      receive: (incoming) => answerEarly(incoming, dialog),
      abandon: () => {},
    };
    if (!this.#core.dialogs.add(dialog, early)) return undefined;
    this.#early.set(tag, early);
    return early;
  }

  #receiveSuccess(response: SipResponse): void {
    const tag = remoteTag(response) ?? '';
    const seq = cseqNumber(response);
    const again = this.#accepted.get(tag);
    if (again !== undefined) return again(seq);
    const early = this.#early.get(tag);
    const dialog = early?.dialog ?? Dialog.ofClient(this.#invite, response);
    if (dialog.phase === 'early') dialog.confirm(response);
    if (this.#settled || this.#cancelled || this.#accepted.size > 0) this.#endUnwanted(dialog, tag, seq);
    else this.#establish(dialog, response, seq, tag);
  }

  #establish(dialog: Dialog, response: SipResponse, seq: number, tag: string): void {
    const { handlers, invite, onOffer } = this.#parts;
    const offersLate = invite.body.length === 0 && response.body.length > 0;
    const answer = offersLate ? (onOffer?.(response) ?? {}) : {};
    const session = new Session(this.#core, {
      dialog,
      role: 'uac',
      localBody: offersLate ? answer : { headers: contentHeaders(invite), body: invite.body },
      remoteBody: response.body,
      interval: agreedInterval(response),
      minSe: this.#minSe,
      handlers,
      peerTakesUpdate: takesUpdate(response),
    });
    this.#accepted.set(tag, (again) => session.acknowledge(again));
    session.acknowledge(seq, answer);
    if (!this.#core.dialogs.add(dialog, session)) void session.bye();
    this.#forgetBranch(tag);
    this.#finish({ kind: 'answered', session, response });
    // 13.2.2.4: until then other branches of a fork may still answer 2xx.
    this.#timers.start('others', 64 * this.#core.timers.t1, () => this.#leave());
  }

  /** R07: a 2xx that nobody wants any more, of a fork or after CANCEL: ACK, then BYE. */
  #endUnwanted(dialog: Dialog, tag: string, seq: number): void {
    const acknowledge = (number: number): void => this.#core.acknowledge(dialog, dialog.ack(number));
    this.#accepted.set(tag, acknowledge);
    acknowledge(seq);
    this.#forgetBranch(tag);
    void this.#core.request(dialog, dialog.request('BYE'));
    if (this.#cancelled) this.#finish({ kind: 'cancelled' });
  }

  #sendCancel(): void {
    const kept = ['from', 'to', 'call-id', 'route', 'max-forwards'];
    const cancel: SipRequest = {
      kind: 'request',
      method: 'CANCEL',
      uri: this.#invite.uri,
      headers: [
        ...this.#invite.headers.filter(({ name }) => kept.includes(canonicalName(name))),
        { name: 'CSeq', value: `${cseqNumber(this.#invite)} CANCEL` },
        ...this.#cancelHeaders,
      ],
      body: new Uint8Array(0),
    };
    // 9.1: over the way that the INVITE took.
    const flow = this.#provisionalBy;
    const target: SipTarget = { ...this.#parts.target, ...(flow !== undefined && { flow }) };
    this.#core.endpoint.request(cancel, target, { branch: this.#branch }).catch(() => undefined);
    // Then the INVITE counts as cancelled, whatever the other side did.
    this.#timers.start('cancel', 64 * this.#core.timers.t1, () => {
      this.#core.endpoint.abandon(this.#branch);
      if (this.#settled) this.#leave();
    });
  }

  /** The INVITE that the refusal asks for: a longer session interval, or credentials. */
  #improved(result: SipResult): SipRequest | undefined {
    const renumbered = setHeader(this.#invite, 'CSeq', `${cseqNumber(this.#invite) + 1} INVITE`);
    if (result.status === 422 && this.#parts.sessionExpires !== undefined) {
      const least = refusedBelow(result);
      if (least <= this.#minSe) return undefined;
      this.#minSe = least;
      return this.#withTimer(renumbered);
    }
    if (result.status !== 401 && result.status !== 407) return undefined;
    const credentials = this.#core.authorize?.(this.#invite, result);
    return credentials?.reduce((made, { name, value }) => setHeader(made, name, value), renumbered);
  }

  #withTimer(invite: SipRequest): SipRequest {
    const { name, value } = this.#core.contact;
    const fixed: SipHeader[] = [{ name: 'Supported', value: OPTION_TAGS }];
    if (header(invite, 'Contact') === undefined) fixed.push({ name, value });
    const timing = askedInterval(this.#parts.sessionExpires, this.#minSe);
    return [...fixed, ...timing].reduce((made, each) => mergeHeader(made, each), invite);
  }

  #refused(result: SipResult): void {
    this.#leave();
    const byCancel = this.#cancelled && (result.status === 487 || result.local === true);
    this.#finish(byCancel ? { kind: 'cancelled' } : { kind: 'refused', response: result });
  }

  /** A 2xx from which no dialog could be made. */
  #unusableSuccess(result: SipResult): void {
    this.#timers.cancel('answer', 'cancel');
    if (this.#settled) return;
    this.#leave();
    this.#finish({ kind: 'refused', response: result });
  }

  #forgetBranch(tag: string): void {
    const early = this.#early.get(tag);
    if (early !== undefined) this.#core.dialogs.remove(early.dialog, early);
    this.#early.delete(tag);
  }

  #forgetEarly(): void {
    for (const tag of [...this.#early.keys()]) this.#forgetBranch(tag);
  }

  /** Nothing more is awaited. */
  #leave(): void {
    this.#forgetEarly();
    this.#timers.cancelAll();
    this.#core.ended(this);
  }

  #finish(outcome: CallOutcome): void {
    if (this.#settled) return;
    this.#settled = true;
    this.#timers.cancel('answer');
    this.#settle(outcome);
  }
}

/** In an early dialog a UAS may only change the offer (RFC 3311), which is not negotiated before the answer here. */
function answerEarly(incoming: IncomingRequest, dialog: Dialog): boolean {
  const { method, body } = incoming.request;
  if (method !== 'UPDATE') return false;
  if (body.length > 0) incoming.respond(488);
  else {
    dialog.refreshTarget(incoming.request);
    incoming.respond(200);
  }
  return true;
}

function remoteTag(response: SipResponse): string | undefined {
  return parseNameAddr(header(response, 'To') ?? '', 'To').params.get('tag');
}

/** Replaces a header, but adds to a Supported that the caller has set. */
function mergeHeader(request: SipRequest, added: SipHeader): SipRequest {
  const before = added.name === 'Supported' ? header(request, 'Supported') : undefined;
  if (before === undefined) return setHeader(request, added.name, added.value);
  const tags = new Set(
    [...before.split(/\s*,\s*/), ...added.value.split(/\s*,\s*/)].filter((tag) => tag !== ''),
  );
  return setHeader(request, 'Supported', [...tags].join(', '));
}

export function contentHeaders(message: { readonly headers: readonly SipHeader[] }): SipHeader[] {
  return message.headers.filter(
    ({ name }) => canonicalName(name).startsWith('content-') && canonicalName(name) !== 'content-length',
  );
}
