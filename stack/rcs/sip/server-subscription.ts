/** RFC 6665 section 4.2: one subscription as its notifier keeps it. */

import { type AgentCore, isSuccess } from './agent-core.ts';
import { Dialog, recordRouteHeaders } from './dialog.ts';
import type { DialogUsage } from './dialog-table.ts';
import {
  type EventType,
  parseEvent,
  type SubscriptionState,
  sameEvent,
  writeEvent,
  writeSubscriptionState,
} from './event-header.ts';
import { expiresOf } from './expires.ts';
import { header } from './headers.ts';
import type { IncomingRequest } from './incoming-request.ts';
import type { SipHeader, SipRequest } from './message.ts';
import { TimerSet } from './timers.ts';

export interface NotifyContent {
  readonly headers: readonly SipHeader[];
  readonly body: Uint8Array;
}

export interface ServerSubscriptionOptions {
  readonly event: EventType;
  /** Seconds granted; 0 for one NOTIFY and no more. */
  readonly expires: number;
  readonly limits: { readonly least: number; readonly most: number; readonly usual: number };
  readonly phase: 'active' | 'pending';
  /** In a dialog that is there already (REFER in a session); a new one otherwise. */
  readonly dialog?: Dialog;
  /** A single fetch waits for it. */
  readonly ready?: Promise<void>;
  content(full: boolean, subscription: ServerSubscription): NotifyContent | undefined;
  onEnded(subscription: ServerSubscription): void;
}

export class ServerSubscription implements DialogUsage {
  readonly request: SipRequest;
  readonly dialog: Dialog;
  readonly event: EventType;
  readonly #core: AgentCore;
  readonly #options: ServerSubscriptionOptions;
  readonly #timers: TimerSet;
  #phase: 'active' | 'pending';
  #endsAt: number;
  /** A NOTIFY is out; what changes meanwhile goes into the next. */
  #notifying = false;
  #due: 'nothing' | 'change' | 'full' = 'nothing';
  #last: SubscriptionState | undefined;
  #fetching = false;
  #over = false;

  /** Throws SipParseError for a request that makes no dialog. */
  constructor(core: AgentCore, incoming: IncomingRequest, options: ServerSubscriptionOptions) {
    this.request = incoming.request;
    this.dialog = options.dialog ?? Dialog.ofServer(incoming.request, incoming.localTag);
    this.event = options.event;
    this.#core = core;
    this.#options = options;
    this.#timers = new TimerSet(core.clock);
    this.#phase = options.phase;
    this.#endsAt = core.clock.now() + options.expires * 1000;
  }

  get isOver(): boolean {
    return this.#over;
  }

  /** Answers the SUBSCRIBE and sends the first NOTIFY. */
  open(incoming: IncomingRequest): void {
    this.dialog.confirm();
    if (!this.#core.dialogs.add(this.dialog, this)) return this.#end();
    this.#grant(incoming, this.#options.expires);
  }

  /** Answers nothing: the subscription comes with a REFER that is answered otherwise. */
  openImplicitly(): void {
    this.dialog.confirm();
    if (!this.#core.dialogs.add(this.dialog, this)) return this.#end();
    this.#expireAfter(this.#options.expires);
    this.#notify('full');
  }

  /** What it is about has changed: a NOTIFY, now or when the one that is out is answered. */
  changed(): void {
    // A fetch is answered once, when all is known.
    if (!this.#fetching) this.#notify('change');
  }

  /** A pending one may know now. */
  activate(): void {
    if (this.#phase === 'active') return;
    this.#phase = 'active';
    this.#notify('full');
  }

  /** The last NOTIFY, with the reason (4.1.3). */
  terminate(reason: string, retryAfter?: number): void {
    if (this.#over || this.#last !== undefined) return;
    this.#last = { phase: 'terminated', reason, ...(retryAfter !== undefined && { retryAfter }) };
    this.#timers.cancelAll();
    this.#notify('change');
  }

  receive(incoming: IncomingRequest): boolean {
    const { request } = incoming;
    if (request.method !== 'SUBSCRIBE' || !sameEvent(parseEvent(header(request, 'Event')), this.event))
      return false;
    const { limits } = this.#options;
    const asked = expiresOf(request) ?? limits.usual;
    if (asked > 0 && asked < limits.least) {
      incoming.respond(423, { headers: [{ name: 'Min-Expires', value: String(limits.least) }] });
      return true;
    }
    this.dialog.refreshTarget(request);
    this.#grant(incoming, Math.min(asked, limits.most));
    return true;
  }

  abandon(): void {
    this.#end();
  }

  #grant(incoming: IncomingRequest, seconds: number): void {
    const headers = [
      ...recordRouteHeaders(incoming.request),
      this.#core.contact,
      { name: 'Expires', value: String(seconds) },
    ];
    incoming.respond(200, { headers });
    this.#expireAfter(seconds);
    if (seconds > 0) return this.#notify('full');
    const { ready } = this.#options;
    this.#fetching = true;
    if (ready === undefined) this.terminate('timeout');
    else void ready.then(() => this.terminate('timeout'));
  }

  #expireAfter(seconds: number): void {
    this.#endsAt = this.#core.clock.now() + seconds * 1000;
    if (seconds > 0) this.#timers.start('expiry', seconds * 1000, () => this.terminate('timeout'));
  }

  #notify(due: 'change' | 'full'): void {
    if (this.#over) return;
    if (this.#due !== 'full') this.#due = due;
    if (!this.#notifying) void this.#send();
  }

  async #send(): Promise<void> {
    const full = this.#due === 'full' || this.#last !== undefined;
    const last = this.#last;
    this.#due = 'nothing';
    this.#notifying = true;
    const left = Math.max(0, Math.ceil((this.#endsAt - this.#core.clock.now()) / 1000));
    const state = last ?? { phase: this.#phase, expires: left };
    const content = this.#phase === 'pending' ? undefined : this.#options.content(full, this);
    const request = this.dialog.request('NOTIFY', {
      headers: [
        this.#core.contact,
        { name: 'Event', value: writeEvent(this.event) },
        { name: 'Subscription-State', value: writeSubscriptionState(state) },
        ...(content?.headers ?? []),
      ],
      body: content?.body ?? new Uint8Array(0),
    });
    // After the last one the subscription is over for this side; its answer changes nothing.
    if (last !== undefined) this.#end();
    const result = await this.#core.request(this.dialog, request);
    this.#notifying = false;
    if (this.#over) return;
    // 4.2.2: a subscriber that is silent, or doesn't know it (any more), has lost it.
    if (!isSuccess(result.status) && forgets(result.status)) return this.#end();
    if (this.#due !== 'nothing' || this.#last !== undefined) void this.#send();
  }

  #end(): void {
    if (this.#over) return;
    this.#over = true;
    this.#timers.cancelAll();
    this.#core.dialogs.remove(this.dialog, this);
    this.#options.onEnded(this);
  }
}

/** Statuses that end the usage (RFC 5057 5.1) or tell that nobody is there. */
function forgets(status: number): boolean {
  return (
    [404, 405, 408, 410, 416, 480, 481, 482, 483, 484, 485, 489, 501, 604].includes(status) || status === 503
  );
}
