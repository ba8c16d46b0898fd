/** RFC 3261 sections 13.3 and 9.2, RFC 3262 section 3: an INVITE from outside a dialog, and what its server says to it. */

import { type AgentCore, cseqNumber } from './agent-core.ts';
import { Dialog, recordRouteHeaders } from './dialog.ts';
import type { DialogUsage } from './dialog-table.ts';
import { header } from './headers.ts';
import type { IncomingRequest } from './incoming-request.ts';
import type { SipHeader, SipRequest } from './message.ts';
import { contentHeaders } from './outgoing-call.ts';
import { ReliableProvisionals, reliability } from './reliable-provisional.ts';
import { Session, type SessionHandlers } from './session.ts';
import { takesUpdate } from './session-changes.ts';
import { LEAST_MIN_SE, type ServerTimerDecision } from './session-expires.ts';
import { TimerSet } from './timers.ts';

export interface ResponseContent {
  readonly headers?: readonly SipHeader[];
  readonly body?: Uint8Array;
  readonly reason?: string;
}

export interface IncomingCallOptions {
  readonly allow: string;
  readonly timing: Exclude<ServerTimerDecision, { kind: 'too-short' }>;
  /** Milliseconds until a call that nothing was said to is refused with 480. */
  readonly answerWithinMs: number;
}

/** 13.3.1.1: proxies give up after three minutes of silence. */
const REMINDER_MS = 60_000;

export class IncomingCall implements DialogUsage {
  readonly request: SipRequest;
  readonly dialog: Dialog;
  /** Called once when the client cancels, or leaves by BYE, before the call is answered; 487 has gone out. */
  onCancelled: (() => void) | undefined;
  readonly #core: AgentCore;
  readonly #incoming: IncomingRequest;
  readonly #options: IncomingCallOptions;
  readonly #timers: TimerSet;
  readonly #reliable: ReliableProvisionals;
  #state: 'waiting' | 'accepting' | 'over' = 'waiting';
  #lastProvisional: (() => void) | undefined;
  #session: Session | undefined;

  /** Throws SipParseError for a request that makes no dialog. */
  constructor(core: AgentCore, incoming: IncomingRequest, options: IncomingCallOptions) {
    this.request = incoming.request;
    this.#core = core;
    this.#incoming = incoming;
    this.#options = options;
    this.#timers = new TimerSet(core.clock);
    this.dialog = Dialog.ofServer(incoming.request, incoming.localTag);
    this.#reliable = new ReliableProvisionals({
      clock: core.clock,
      random: core.random,
      timers: core.timers,
      cseq: cseqNumber(incoming.request),
      onGivenUp: () => this.reject(504, { reason: 'No PRACK' }),
    });
    core.began(this);
    core.onCancel(incoming, () => this.#cancelled());
    this.#timers.start('answer', options.answerWithinMs, () => this.reject(480));
    // 13.3.1: how long the invitation holds.
    const expires = header(incoming.request, 'Expires') ?? '';
    if (/^[0-9]{1,9}$/.test(expires)) {
      this.#timers.start('expires', Number(expires) * 1000, () => this.reject(487));
    }
    this.#timers.start('reminder', REMINDER_MS, () => this.#remind());
  }

  /** Whether nothing final has been said yet. */
  get isWaiting(): boolean {
    return this.#state === 'waiting';
  }

  /**
   * A provisional response (101 to 199), reliable when the client insists on that or `reliable` asks for it and the
   * client can (RFC 3262). Ignored after a final one.
   */
  progress(status: number, content: ResponseContent & { readonly reliable?: boolean } = {}): void {
    if (this.#state !== 'waiting' || status <= 100 || status >= 200) return;
    if (!this.#core.dialogs.add(this.dialog, this)) return;
    const { reliable = false, headers = [], ...rest } = content;
    const all = [...this.#dialogHeaders(), ...headers];
    const ability = reliability(this.request);
    if (ability === 'required' || (reliable && ability === 'supported')) {
      this.#reliable.send((rseq) => {
        const extra = [
          { name: 'Require', value: '100rel' },
          { name: 'RSeq', value: String(rseq) },
        ];
        this.#incoming.respond(status, { ...rest, headers: [...all, ...extra] });
      });
      return;
    }
    this.#lastProvisional = () => this.#incoming.respond(status, { ...rest, headers: all });
    this.#lastProvisional();
  }

  /** 200 with the answer (or an offer, when the INVITE had none). Throws RangeError when the call is over already. */
  accept(content: ResponseContent = {}, handlers: SessionHandlers = {}): Session {
    if (this.#state !== 'waiting') throw new RangeError('a call is answered once');
    this.#state = 'accepting';
    this.#timers.cancelAll();
    this.#core.onCancel(this.#incoming, undefined);
    const { headers = [], ...rest } = content;
    const { timing } = this.#options;
    const all = [...this.#dialogHeaders(), ...(timing.kind === 'agreed' ? timing.headers : []), ...headers];
    const session = new Session(this.#core, {
      dialog: this.dialog,
      role: 'uas',
      localBody: {
        headers: contentHeaders({ headers: all }),
        ...(rest.body !== undefined && { body: rest.body }),
      },
      remoteBody: this.request.body,
      interval: timing.kind === 'agreed' ? timing.interval : undefined,
      minSe: LEAST_MIN_SE,
      handlers,
      peerTakesUpdate: takesUpdate(this.request),
    });
    this.#session = session;
    const room = this.#core.dialogs.add(this.dialog, session);
    this.#reliable.whenIdle(() => this.#sendSuccess(session, room, { ...rest, headers: all }));
    return session;
  }

  /** A final response of 300 to 699. Ignored when there was one already. */
  reject(status: number, content: ResponseContent = {}): void {
    if (this.#state === 'over') return;
    this.#session?.abandon();
    this.#leave();
    this.#incoming.respond(status, content);
  }

  receive(incoming: IncomingRequest): boolean {
    const { method, body } = incoming.request;
    if (method === 'PRACK') {
      this.#reliable.receive(incoming);
      return true;
    }
    if (this.#state !== 'waiting') return false;
    if (method === 'BYE') {
      incoming.respond(200);
      this.#cancelled();
    } else if (method === 'UPDATE') {
      this.dialog.refreshTarget(incoming.request);
      incoming.respond(body.length > 0 ? 488 : 200);
      // 14.2: a second INVITE before the final response to the first.
    } else if (method === 'INVITE') incoming.respond(500, { headers: [{ name: 'Retry-After', value: '5' }] });
    else return false;
    return true;
  }

  abandon(): void {
    this.#leave();
  }

  #sendSuccess(session: Session, room: boolean, content: ResponseContent): void {
    this.#leave();
    if (session.isOver) {
      // The client left by BYE while the 2xx waited for a PRACK.
      this.#incoming.respond(487);
      return;
    }
    if (!room) {
      session.abandon();
      this.#incoming.respond(503, { headers: [{ name: 'Retry-After', value: '60' }] });
      return;
    }
    this.dialog.confirm();
    session.repeatSuccess(this.request, () => this.#incoming.respond(200, content));
  }

  #dialogHeaders(): SipHeader[] {
    const options = [
      { name: 'Allow', value: this.#options.allow },
      { name: 'Supported', value: 'timer, 100rel' },
    ];
    return [...recordRouteHeaders(this.request), this.#core.contact, ...options];
  }

  #cancelled(): void {
    if (this.#state !== 'waiting') return;
    this.#leave();
    this.#incoming.respond(487);
    this.onCancelled?.();
  }

  /** The call is no longer this usage's: it is answered, refused or forgotten. */
  #leave(): void {
    this.#state = 'over';
    this.#timers.cancelAll();
    this.#reliable.close();
    this.#core.ended(this);
    this.#core.onCancel(this.#incoming, undefined);
    this.#core.dialogs.remove(this.dialog, this);
  }

  #remind(): void {
    this.#timers.start('reminder', REMINDER_MS, () => this.#remind());
    this.#lastProvisional?.();
  }
}
