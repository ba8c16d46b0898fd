/**
 * The IBCF (IR.90, 3GPP TS 29.165 in outline): SIP to and from other carriers. Peers are trusted to assert the
 * identities of their own numbers (RFC 3324 section 2.3, Trust Domains) and no others.
 */
import type { Random } from '../../../stack/platform.ts';
import { type IncomingRequest, SipEndpoint } from '../../../stack/rcs/sip/endpoint.ts';
import { headerValues, setHeader } from '../../../stack/rcs/sip/headers.ts';
import type { SipRequest, SipResponse } from '../../../stack/rcs/sip/message.ts';
import { parseNameAddr } from '../../../stack/rcs/sip/name-addr.ts';
import { makeLocalResponse } from '../../../stack/rcs/sip/responses.ts';
import { type Answer, answer, refusal } from '../answer.ts';
import { guarded, reply } from '../answering.ts';
import {
  type CarrierConfig,
  carrierHosts,
  carrierLimits,
  INTERCONNECT_PORT,
  INTERNAL_PORT,
  type PeerCarrier,
} from '../config.ts';
import type { Deadlines } from '../deadlines.ts';
import { forwardedRequest } from '../messaging/forwarded-request.ts';
import { deliveryName, summary } from '../messaging/messaging.ts';
import type { PagerMessage } from '../messaging/pager-message.ts';
import { numberOfUri, routeNumber } from '../numbering.ts';
import type { CarrierPorts } from '../ports.ts';
import type { Routing } from '../proxy/routing.ts';
import type { Binding } from '../registrar/bindings.ts';
import { Ledger } from '../state/ledger.ts';
import { WorkInHand } from '../work-in-hand.ts';
import { Border } from './border.ts';
import { BorderProxy } from './border-proxy.ts';
import { stripFeatureTags } from './feature-tags.ts';

/** Below the 32 s of the asking phone's own transaction, above what the far side gives its phone. */
const PEER_ANSWERS_WITHIN_MS = 12_000;

export interface InterconnectOptions {
  readonly config: CarrierConfig;
  readonly ports: CarrierPorts;
  readonly deadlines: Deadlines;
  /** What is the same in every life of the carrier. */
  readonly lasting: Random;
  readonly routing: Routing;
  /** The Route that leads to a device of an own subscriber. */
  routeTo(binding: Binding): string;
  /** Hands a message over in large message mode; undefined when it is to go in a MESSAGE. */
  toPeer(message: PagerMessage): Promise<SipResponse | undefined>;
  /** A request of a peer's subscriber for one of ours. */
  onRequest(request: SipRequest, sender: string): Promise<Answer>;
  /** A message whose sender was told 202 can't be handed over: the peer said so, or time ran out. */
  onUndeliverable(message: PagerMessage, why: { readonly status: number } | 'expired'): void;
}

type PeerResponse = SipResponse & { readonly local?: boolean };

export class Interconnect {
  readonly #options: InterconnectOptions;
  readonly #host: string;
  readonly #endpoint: SipEndpoint;
  readonly #border: Border;
  readonly #work = new WorkInHand();
  readonly #proxy: BorderProxy;
  #closed = false;

  constructor(options: InterconnectOptions) {
    const { config, ports } = options;
    this.#options = options;
    this.#host = carrierHosts(config).ibcf;
    this.#endpoint = new SipEndpoint({
      clock: ports.clock,
      random: ports.random.fork('ibcf'),
      network: ports.network(this.#host),
      onRequest: (incoming) => {
        if (!this.#proxy.receive(incoming)) void this.#serve(incoming);
      },
      onDeviation: (deviation) => ports.observe({ name: 'deviation', data: { ...deviation } }),
    });
    this.#proxy = new BorderProxy({
      config,
      ports,
      routing: options.routing,
      endpoint: () => this.#endpoint,
      filtered: (message) => this.#filtered(message),
      senderOf: (request, { ibcf }) =>
        assertedNumber(
          request,
          config.peers.filter((peer) => peer.ibcf.host === ibcf.host),
        ),
      routeTo: (binding) => options.routeTo(binding),
    });
    this.#border = new Border({
      clock: ports.clock,
      ledger: new Ledger(ports.store, 'border'),
      get keepMs() {
        return config.services.storeAndForwardMs;
      },
      get limit() {
        return carrierLimits(config).storedMessages;
      },
      send: async (message) => {
        const given = this.#closed ? undefined : await options.toPeer(message);
        if (given) return given;
        const uri = `tel:${message.recipient}`;
        // One Call-ID for all attempts and lives: the only thing by which a message without imdn.Message-ID is known again.
        const ids = options.lasting.fork(`border ${deliveryName(message)}`);
        const request = forwardedRequest(message.request, uri, this.#host, ids);
        return this.#send(request, message.recipient);
      },
      onHeld: (message) => {
        ports.stored(`border/${message.recipient}/${message.id}`, message.request.body);
        ports.observe({ name: 'stored', data: { ...summary(message), at: 'border' } });
      },
      onForwarded: (message, wasHeld) => {
        if (wasHeld)
          ports.observe({ name: 'delivered-from-store', data: { ...summary(message), at: 'border' } });
      },
      onFailed: (message, why) => options.onUndeliverable(message, why),
    });
  }

  start(): void {
    const { interconnect, addresses } = this.#options.config;
    this.#endpoint.listen(interconnect.transport, addresses?.interconnectPort ?? INTERCONNECT_PORT);
    this.#endpoint.listen('tls', INTERNAL_PORT);
    this.#border.restore();
  }

  /** Takes a message towards its recipient's carrier; answers as that does, or 202 when it is held here. */
  forwardMessage(message: PagerMessage): Promise<Answer> {
    return this.#border.forward(message);
  }

  /** Passes an OPTIONS on as a proxy does. */
  async forwardQuery(request: SipRequest, recipient: string): Promise<Answer> {
    const response = await this.#options.deadlines.within(
      PEER_ANSWERS_WITHIN_MS,
      this.#send(request, recipient),
    );
    // A proxy never passes its own 408 or 503 on (RFC 3261 sections 16.7 and 16.8): the phone learns nothing of the peer.
    if (response === undefined || response.local === true) return answer(504);
    return { kind: 'relayed', response };
  }

  /** Takes no new request of a peer; resolves when those in hand are answered. */
  drain(): Promise<void> {
    return this.#work.drain();
  }

  close(): void {
    this.#closed = true;
    this.#border.close();
    this.#proxy.close();
    this.#endpoint.close();
  }

  async #send(request: SipRequest, recipient: string): Promise<PeerResponse> {
    const { config } = this.#options;
    const route = routeNumber(config, recipient);
    if (route.kind !== 'peer') throw new RangeError(`${recipient} is not a number of a peer`);
    const { peer } = route;
    if (this.#closed) return makeLocalResponse(request, 503);
    const target = { transport: peer.transport ?? config.interconnect.transport, ...peer.ibcf };
    const response = await this.#endpoint.request(this.#filtered(request), target);
    return this.#filtered(response);
  }

  async #serve(incoming: IncomingRequest): Promise<void> {
    if (incoming.request.method === 'ACK') return;
    if (this.#work.isDraining) {
      reply(incoming, answer(503, { 'Retry-After': '5' }));
      return;
    }
    const given = await this.#work.during(() => guarded(this.#host, () => this.#answer(incoming)));
    reply(
      incoming,
      given.kind === 'relayed'
        ? { ...given, response: this.#filtered(given.response) }
        : this.#ownAnswer(given),
    );
  }

  async #answer({ request, flow }: IncomingRequest): Promise<Answer> {
    // A carrier with several ranges of numbers stands there once for each.
    const peers = this.#options.config.peers.filter((p) => p.ibcf.host === flow.remote.host);
    if (peers.length === 0) return refusal(403, this.#host, 'not a carrier that this one knows');
    if (request.method !== 'OPTIONS' && request.method !== 'MESSAGE')
      return answer(405, { Allow: 'OPTIONS, MESSAGE' });
    const hops = Number.parseInt(headerValues(request, 'Max-Forwards')[0] ?? '70', 10);
    if (!(hops > 0)) return answer(483);
    const sender = assertedNumber(request, peers);
    if (sender === undefined)
      return refusal(403, this.#host, 'no asserted identity of a number of that carrier');
    const limited = setHeader(request, 'Max-Forwards', String(hops - 1));
    return this.#options.onRequest(this.#filtered(limited), sender);
  }

  #ownAnswer(given: Answer & { kind: 'own' }): Answer {
    const { headers = [] } = given;
    const filtered = this.#filtered({
      kind: 'response',
      status: given.status,
      reason: '',
      headers,
      body: new Uint8Array(0),
    });
    return { ...given, headers: filtered.headers };
  }

  #filtered<M extends SipRequest | SipResponse>(message: M): M {
    return stripFeatureTags(message, this.#options.config.interconnect.stripFeatureTags);
  }
}

/** The number that P-Asserted-Identity names, when it is one of those peers'. */
function assertedNumber(request: SipRequest, peers: readonly PeerCarrier[]): string | undefined {
  const numbers = headerValues(request, 'P-Asserted-Identity').map((value) =>
    numberOfUri(parseNameAddr(value).uri),
  );
  return numbers.find((number) => peers.some(({ numberPrefix }) => number?.startsWith(numberPrefix)));
}
