/**
 * RFC 3261 sections 13 to 15: an established session, from the 2xx to the BYE. What changes it (re-INVITE, UPDATE) is in
 * session-changes.ts, what keeps it alive in session-timer.ts.
 */

import { type AgentCore, cseqNumber, unsent } from './agent-core.ts';
import type { SipResult } from './client-transactions.ts';
import type { Dialog, RequestParts } from './dialog.ts';
import type { DialogUsage } from './dialog-table.ts';
import type { IncomingRequest } from './incoming-request.ts';
import type { SipHeader, SipRequest } from './message.ts';
import { Retransmission } from './retransmission.ts';
import { type ChangeAnswer, SessionChanges } from './session-changes.ts';
import type { SessionInterval } from './session-expires.ts';
import { SessionTimer } from './session-timer.ts';

/** Why a session is over. */
export interface SessionEnd {
  /** `silence`: no ACK, no refresh, or a 481 or 408 within the session; BYE was sent all the same. */
  readonly by: 'local' | 'remote' | 'silence';
  readonly why: string;
  /** The BYE of the peer: its Reason header says more. */
  readonly request?: SipRequest;
}

export interface SessionHandlers {
  /** The peer offers a change (re-INVITE or UPDATE). Without a handler only an unchanged offer is taken. */
  onChange?(incoming: IncomingRequest): ChangeAnswer | Promise<ChangeAnswer>;
  /** INFO, MESSAGE, REFER and others within the session; 405 without a handler. */
  onRequest?(incoming: IncomingRequest): void;
  onEnded?(end: SessionEnd): void;
}

export interface SessionParts {
  readonly dialog: Dialog;
  readonly role: 'uac' | 'uas';
  /** This side's offer or answer, with its Content-Type. */
  readonly localBody: RequestParts;
  readonly remoteBody: Uint8Array;
  readonly interval: SessionInterval | undefined;
  readonly minSe: number;
  readonly handlers: SessionHandlers;
  /** Whether the peer said that it takes UPDATE (RFC 3311 5.1). */
  readonly peerTakesUpdate: boolean;
}

export class Session implements DialogUsage {
  readonly dialog: Dialog;
  readonly role: 'uac' | 'uas';
  /** Resolves once, when the session is over. */
  readonly ended: Promise<SessionEnd>;
  /** Resolves when the ACK of the 2xx has come, or has gone; also when the session ends without. */
  readonly confirmed: Promise<void>;
  readonly #core: AgentCore;
  readonly #handlers: SessionHandlers;
  readonly #changes: SessionChanges;
  readonly #timer: SessionTimer;
  readonly #settleEnded: (end: SessionEnd) => void;
  readonly #settleConfirmed: () => void;
  #over = false;
  #ack: { readonly seq: number; readonly request: SipRequest } | undefined;
  /** The 2xx that goes out until its ACK comes. */
  #success: { readonly seq: number; readonly repeated: Retransmission } | undefined;
  readonly #onceAcknowledged: (() => void)[] = [];

  constructor(core: AgentCore, parts: SessionParts) {
    const ended = Promise.withResolvers<SessionEnd>();
    const confirmed = Promise.withResolvers<void>();
    this.dialog = parts.dialog;
    this.role = parts.role;
    this.ended = ended.promise;
    this.confirmed = confirmed.promise;
    this.#settleEnded = ended.resolve;
    this.#settleConfirmed = confirmed.resolve;
    this.#core = core;
    this.#handlers = parts.handlers;
    this.#timer = new SessionTimer(core.clock, {
      refresh: () => void this.#changes.refresh(),
      expired: () => this.#giveUp('the session was not refreshed (RFC 4028 10)'),
    });
    const { onChange } = parts.handlers;
    this.#changes = new SessionChanges(core, {
      ...parts,
      timer: this.#timer,
      onOffer: onChange && ((incoming) => onChange.call(parts.handlers, incoming)),
      acknowledge: (seq) => this.acknowledge(seq),
      sendSuccess: (incoming, send) => this.repeatSuccess(incoming.request, send),
      giveUp: (why) => this.#giveUp(why),
    });
    this.#timer.restart(parts.interval, parts.role);
  }

  get isOver(): boolean {
    return this.#over;
  }

  /** Seconds of the session interval and whether this side refreshes (RFC 4028); undefined when it doesn't expire. */
  get interval(): { readonly seconds: number; readonly ours: boolean } | undefined {
    return this.#timer.agreed;
  }

  /** Ends the session (15.1.1); a server first waits for the ACK of its 2xx. Resolves with the answer to BYE. */
  async bye(headers: readonly SipHeader[] = []): Promise<SipResult> {
    if (this.#success !== undefined) {
      await new Promise<void>((resolve) => this.#onceAcknowledged.push(resolve));
    }
    if (this.#over) return sessionOver();
    const bye = this.dialog.request('BYE', { headers });
    this.#end({ by: 'local', why: 'BYE' });
    return this.#core.request(this.dialog, bye);
  }

  /** A re-INVITE (14): waits for its turn, backs off after 491. Resolves with its final response. */
  async reinvite(parts: RequestParts): Promise<SipResult> {
    return this.#over ? sessionOver() : this.#changes.change('INVITE', parts);
  }

  /** An UPDATE (RFC 3311), as reinvite() does it. */
  async update(parts: RequestParts = {}): Promise<SipResult> {
    return this.#over ? sessionOver() : this.#changes.change('UPDATE', parts);
  }

  /** Any other request in the dialog: INFO, MESSAGE, REFER. A 481 or 408 ends the session (12.2.1.2). */
  async request(method: string, parts: RequestParts = {}): Promise<SipResult> {
    if (this.#over) return sessionOver();
    const result = await this.#core.request(this.dialog, this.dialog.request(method, parts));
    if (result.status === 481 || result.status === 408) this.#giveUp(`${result.status} to ${method}`);
    return result;
  }

  /** The ACK of a 2xx: made for the first, sent again for each repetition (13.2.2.4). `seq`: the INVITE's number. */
  acknowledge(seq: number, parts: RequestParts = {}): void {
    if (this.#ack?.seq !== seq) this.#ack = { seq, request: this.dialog.ack(seq, parts) };
    this.#core.acknowledge(this.dialog, this.#ack.request);
    this.#settleConfirmed();
  }

  /** Sends the 2xx of an INVITE until its ACK comes; without one the session ends with BYE (13.3.1.4). */
  repeatSuccess(invite: SipRequest, send: () => void): void {
    const { clock, timers } = this.#core;
    const onGivenUp = (): void => {
      this.#core.onDeviation('no ACK for a 2xx to INVITE', 'RFC 3261 13.3.1.4');
      this.#giveUp('no ACK for the 2xx');
    };
    this.#success?.repeated.stop();
    const repeated = new Retransmission({ clock, timers, longest: timers.t2, send, onGivenUp });
    this.#success = { seq: cseqNumber(invite), repeated };
  }

  receive(incoming: IncomingRequest): boolean {
    const { request } = incoming;
    switch (request.method) {
      case 'ACK':
        if (this.#success?.seq !== cseqNumber(request)) return false;
        this.#stopRepeating();
        this.#changes.acknowledged(request);
        return true;
      case 'BYE':
        incoming.respond(200);
        this.#end({ by: 'remote', why: 'BYE', request });
        return true;
      case 'INVITE':
        this.#changes.receiveInvite(incoming, this.#success !== undefined);
        return true;
      case 'UPDATE':
        this.#changes.receiveUpdate(incoming);
        return true;
      default:
        if (this.#handlers.onRequest === undefined) return false;
        this.#handlers.onRequest(incoming);
        return true;
    }
  }

  abandon(): void {
    this.#end({ by: 'local', why: 'closed' });
  }

  #stopRepeating(): void {
    this.#success?.repeated.stop();
    this.#success = undefined;
    this.#settleConfirmed();
    for (const resume of this.#onceAcknowledged.splice(0)) resume();
  }

  /** The peer is silent or has forgotten the session: BYE all the same, its answer changes nothing. */
  #giveUp(why: string): void {
    if (this.#over) return;
    const bye = this.dialog.request('BYE');
    this.#end({ by: 'silence', why });
    void this.#core.request(this.dialog, bye);
  }

  #end(end: SessionEnd): void {
    if (this.#over) return;
    this.#over = true;
    this.#timer.stop();
    this.#stopRepeating();
    this.#changes.close();
    this.#core.dialogs.remove(this.dialog, this);
    this.#settleEnded(end);
    this.#handlers.onEnded?.(end);
  }
}

function sessionOver(): SipResult {
  return unsent(481, 'The session is over');
}
