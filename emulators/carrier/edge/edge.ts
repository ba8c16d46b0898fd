/**
 * The P-CSCF: where phones attach. It takes only the configured transports, lets in only who is registered on that
 * very flow (RFC 5626), and says who they are (RFC 3325): what a phone claims about itself is taken off.
 */
import { type IncomingRequest, SipEndpoint, type SipFlow } from '../../../stack/rcs/sip/endpoint.ts';
import { canonicalName } from '../../../stack/rcs/sip/header-names.ts';
import { addHeader, header, headerValues, removeHeader, setHeader } from '../../../stack/rcs/sip/headers.ts';
import type { SipRequest, SipResponse } from '../../../stack/rcs/sip/message.ts';
import { makeLocalResponse } from '../../../stack/rcs/sip/responses.ts';
import { type Answer, answer } from '../answer.ts';
import { guarded, reply } from '../answering.ts';
import {
  type CarrierConfig,
  carrierHosts,
  carrierLimits,
  edgeAddress,
  INTERNAL_PORT,
  publicIdentity,
} from '../config.ts';
import type { CarrierPorts } from '../ports.ts';
import type { Routing } from '../proxy/routing.ts';
import type { Binding } from '../registrar/bindings.ts';
import type { Bound, RegisterOutcome, Registrar } from '../registrar/registrar.ts';
import { WorkInHand } from '../work-in-hand.ts';
import { EdgeProxy } from './edge-proxy.ts';
import { RequestRates } from './request-rates.ts';

/** What the core serves. */
export const SERVED_METHODS =
  'REGISTER, OPTIONS, MESSAGE, INVITE, ACK, CANCEL, BYE, SUBSCRIBE, NOTIFY, PUBLISH';

/** Of what is under way already. */
const ENDING = ['BYE', 'CANCEL', 'PRACK', 'UPDATE'];

export interface EdgeOptions {
  readonly config: CarrierConfig;
  readonly ports: CarrierPorts;
  readonly registrar: Registrar;
  readonly routing: Routing;
  /** A request of a registered phone, identity asserted. */
  onRequest(request: SipRequest, from: Binding): Promise<Answer>;
  /** Called after the phone was told. */
  onBound(bound: Bound): void;
}

export class Edge {
  readonly #options: EdgeOptions;
  readonly #host: string;
  readonly #endpoint: SipEndpoint;
  readonly #rates: RequestRates;
  readonly #work = new WorkInHand();
  readonly #proxy: EdgeProxy;
  #closed = false;

  constructor(options: EdgeOptions) {
    const { config, ports } = options;
    this.#options = options;
    this.#host = carrierHosts(config).pcscf;
    const limits = carrierLimits(config);
    this.#rates = new RequestRates(ports.clock, () => {
      const { requestRate, flowRate } = carrierLimits(config);
      return { all: requestRate, flow: flowRate };
    });
    this.#endpoint = new SipEndpoint({
      clock: ports.clock,
      random: ports.random.fork('pcscf'),
      network: ports.network(this.#host),
      limits: {
        body: limits.bodySize,
        streams: limits.connections,
        udpFlows: limits.datagramPeers,
        serverTransactions: limits.transactions,
      },
      onRequest: (incoming) => {
        if (this.#admits(incoming) && !this.#proxy.receive(incoming)) void this.#serve(incoming);
      },
      onDeviation: (deviation) => ports.observe({ name: 'deviation', data: { ...deviation } }),
    });
    this.#proxy = new EdgeProxy({
      config,
      ports,
      bindings: options.registrar.bindings,
      routing: options.routing,
      endpoint: () => this.#endpoint,
      asserted: (request, msisdn) => this.#asserted(request, msisdn),
      unasserted: withoutAssertions,
    });
  }

  start(): void {
    for (const transport of this.#options.config.signalling.transports) {
      this.#endpoint.listen(transport, edgeAddress(this.#options.config, transport).port);
    }
    this.#endpoint.listen('tls', INTERNAL_PORT);
    // RFC 5626 section 4.2: a flow over UDP is a pair of addresses, which outlives this process; a stream does not.
    this.#options.registrar.bindings.restore(({ transport, remote }) =>
      transport === 'udp'
        ? this.#endpoint.datagramFlow(edgeAddress(this.#options.config, 'udp').port, remote)
        : undefined,
    );
  }

  /** Sends over the flow on which the device registered; never dials. */
  async toDevice(
    request: SipRequest,
    { flow }: Binding,
    branch?: string,
  ): Promise<SipResponse & { readonly local?: boolean }> {
    const target = { transport: flow.transport, host: flow.remote.host, port: flow.remote.port, flow };
    if (this.#closed) return makeLocalResponse(request, 503);
    const options = branch === undefined ? {} : { branch };
    const response = await this.#work.during(() => this.#endpoint.request(request, target, options));
    return withoutAssertions(response);
  }

  /** Takes no new request; resolves when those in hand are answered, at either side. */
  drain(): Promise<void> {
    return this.#work.drain();
  }

  /** The Route over which other elements of the core reach a device. */
  routeTo(binding: Binding): string {
    return this.#proxy.routeTo(binding);
  }

  close(): void {
    this.#closed = true;
    this.#proxy.close();
    this.#endpoint.close();
  }

  /** What is too much now, or new while the carrier ends, is answered 503. The core itself is never too much. */
  #admits(incoming: IncomingRequest): boolean {
    const { request, flow } = incoming;
    if (flow.local.port === INTERNAL_PORT || request.method === 'ACK') return true;
    const isLate = this.#work.isDraining && !ENDING.includes(request.method);
    if (!isLate && this.#rates.admit(flow)) return true;
    reply(incoming, answer(503, { 'Retry-After': isLate ? '5' : '1' }));
    return false;
  }

  async #serve(incoming: IncomingRequest): Promise<void> {
    const { request, flow } = incoming;
    if (request.method === 'ACK') return;
    let bound: readonly Bound[] = [];
    const given = await this.#work.during(() =>
      guarded(this.#host, async () => {
        if (request.method !== 'REGISTER') return this.#answer(request, flow);
        const outcome = this.#register(request, flow);
        bound = outcome.bound;
        return outcome.answer;
      }),
    );
    reply(incoming, given);
    for (const each of bound) this.#options.onBound(each);
  }

  async #answer(request: SipRequest, flow: SipFlow): Promise<Answer> {
    const binding = this.#options.registrar.bindings.byFlow(flow);
    if (binding === undefined) return refusal403('User not registered');
    const hops = Number.parseInt(header(request, 'Max-Forwards') ?? '70', 10);
    if (!(hops > 0)) return answer(483);
    // What can be cancelled was the proxy's (RFC 3261 section 9.2).
    if (request.method === 'CANCEL') return answer(481);
    if (request.method !== 'OPTIONS' && request.method !== 'MESSAGE')
      return answer(405, { Allow: SERVED_METHODS });
    const limited = setHeader(removeHeader(request, 'Route'), 'Max-Forwards', String(hops - 1));
    return this.#options.onRequest(this.#asserted(limited, binding.msisdn), binding);
  }

  /** RFC 3327: the way back to this phone leads through here. */
  #register(request: SipRequest, flow: SipFlow): RegisterOutcome {
    const { host, port } = edgeAddress(this.#options.config, flow.transport);
    const path = `<sip:${bracketed(host)}:${port};transport=${flow.transport};lr;ob>`;
    return this.#options.registrar.register(addHeader(request, 'Path', path, true), flow);
  }

  /** RFC 3325 section 5 and RFC 6050 section 4.2. */
  #asserted(request: SipRequest, msisdn: string): SipRequest {
    const service = headerValues(request, 'P-Preferred-Service')[0];
    const clean = ['P-Preferred-Identity', 'P-Preferred-Service'].reduce(
      removeHeader<SipRequest>,
      withoutAssertions(request),
    );
    const identity = publicIdentity(this.#options.config, msisdn);
    const known = addHeader(clean, 'P-Asserted-Identity', `<${identity}>, <tel:${msisdn}>`);
    return service === undefined ? known : addHeader(known, 'P-Asserted-Service', service);
  }
}

/** RFC 3261 section 25.1, IPv6reference. */
function bracketed(host: string): string {
  return host.includes(':') ? `[${host}]` : host;
}

/** Only the network asserts. */
function withoutAssertions<M extends SipRequest | SipResponse>(message: M): M {
  return {
    ...message,
    headers: message.headers.filter(({ name }) => !canonicalName(name).startsWith('p-asserted-')),
  };
}

/** Phones and their tests look at this very phrase (docs/rcs-signalling.md 3.1). */
function refusal403(reason: string): Answer {
  return answer(403, {}, reason);
}
