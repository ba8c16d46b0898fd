/**
 * The P-CSCF: where phones attach. It takes only the configured transports, lets in only who is registered on that
 * very flow (RFC 5626), and says who they are (RFC 3325): what a phone claims about itself is taken off.
 */
import { type IncomingRequest, SipEndpoint, type SipFlow } from '../../../stack/rcs/sip/endpoint.ts';
import { addHeader, header, headerValues, removeHeader, setHeader } from '../../../stack/rcs/sip/headers.ts';
import type { SipRequest, SipResponse } from '../../../stack/rcs/sip/message.ts';
import { parseNameAddr } from '../../../stack/rcs/sip/name-addr.ts';
import { makeLocalResponse, makeResponse } from '../../../stack/rcs/sip/responses.ts';
import { parseSipUri } from '../../../stack/rcs/sip/uri.ts';
import { type Answer, answer, withHeaders } from '../answer.ts';
import { guarded, reply } from '../answering.ts';
import {
  type CarrierConfig,
  carrierHosts,
  carrierLimits,
  edgeAddress,
  homeDomain,
  INTERNAL_PORT,
  publicIdentity,
} from '../config.ts';
import { subscriberOf } from '../numbering.ts';
import type { CarrierPorts } from '../ports.ts';
import { FlowTokens } from '../proxy/flow-tokens.ts';
import type { Routing } from '../proxy/routing.ts';
import type { Admission } from '../registrar/authenticator.ts';
import type { Binding } from '../registrar/bindings.ts';
import { type Bound, FLOW_TIMER, type RegisterOutcome, type Registrar } from '../registrar/registrar.ts';
import { WorkInHand } from '../work-in-hand.ts';
import { EdgeProxy } from './edge-proxy.ts';
import { asserted, claimedNumber, forPhone, withoutAssertions } from './identity.ts';
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
  readonly #tokens: FlowTokens;
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
      keepAliveSeconds: FLOW_TIMER,
      onRequest: (incoming) => this.#receive(incoming),
      onDeviation: (deviation) => this.#deviates(deviation.what, deviation.clause),
    });
    this.#tokens = new FlowTokens(ports.random.fork('flow tokens'), (port, remote) =>
      this.#endpoint.datagramFlow(port, remote),
    );
    this.#proxy = new EdgeProxy({
      config,
      ports,
      tokens: this.#tokens,
      bindings: options.registrar.bindings,
      routing: options.routing,
      endpoint: () => this.#endpoint,
      admitted: (request, msisdn) => this.#challenged(request, msisdn),
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

  /** Sends over the flow on which the device registered; never dials. A flow that is gone is a 430 (RFC 5626 section 5.3.1). */
  async toDevice(
    request: SipRequest,
    { flow }: Binding,
    branch?: string,
  ): Promise<SipResponse & { readonly local?: boolean }> {
    const target = { transport: flow.transport, host: flow.remote.host, port: flow.remote.port, flow };
    if (this.#closed) return makeLocalResponse(request, 503);
    if (!flow.open) return makeResponse(request, 430);
    const options = branch === undefined ? {} : { branch };
    const response = await this.#work.during(() =>
      this.#endpoint.request(forPhone(request), target, options),
    );
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

  #receive(incoming: IncomingRequest): void {
    if (this.#admits(incoming) && !this.#proxy.receive(incoming)) void this.#serve(incoming);
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
    const { registrar } = this.#options;
    const binding = registrar.bindings.byFlow(flow, claimedNumber(request));
    if (binding === undefined) return refusal403('User not registered');
    const hops = Number.parseInt(header(request, 'Max-Forwards') ?? '70', 10);
    if (!(hops > 0)) return answer(483);
    // What can be cancelled was the proxy's (RFC 3261 section 9.2).
    if (request.method === 'CANCEL') return answer(481);
    if (request.method !== 'OPTIONS' && request.method !== 'MESSAGE')
      return answer(405, { Allow: SERVED_METHODS });
    const admission = this.#challenged(request, binding.msisdn);
    if (admission.kind === 'answer') return admission.answer;
    const astray = this.#astray(request, flow);
    if (astray !== undefined) return astray;
    const own = ['Route', 'Proxy-Authorization'].reduce(removeHeader<SipRequest>, request);
    const limited = setHeader(own, 'Max-Forwards', String(hops - 1));
    const known = this.#asserted(limited, binding.msisdn);
    return withHeaders(await this.#options.onRequest(known, binding), admission.headers);
  }

  #asserted(request: SipRequest, msisdn: string): SipRequest {
    const identities = { sip: publicIdentity(this.#options.config, msisdn), msisdn };
    return asserted(request, identities, () =>
      this.#deviates('P-Preferred-Identity of somebody else', 'RFC 3325 6'),
    );
  }

  /** A network that asks for credentials with every request (RFC 3261 section 22.3). */
  #challenged(request: SipRequest, msisdn: string): Admission {
    const { config, registrar } = this.#options;
    const subscriber = subscriberOf(config, msisdn);
    if (config.signalling.challengeRequests !== true || subscriber === undefined)
      return { kind: 'admitted', headers: [] };
    return registrar.authenticator.admit(request, subscriber, 'proxy');
  }

  /** Where the Route leads that the phone wrote: its own flow, or nowhere (RFC 5626 section 5.3; RFC 3608 section 6). */
  #astray(request: SipRequest, flow: SipFlow): Answer | undefined {
    const route = headerValues(request, 'Route');
    const meaning = this.#tokens.meaningOf(userOfRoute(route[0] ?? ''));
    if (meaning?.kind === 'gone') return answer(430);
    if (meaning?.kind === 'forged' || (meaning?.kind === 'flow' && meaning.flow !== flow))
      return answer(403, {}, 'Flow token is not of this flow');
    const domain = homeDomain(this.#options.config);
    if (!route.some((one) => one.includes(`sip:orig@${domain}`)))
      this.#deviates('a request without the Service-Route that REGISTER was answered with', 'RFC 3608 6.1');
    return undefined;
  }

  /** RFC 3327: the way back to this phone leads through here, by its flow (RFC 5626 section 5.2). */
  #register(request: SipRequest, flow: SipFlow): RegisterOutcome {
    const { host, port } = edgeAddress(this.#options.config, flow.transport);
    const token = this.#tokens.tokenOf(flow);
    const path = `<sip:${token}@${bracketed(host)}:${port};transport=${flow.transport};lr;ob>`;
    return this.#options.registrar.register(addHeader(request, 'Path', path, true), flow);
  }

  #deviates(what: string, clause: string): void {
    this.#options.ports.observe({ name: 'deviation', data: { what, clause } });
  }
}

/** RFC 3261 section 25.1, IPv6reference. */
function bracketed(host: string): string {
  return host.includes(':') ? `[${host}]` : host;
}

/** The user part of a Route value: the token of a flow, where this proxy wrote it. */
function userOfRoute(value: string): string | undefined {
  if (value === '') return undefined;
  const uri = parseSipUri(parseNameAddr(value, 'Route').uri);
  return uri.scheme === 'tel' ? undefined : uri.user;
}

/** Phones and their tests look at this very phrase (docs/rcs-signalling.md 3.1). */
function refusal403(reason: string): Answer {
  return answer(403, {}, reason);
}
