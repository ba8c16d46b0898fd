/**
 * The presence server (RFC 3856, 3903, 4662, 5367; docs/rcs-signalling.md 3.2): takes what phones publish, answers who
 * asks about one subscriber or a list of them. For networks that discover by OPTIONS it still answers peers, from what
 * was registered.
 */
import { EventBodyError } from '../../../stack/rcs/event-packages/document.ts';
import { PIDF_TYPE, readPidf, writePidf } from '../../../stack/rcs/event-packages/pidf.ts';
import { parseEvent } from '../../../stack/rcs/sip/event-header.ts';
import { EventState } from '../../../stack/rcs/sip/event-state.ts';
import { header } from '../../../stack/rcs/sip/headers.ts';
import type { IncomingRequest } from '../../../stack/rcs/sip/incoming-request.ts';
import type { SipRequest } from '../../../stack/rcs/sip/message.ts';
import { Notifier, type SubscribeDecision } from '../../../stack/rcs/sip/notifier.ts';
import { optionTags } from '../../../stack/rcs/sip/option-tags.ts';
import { SipParseError } from '../../../stack/rcs/sip/parse-error.ts';
import type { ServerSubscription } from '../../../stack/rcs/sip/server-subscription.ts';
import type { ApplicationServer, Caller, Service } from '../application-server.ts';
import type { CarrierConfig } from '../config.ts';
import type { Deadlines } from '../deadlines.ts';
import { numberOfUri, routeNumber } from '../numbering.ts';
import type { CarrierPorts } from '../ports.ts';
import type { Origin } from '../proxy/routing.ts';
import type { Bindings } from '../registrar/bindings.ts';
import { ListSubscription } from './list-subscription.ts';
import { presenceOf } from './presence-documents.ts';

export interface PresenceServerOptions {
  readonly config: CarrierConfig;
  readonly ports: CarrierPorts;
  readonly deadlines: Deadlines;
  readonly bindings: Bindings;
  readonly applicationServer: ApplicationServer;
}

const PUBLISH_EXPIRES = { least: 60, most: 86_400, usual: 3_600 };
const SUBSCRIBE_EXPIRES = { least: 60, most: 86_400, usual: 3_600 };

export class PresenceServer implements Service {
  readonly #options: PresenceServerOptions;
  readonly #state: EventState;
  readonly #notifier: Notifier;
  /** Subscriptions to one subscriber, by number. */
  readonly #watchers = new Map<string, Set<ServerSubscription>>();
  /** Whom the request that is being decided on comes from. */
  #caller: Caller | undefined;

  constructor(options: PresenceServerOptions) {
    const { ports, applicationServer } = options;
    this.#options = options;
    this.#state = new EventState({
      clock: ports.clock,
      random: ports.random.fork('presence'),
      events: [{ event: 'presence', contentTypes: [PIDF_TYPE] }],
      expires: PUBLISH_EXPIRES,
      onChanged: (msisdn) => this.changed(msisdn),
    });
    this.#notifier = new Notifier(applicationServer.agent.core, {
      packages: [
        {
          event: 'presence',
          contentTypes: [PIDF_TYPE, 'multipart/related'],
          expires: SUBSCRIBE_EXPIRES,
          extensions: ['recipient-list-subscribe'],
          decide: (request) => this.#decide(request),
        },
      ],
    });
  }

  wants(request: SipRequest, origin: Origin): boolean {
    const { method } = request;
    if (method !== 'PUBLISH' && method !== 'SUBSCRIBE') return false;
    if (eventOf(request) !== 'presence') return false;
    if (method === 'PUBLISH') return origin === 'phone';
    if (isList(request) || !this.#isServed(origin)) return true;
    const route = routeNumber(this.#options.config, numberOfUri(request.uri) ?? '');
    // Someone else's subscriber: to the peer as it is.
    return origin === 'peer' || route.kind !== 'peer';
  }

  /** Throws SipParseError. */
  onRequest(incoming: IncomingRequest, caller: Caller): void {
    // docs/rcs-signalling.md 3.4: phones of a network that discovers by OPTIONS are told so.
    if (!this.#isServed(caller.origin))
      return incoming.respond(489, { headers: [{ name: 'Allow-Events', value: '' }] });
    if (incoming.request.method === 'PUBLISH') return this.#publish(incoming, caller);
    this.#caller = caller;
    this.#notifier.receive(incoming);
  }

  /** Something about a subscriber changed: a publication, or whether it can be reached. */
  changed(msisdn: string): void {
    for (const watcher of this.#watchers.get(msisdn) ?? []) watcher.changed();
  }

  close(): void {
    this.#state.close();
  }

  #isServed(origin: Origin): boolean {
    return origin === 'peer' || (this.#options.config.capabilityDiscovery ?? 'options') !== 'options';
  }

  #publish(incoming: IncomingRequest, { sender }: Caller): void {
    const { request } = incoming;
    // RFC 3903 6 step 1: nobody publishes for another.
    if (numberOfUri(request.uri) !== sender) return incoming.respond(403, { reason: 'Only for oneself' });
    if (request.body.length > 0) {
      try {
        readPidf(request.body);
      } catch (error) {
        if (!(error instanceof EventBodyError)) throw error;
        return incoming.respond(400, { reason: 'Bad Request (no presence document)' });
      }
    }
    const answer = this.#state.receive(request, sender);
    incoming.respond(answer.status, answer);
    if (answer.status !== 200) return;
    const { observe } = this.#options.ports;
    observe({ name: 'published', data: { msisdn: sender, octets: request.body.length } });
  }

  #decide(request: SipRequest): SubscribeDecision {
    const { sender } = this.#caller!;
    const { config, bindings, deadlines, applicationServer, ports } = this.#options;
    const sources = { config, bindings, published: this.#state };
    if (isList(request)) {
      return new ListSubscription({ request, sender, sources, deadlines, applicationServer, ports }).decision;
    }
    const msisdn = numberOfUri(request.uri);
    if (msisdn === undefined || presenceOf(msisdn, sources) === undefined)
      return { kind: 'refused', status: 404 };
    return {
      kind: 'taken',
      content: () => {
        const document = presenceOf(msisdn, sources);
        return (
          document && { headers: [{ name: 'Content-Type', value: PIDF_TYPE }], body: writePidf(document) }
        );
      },
      onOpened: (subscription) => {
        const watchers = this.#watchers.get(msisdn) ?? new Set();
        this.#watchers.set(msisdn, watchers.add(subscription));
      },
      onEnded: (subscription) => {
        const watchers = this.#watchers.get(msisdn);
        watchers?.delete(subscription);
        if (watchers?.size === 0) this.#watchers.delete(msisdn);
      },
    };
  }
}

function isList(request: SipRequest): boolean {
  return optionTags(request, 'Require').includes('recipient-list-subscribe');
}

function eventOf(request: SipRequest): string | undefined {
  try {
    return parseEvent(header(request, 'Event')).name;
  } catch (error) {
    if (error instanceof SipParseError) return undefined;
    throw error;
  }
}
