/**
 * The IBCF (IR.90, 3GPP TS 29.165 in outline): SIP to and from other carriers. Peers are trusted to assert the
 * identities of their own numbers (RFC 3324 section 2.3, Trust Domains) and no others.
 */
import type { Random } from '../../../stack/platform.ts';
import { type IncomingRequest, SipEndpoint } from '../../../stack/rcs/sip/endpoint.ts';
import { headerValues, setHeader } from '../../../stack/rcs/sip/headers.ts';
import { newTag } from '../../../stack/rcs/sip/identifiers.ts';
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
import { keptBack, passRequest, passResponse } from './middleboxes/chain.ts';
import type { Passage } from './middleboxes/middlebox.ts';

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
  readonly #random: Random;
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
      crossing: (request) => this.#crossing(request),
      answerCrossing: (response) => this.#answerCrossing(response),
      senderOf: assertedNumber,
      routeTo: (binding) => options.routeTo(binding),
    });
    this.#random = ports.random.fork('border');
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
    const passage = this.#crossing(request);
    if (passage.kind !== 'passes') return keptBack(request, passage, this.#host, newTag(this.#random));
    const target = { transport: peer.transport ?? config.interconnect.transport, ...peer.ibcf };
    const { local, ...response } = await this.#endpoint.request(passage.request, target);
    return { ...this.#answerCrossing(response), ...(local !== undefined && { local }) };
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
        ? { ...given, response: this.#answerCrossing(given.response) }
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
    const passage = this.#crossing(setHeader(request, 'Max-Forwards', String(hops - 1)));
    if (passage.kind === 'refused') return refusal(passage.status, this.#host, passage.why);
    if (passage.kind === 'lost') return answer(202);
    const sender = assertedNumber(passage.request, peers);
    if (sender === undefined)
      return refusal(403, this.#host, 'no asserted identity of a number of that carrier');
    return this.#options.onRequest(passage.request, sender);
  }

  #ownAnswer(given: Answer & { kind: 'own' }): Answer {
    const { headers = [] } = given;
    const empty = { kind: 'response', status: given.status, reason: '', body: new Uint8Array(0) } as const;
    return { ...given, headers: this.#answerCrossing({ ...empty, headers }).headers };
  }

  #crossing(request: SipRequest): Passage {
    const { config, ports } = this.#options;
    return passRequest(config.interconnect.middleboxes, request, ports.clock.now());
  }

  #answerCrossing(response: SipResponse): SipResponse {
    const { config, ports } = this.#options;
    return passResponse(config.interconnect.middleboxes, response, ports.clock.now());
  }
}

/** The number that P-Asserted-Identity names, when it is one of those peers': the domain beside it says nothing. */
function assertedNumber(request: SipRequest, peers: readonly PeerCarrier[]): string | undefined {
  const numbers = headerValues(request, 'P-Asserted-Identity').map((value) =>
    numberOfUri(parseNameAddr(value).uri),
  );
  return numbers.find((number) => peers.some(({ numberPrefix }) => number?.startsWith(numberPrefix)));
}
