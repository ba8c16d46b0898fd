/** RFC 6665 section 4.2: the notifier's side: SUBSCRIBE outside a dialog, by event package. */

import type { AgentCore } from './agent-core.ts';
import { parseEvent } from './event-header.ts';
import { expiresOf } from './expires.ts';
import { header, headerValues } from './headers.ts';
import type { IncomingRequest } from './incoming-request.ts';
import type { SipHeader, SipRequest } from './message.ts';
import { badExtension } from './option-tags.ts';
import { type NotifyContent, ServerSubscription } from './server-subscription.ts';

export type SubscribeDecision =
  | {
      readonly kind: 'refused';
      readonly status: number;
      readonly reason?: string;
      readonly headers?: readonly SipHeader[];
    }
  | {
      readonly kind: 'taken';
      /** `pending` while nobody has decided whether the subscriber may know (4.2.1.2); active() then lets it. */
      readonly phase?: 'active' | 'pending';
      /** What the next NOTIFY says; undefined for one without a body. `full` on the first and after each refresh. */
      content(full: boolean, subscription: ServerSubscription): NotifyContent | undefined;
      /** A single fetch (Expires: 0) is answered when this resolves, which must be well within 64*T1. */
      readonly ready?: Promise<void>;
      onOpened?(subscription: ServerSubscription): void;
      onEnded?(subscription: ServerSubscription): void;
    };

export interface EventPackage {
  readonly event: string;
  /** Bodies of its NOTIFYs; a subscriber whose Accept allows none of them gets 406. */
  readonly contentTypes: readonly string[];
  /** Seconds: shorter ones than `least` are answered 423, longer ones than `most` cut, `usual` when none is asked. */
  readonly expires: { readonly least: number; readonly most: number; readonly usual: number };
  /** Option tags besides that SUBSCRIBE may require. */
  readonly extensions?: readonly string[];
  decide(request: SipRequest): SubscribeDecision;
}

export interface NotifierOptions {
  readonly packages: readonly EventPackage[];
  /** Subscriptions at once; more are answered 503. */
  readonly most?: number;
}

const MOST = 4096;

export class Notifier {
  readonly #core: AgentCore;
  readonly #packages: ReadonlyMap<string, EventPackage>;
  readonly #most: number;
  readonly #open = new Set<ServerSubscription>();

  constructor(core: AgentCore, { packages, most = MOST }: NotifierOptions) {
    this.#core = core;
    this.#packages = new Map(packages.map((each) => [each.event, each]));
    this.#most = most;
  }

  /** The value of Allow-Events. */
  get allowEvents(): string {
    return [...this.#packages.keys()].join(', ');
  }

  get open(): readonly ServerSubscription[] {
    return [...this.#open];
  }

  /** Answers a SUBSCRIBE from outside a dialog and sends the first NOTIFY. Throws SipParseError. */
  receive(incoming: IncomingRequest): void {
    const { request } = incoming;
    const event = parseEvent(header(request, 'Event'));
    const served = this.#packages.get(event.name);
    if (served === undefined) {
      return incoming.respond(489, { headers: [{ name: 'Allow-Events', value: this.allowEvents }] });
    }
    const missing = badExtension(request, ['eventlist', ...(served.extensions ?? [])]);
    if (missing !== undefined) return incoming.respond(420, { headers: missing });
    if (!accepts(request, served.contentTypes)) return incoming.respond(406);
    const asked = expiresOf(request) ?? served.expires.usual;
    if (asked > 0 && asked < served.expires.least) {
      const headers = [{ name: 'Min-Expires', value: String(served.expires.least) }];
      return incoming.respond(423, { headers });
    }
    const decision = served.decide(request);
    if (decision.kind === 'refused') return incoming.respond(decision.status, decision);
    if (this.#open.size >= this.#most || this.#core.dialogs.isFull) {
      return incoming.respond(503, { headers: [{ name: 'Retry-After', value: '60' }] });
    }
    const subscription = new ServerSubscription(this.#core, incoming, {
      event,
      expires: Math.min(asked, served.expires.most),
      limits: served.expires,
      phase: decision.phase ?? 'active',
      ...(decision.ready !== undefined && { ready: decision.ready }),
      content: (full, self) => decision.content(full, self),
      onEnded: (self) => {
        this.#open.delete(self);
        decision.onEnded?.(self);
      },
    });
    this.#open.add(subscription);
    decision.onOpened?.(subscription);
    subscription.open(incoming);
  }
}

/** RFC 6665 3.1.3: without Accept the package's own type is meant. */
function accepts(request: SipRequest, types: readonly string[]): boolean {
  const accepted = headerValues(request, 'Accept').map((value) => value.split(';')[0]!.trim().toLowerCase());
  if (accepted.length === 0) return true;
  return accepted.some(
    (range) => range === '*/*' || types.some((type) => type === range || range === `${type.split('/')[0]}/*`),
  );
}
