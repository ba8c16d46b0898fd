/** RFC 3261 sections 8.2, 12.2.2 and 13: a user agent on an endpoint: dialogs, sessions, and who serves what else. */

import type { Clock, Random } from '../../platform.ts';
import { AgentCore, type Authorize } from './agent-core.ts';
import type { SipTarget } from './client-transactions.ts';
import type { RequestParts } from './dialog.ts';
import { DialogTable, tagOf } from './dialog-table.ts';
import type { SipEndpoint } from './endpoint.ts';
import { parseEvent } from './event-header.ts';
import { canonicalName } from './header-names.ts';
import { header } from './headers.ts';
import { newCallId, newTag } from './identifiers.ts';
import { IncomingCall } from './incoming-call.ts';
import type { IncomingRequest } from './incoming-request.ts';
import type { SipRequest, SipResponse } from './message.ts';
import { targetOfUri } from './next-hop.ts';
import { badExtension } from './option-tags.ts';
import { OutgoingCall } from './outgoing-call.ts';
import { SipParseError } from './parse-error.ts';
import type { SessionHandlers } from './session.ts';
import {
  decideAsServer,
  LEAST_MIN_SE,
  type ServerTimerPolicy,
  type SessionExpires,
} from './session-expires.ts';
import { type Notification, Subscription } from './subscription.ts';
import { DEFAULT_TIMERS, type SipTimers } from './timers.ts';

export interface UserAgentOptions {
  readonly clock: Clock;
  /** For tags, Call-IDs and waiting times. */
  readonly random: Random;
  readonly endpoint: Pick<SipEndpoint, 'request' | 'send' | 'abandon'>;
  /** For Call-IDs. */
  readonly host: string;
  readonly timers?: Partial<SipTimers>;
  /** The Contact value with which this side wants to be reached, feature tags included. */
  readonly contact: () => string;
  /** Where requests to a next hop go; a phone sends all to its proxy. By the URI itself when absent. */
  readonly targetOf?: (nextHop: string) => SipTarget;
  readonly authorize?: Authorize;
  /** Serves INVITEs from outside a dialog; without it they are answered 405. */
  readonly onCall?: (call: IncomingCall) => void;
  /** Option tags besides `timer` and `100rel` that a request may require. */
  readonly extensions?: readonly string[];
  /** Session intervals as a server (RFC 4028). */
  readonly sessionTimer?: ServerTimerPolicy;
  /** Methods that the owner serves, for Allow. */
  readonly allow?: readonly string[];
  readonly limits?: { readonly dialogs?: number; readonly calls?: number };
  readonly onDeviation?: (deviation: { readonly what: string; readonly clause: string }) => void;
}

/** An address from which requests come and one to which they go, without tags. */
export interface CallAddress {
  readonly uri: string;
  /** `<uri>` or with a display name; the identity of this side. */
  readonly from: string;
  /** `<uri>` when absent. */
  readonly to?: string;
  /** By the URI, or by `targetOf`, when absent. */
  readonly target?: SipTarget;
}

export interface InviteOptions extends CallAddress, RequestParts {
  readonly sessionExpires?: SessionExpires;
  readonly handlers?: SessionHandlers;
  readonly onProvisional?: (response: SipResponse) => void;
  /** For an INVITE without a body: the answer to the offer in the 2xx. */
  readonly onOffer?: (response: SipResponse) => RequestParts;
  /** Milliseconds until a call that nobody answers is cancelled; 180 000 by default. */
  readonly answerWithinMs?: number;
}

export interface SubscribeOptions extends CallAddress, RequestParts {
  /** As in the header: `presence`, `conference;id=7`. */
  readonly event: string;
  /** Seconds; 0 fetches once. */
  readonly expires: number;
  /** Returns the status to answer when it isn't 200. */
  readonly onNotify: (notification: Notification) => number | undefined;
}

const DIALOG_METHODS = ['INVITE', 'ACK', 'BYE', 'CANCEL', 'UPDATE', 'PRACK'];
const MOST_DIALOGS = 4096;
const MOST_CALLS = 1024;
const ANSWER_WITHIN_MS = 180_000;

export class UserAgent {
  readonly core: AgentCore;
  readonly #options: UserAgentOptions;
  readonly #extensions: readonly string[];
  readonly #incoming = new Set<IncomingCall>();

  constructor(options: UserAgentOptions) {
    const { clock, random, endpoint, contact, authorize, onDeviation } = options;
    this.#options = options;
    this.#extensions = ['timer', '100rel', ...(options.extensions ?? [])];
    this.core = new AgentCore({
      clock,
      random,
      endpoint,
      contact,
      timers: { ...DEFAULT_TIMERS, ...options.timers },
      dialogs: new DialogTable(options.limits?.dialogs ?? MOST_DIALOGS),
      targetOf: (nextHop) => (options.targetOf ?? targetOfUri)(nextHop),
      ...(authorize !== undefined && { authorize }),
      onDeviation: (what, clause) => onDeviation?.({ what, clause }),
    });
  }

  /** Methods this side serves, for Allow. */
  get allow(): string {
    const own = this.#options.onCall === undefined ? ['ACK', 'CANCEL'] : DIALOG_METHODS;
    return [...own, ...(this.#options.allow ?? [])].join(', ');
  }

  /** Asks for a session. Throws SipParseError when the URI leads nowhere. */
  invite(options: InviteOptions): OutgoingCall {
    const {
      handlers = {},
      answerWithinMs = ANSWER_WITHIN_MS,
      sessionExpires,
      onProvisional,
      onOffer,
    } = options;
    const given = options.headers ?? [];
    const says = given.some(({ name }) => canonicalName(name) === 'allow');
    const headers = says ? given : [{ name: 'Allow', value: this.allow }, ...given];
    return new OutgoingCall(this.core, {
      invite: this.request('INVITE', options, { ...options, headers }),
      target: options.target ?? this.core.targetOf(options.uri),
      handlers,
      answerWithinMs,
      ...(sessionExpires !== undefined && { sessionExpires }),
      ...(onProvisional !== undefined && { onProvisional }),
      ...(onOffer !== undefined && { onOffer }),
    });
  }

  /** Subscribes (RFC 6665). Throws SipParseError when the URI leads nowhere. */
  subscribe(options: SubscribeOptions): Subscription {
    const { headers = [], body, expires, event, onNotify } = options;
    return new Subscription(this.core, {
      request: this.request('SUBSCRIBE', options, { headers, ...(body !== undefined && { body }) }),
      target: options.target ?? this.core.targetOf(options.uri),
      event: parseEvent(event),
      expires,
      headers: headers.filter(({ name }) => canonicalName(name) === 'accept'),
      onNotify,
    });
  }

  /** A request outside a dialog (8.1.1): fresh From tag and Call-ID, CSeq 1. */
  request(method: string, { uri, from, to }: CallAddress, parts: RequestParts = {}): SipRequest {
    const { random, host } = this.#options;
    return {
      kind: 'request',
      method,
      uri,
      headers: [
        { name: 'From', value: `${from};tag=${newTag(random)}` },
        { name: 'To', value: to ?? `<${uri}>` },
        { name: 'Call-ID', value: newCallId(random, host) },
        { name: 'CSeq', value: `1 ${method}` },
        ...(parts.headers ?? []),
      ],
      body: parts.body ?? new Uint8Array(0),
    };
  }

  /**
   * Takes a request that is a user agent's: CANCEL, ACK, whatever has a To tag, and INVITE when there is `onCall`.
   * False for the rest, which the owner answers: requests outside a dialog.
   */
  receive(incoming: IncomingRequest): boolean {
    const { request } = incoming;
    try {
      if (request.method === 'CANCEL') this.core.cancel(incoming);
      else if (tagOf(request, 'To') !== undefined) this.#receiveInDialog(incoming);
      else if (request.method === 'INVITE' && this.#options.onCall !== undefined) this.#receiveCall(incoming);
      else return request.method === 'ACK';
    } catch (error) {
      if (!(error instanceof SipParseError)) throw error;
      this.core.onDeviation(`${request.method}: ${error.message}`, error.clause);
      incoming.respond(error.status);
    }
    return true;
  }

  /** Every call, session and subscription ends here and now; nothing is sent. Idempotent. */
  close(): void {
    this.core.close();
    this.#incoming.clear();
  }

  #receiveInDialog(incoming: IncomingRequest): void {
    const { request } = incoming;
    const entry = this.core.dialogs.find(request);
    if (entry === undefined) {
      const early = request.method === 'NOTIFY' && this.#takeEarlyNotify(incoming);
      if (!early && request.method !== 'ACK') incoming.respond(481);
      return;
    }
    if (!entry.dialog.takesInOrder(request)) {
      incoming.respond(500, { reason: 'CSeq out of order', headers: [{ name: 'Retry-After', value: '0' }] });
      return;
    }
    // RFC 4662 5.2: a list subscription's NOTIFY requires `eventlist`; who asked for a list reads it.
    const known = request.method === 'NOTIFY' ? [...this.#extensions, 'eventlist'] : this.#extensions;
    const missing = badExtension(request, known);
    if (missing !== undefined) {
      incoming.respond(420, { headers: missing });
      return;
    }
    if ([...entry.usages].some((usage) => usage.receive(incoming)) || request.method === 'ACK') return;
    // A BYE or NOTIFY for a usage that the dialog has not (RFC 5057 5.1, RFC 6665 4.1.3).
    if (['BYE', 'NOTIFY', 'PRACK', 'UPDATE'].includes(request.method)) incoming.respond(481);
    else incoming.respond(405, { headers: [{ name: 'Allow', value: this.allow }] });
  }

  #takeEarlyNotify(incoming: IncomingRequest): boolean {
    const callId = header(incoming.request, 'Call-ID') ?? '';
    return this.core.earlyNotify(callId, tagOf(incoming.request, 'To') ?? '', incoming);
  }

  #receiveCall(incoming: IncomingRequest): void {
    const { request } = incoming;
    const { limits, onCall, sessionTimer = { minSe: LEAST_MIN_SE } } = this.#options;
    const missing = badExtension(request, this.#extensions);
    if (missing !== undefined) return incoming.respond(420, { headers: missing });
    if (this.#isMerged(request)) return incoming.respond(482);
    const timing = decideAsServer(request, sessionTimer);
    if (timing.kind === 'too-short') return incoming.respond(422, { headers: timing.headers });
    this.#forgetAnswered();
    if (this.core.dialogs.isFull || this.#incoming.size >= (limits?.calls ?? MOST_CALLS)) {
      return incoming.respond(503, { headers: [{ name: 'Retry-After', value: '60' }] });
    }
    const call = new IncomingCall(this.core, incoming, {
      allow: this.allow,
      timing,
      answerWithinMs: ANSWER_WITHIN_MS,
    });
    this.#incoming.add(call);
    onCall?.(call);
  }

  /** 8.2.2.2: the same request over another branch of a fork. */
  #isMerged(request: SipRequest): boolean {
    const same = (name: string, other: SipRequest): boolean => header(request, name) === header(other, name);
    return [...this.#incoming].some(
      (call) =>
        call.isWaiting &&
        same('Call-ID', call.request) &&
        same('CSeq', call.request) &&
        tagOf(request, 'From') === tagOf(call.request, 'From'),
    );
  }

  #forgetAnswered(): void {
    for (const call of this.#incoming) if (!call.isWaiting) this.#incoming.delete(call);
  }
}
