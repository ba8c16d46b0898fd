/**
 * The P-CSCF as a proxy (RFC 3261 section 16, RFC 5626 section 5, RFC 5658): dialogs of phones, and requests that begin
 * one. It records its route on both sides, the phone's with the token of its flow; identities are asserted on the way in
 * and taken off what a phone says.
 */

import { tagOf } from '../../../stack/rcs/sip/dialog-table.ts';
import type { IncomingRequest, SipEndpoint, SipFlow } from '../../../stack/rcs/sip/endpoint.ts';
import { addHeader, removeHeader } from '../../../stack/rcs/sip/headers.ts';
import type { SipRequest, SipResponse } from '../../../stack/rcs/sip/message.ts';
import { targetOfUri } from '../../../stack/rcs/sip/next-hop.ts';
import { SipParseError } from '../../../stack/rcs/sip/parse-error.ts';
import { type SipUri, writeSipUri } from '../../../stack/rcs/sip/uri.ts';
import { reply } from '../answering.ts';
import {
  type CarrierConfig,
  type CarrierHosts,
  carrierHosts,
  edgeAddress,
  homeDomain,
  INTERNAL_PORT,
} from '../config.ts';
import type { CarrierPorts } from '../ports.ts';
import type { FlowTokens } from '../proxy/flow-tokens.ts';
import { nextHopOf, oneHopLess, recordRoute, takeOwnRoutes } from '../proxy/loose-route.ts';
import type { Routing } from '../proxy/routing.ts';
import { type Branch, StatefulProxy } from '../proxy/stateful-proxy.ts';
import type { Admission } from '../registrar/authenticator.ts';
import type { Binding, Bindings } from '../registrar/bindings.ts';
import { claimedNumber } from './identity.ts';

export interface EdgeProxyOptions {
  readonly config: CarrierConfig;
  readonly ports: CarrierPorts;
  readonly tokens: FlowTokens;
  readonly bindings: Bindings;
  readonly routing: Routing;
  endpoint(): SipEndpoint;
  /** Whether the phone may send this, or what it is to be asked first. */
  admitted(request: SipRequest, msisdn: string): Admission;
  /** The request as the network vouches for it. */
  asserted(request: SipRequest, msisdn: string): SipRequest;
  /** What a phone claims about identities is taken off. */
  unasserted<M extends SipRequest | SipResponse>(message: M): M;
}

/** Begin a dialog, or are answered in the order of one. */
const RECORDED = ['INVITE', 'SUBSCRIBE', 'REFER'];
/** What the core serves from outside a dialog besides what the edge answers itself. */
const BEGINNING = [...RECORDED, 'PUBLISH'];

export class EdgeProxy {
  readonly #options: EdgeProxyOptions;
  readonly #hosts: CarrierHosts;
  readonly #tokens: FlowTokens;
  readonly #proxy: StatefulProxy;

  constructor(options: EdgeProxyOptions) {
    const { ports, config } = options;
    this.#options = options;
    this.#hosts = carrierHosts(config);
    this.#tokens = options.tokens;
    this.#proxy = new StatefulProxy({
      clock: ports.clock,
      random: ports.random.fork('edge proxy'),
      endpoint: () => options.endpoint(),
    });
  }

  /** Takes what is a proxy's: from the core, within a dialog, or beginning one. False for the rest. */
  receive(incoming: IncomingRequest): boolean {
    const { request, flow } = incoming;
    const { method } = request;
    if (method === 'CANCEL') return this.#proxy.cancel(incoming);
    try {
      if (this.#isFromCore(flow)) this.#fromCore(incoming);
      else if (method === 'REGISTER') return false;
      else if (tagOf(request, 'To') === undefined && !BEGINNING.includes(method)) return false;
      else return this.#fromPhone(incoming);
    } catch (error) {
      if (!(error instanceof SipParseError)) throw error;
      incoming.respond(error.status);
    }
    return true;
  }

  /** The Route that leads from the core to a device, for requests with its Contact as Request-URI. */
  routeTo({ flow }: Binding): string {
    return this.#coreSide(this.#tokens.tokenOf(flow));
  }

  close(): void {
    this.#proxy.close();
  }

  #fromPhone(incoming: IncomingRequest): boolean {
    const { flow } = incoming;
    const binding = this.#options.bindings.byFlow(flow, claimedNumber(incoming.request));
    // The edge itself says so in its own words.
    if (binding === undefined) return false;
    const hopped = oneHopLess(incoming.request);
    if (hopped === undefined) return false;
    const { request, users } = takeOwnRoutes(hopped, (uri) => this.#isOwn(uri));
    const asserted = this.#options.asserted(request, binding.msisdn);
    const far = this.#tokens.flowOf(users.at(-1) ?? '');
    if (tagOf(request, 'To') === undefined) this.#challengeOrBegin(incoming, asserted, binding);
    else if (far !== undefined && far !== flow && far !== binding.flow) this.#toFlow(incoming, asserted, far);
    else this.#passOn(incoming, asserted);
    return true;
  }

  /** Within a dialog: to where its Route leads, which must be this network's own or its borders. */
  #passOn(incoming: IncomingRequest, request: SipRequest): void {
    const target = targetOfUri(nextHopOf(request));
    const own: readonly string[] = [this.#hosts.as, this.#hosts.ibcf];
    if (!own.includes(target.host) || target.port !== INTERNAL_PORT) {
      if (request.method !== 'ACK') incoming.respond(403, { reason: 'No such route' });
    } else if (request.method === 'ACK') this.#proxy.passAck(request, target);
    else this.#proxy.forward(incoming, [{ request, target }]);
  }

  #challengeOrBegin(incoming: IncomingRequest, asserted: SipRequest, binding: Binding): void {
    const admission = this.#options.admitted(incoming.request, binding.msisdn);
    if (admission.kind === 'answer') reply(incoming, admission.answer);
    else this.#begin(incoming, removeHeader(asserted, 'Proxy-Authorization'), binding);
  }

  #begin(incoming: IncomingRequest, asserted: SipRequest, binding: Binding): void {
    const { method } = asserted;
    const route = this.#options.routing.route(removeHeader(asserted, 'Route'), 'phone');
    if (route.kind === 'refused') return reply(incoming, route.answer);
    const clean = removeHeader(asserted, 'Route');
    const recorded = (far: string): SipRequest =>
      RECORDED.includes(method) ? recordRoute(clean, [this.#phoneSide(incoming.flow), far]) : clean;
    if (route.kind === 'devices') {
      const branches = route.bindings
        .filter(({ flow }) => flow !== binding.flow)
        .map((each) => this.#toDevice(recorded(this.#phoneSide(each.flow)), each.flow, each));
      return this.#proxy.forward(incoming, branches, (response) => this.#options.unasserted(response));
    }
    const element = route.kind === 'service' ? `orig@${this.#hosts.as}` : this.#hosts.ibcf;
    const hop = `sip:${element}:${INTERNAL_PORT};transport=tls;lr`;
    const request = addHeader(recorded(this.#coreSide()), 'Route', `<${hop}>`, true);
    this.#proxy.forward(incoming, [{ request, target: targetOfUri(hop) }]);
  }

  #fromCore(incoming: IncomingRequest): void {
    const hopped = oneHopLess(incoming.request);
    if (hopped === undefined) return incoming.respond(483);
    const { request, users } = takeOwnRoutes(hopped, (uri) => this.#isOwn(uri));
    const flow = users.map((user) => this.#tokens.flowOf(user)).find((each) => each !== undefined);
    if (flow === undefined || !flow.open) {
      // RFC 5626 5.3.1: the phone is to come back on another flow.
      if (request.method !== 'ACK') incoming.respond(430);
      return;
    }
    const initial = tagOf(request, 'To') === undefined && RECORDED.includes(request.method);
    const sides = [this.#coreSide(), this.#phoneSide(flow)];
    this.#toFlow(incoming, initial ? recordRoute(request, sides) : request, flow);
  }

  #toFlow(incoming: IncomingRequest, request: SipRequest, flow: SipFlow): void {
    const branch = this.#toDevice(request, flow);
    if (request.method === 'ACK') this.#proxy.passAck(branch.request, branch.target);
    else this.#proxy.forward(incoming, [branch], (response) => this.#options.unasserted(response));
  }

  /** `binding`: the Request-URI becomes its Contact. */
  #toDevice(request: SipRequest, flow: SipFlow, binding?: Binding): Branch {
    const target = { transport: flow.transport, host: flow.remote.host, port: flow.remote.port, flow };
    if (binding === undefined) return { request, target };
    const called = addHeader(request, 'P-Called-Party-ID', `<tel:${binding.msisdn}>`);
    return { request: { ...called, uri: binding.contact.uri }, target };
  }

  #isFromCore(flow: SipFlow): boolean {
    const own: readonly string[] = [this.#hosts.as, this.#hosts.ibcf];
    return flow.local.port === INTERNAL_PORT && own.includes(flow.remote.host);
  }

  #isOwn(uri: SipUri): boolean {
    // Service-Route names the home network, whose S-CSCF is this same process.
    const { config } = this.#options;
    const own = [this.#hosts.pcscf, config.addresses?.pcscf, homeDomain(config)];
    return own.includes(uri.host.toLowerCase());
  }

  #phoneSide(flow: SipFlow): string {
    const { transport } = flow;
    const { host, port } = edgeAddress(this.#options.config, transport);
    return uriOf(host, port, transport, this.#tokens.tokenOf(flow));
  }

  #coreSide(token?: string): string {
    return uriOf(this.#hosts.pcscf, INTERNAL_PORT, 'tls', token);
  }
}

function uriOf(host: string, port: number, transport: string, user?: string): string {
  const params = new Map([
    ['transport', transport],
    ['lr', undefined],
  ]);
  return writeSipUri({ scheme: 'sip', ...(user !== undefined && { user }), host, port, params, headers: [] });
}
