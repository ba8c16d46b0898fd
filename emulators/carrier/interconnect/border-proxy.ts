/** The IBCF as a proxy (RFC 3261 section 16, RFC 5658): dialogs and what begins them, between the core and the peers. */

import { tagOf } from '../../../stack/rcs/sip/dialog-table.ts';
import type { IncomingRequest, SipEndpoint, SipFlow } from '../../../stack/rcs/sip/endpoint.ts';
import { addHeader, removeHeader } from '../../../stack/rcs/sip/headers.ts';
import type { SipRequest, SipResponse } from '../../../stack/rcs/sip/message.ts';
import { targetOfUri } from '../../../stack/rcs/sip/next-hop.ts';
import { SipParseError } from '../../../stack/rcs/sip/parse-error.ts';
import { reply } from '../answering.ts';
import {
  type CarrierConfig,
  type CarrierHosts,
  carrierHosts,
  INTERCONNECT_PORT,
  INTERNAL_PORT,
  type PeerCarrier,
} from '../config.ts';
import { numberOfUri, routeNumber } from '../numbering.ts';
import type { CarrierPorts } from '../ports.ts';
import { nextHopOf, oneHopLess, recordRoute, takeOwnRoutes } from '../proxy/loose-route.ts';
import type { Routing } from '../proxy/routing.ts';
import { type Branch, StatefulProxy } from '../proxy/stateful-proxy.ts';
import type { Binding } from '../registrar/bindings.ts';
import { respondKept } from './middleboxes/chain.ts';
import type { Passage } from './middleboxes/middlebox.ts';

export interface BorderProxyOptions {
  readonly config: CarrierConfig;
  readonly ports: CarrierPorts;
  readonly routing: Routing;
  endpoint(): SipEndpoint;
  /** What the border does to requests that cross it, either way, and to their answers. */
  crossing(request: SipRequest): Passage;
  answerCrossing(response: SipResponse): SipResponse;
  /** The number that a request of one of these peers comes from; undefined when they may not say so. */
  senderOf(request: SipRequest, peers: readonly PeerCarrier[]): string | undefined;
  /** The Route that leads to a device. */
  routeTo(binding: Binding): string;
}

const RECORDED = ['INVITE', 'SUBSCRIBE', 'REFER'];

export class BorderProxy {
  readonly #options: BorderProxyOptions;
  readonly #hosts: CarrierHosts;
  readonly #proxy: StatefulProxy;

  constructor(options: BorderProxyOptions) {
    const { config, ports } = options;
    this.#options = options;
    this.#hosts = carrierHosts(config);
    this.#proxy = new StatefulProxy({
      clock: ports.clock,
      random: ports.random.fork('border proxy'),
      endpoint: () => options.endpoint(),
    });
  }

  /** Takes what is a proxy's; false for OPTIONS and MESSAGE from outside a dialog, and for strangers. */
  receive(incoming: IncomingRequest): boolean {
    const { request, flow } = incoming;
    if (request.method === 'CANCEL') return this.#proxy.cancel(incoming);
    const fromCore = this.#isFromCore(flow);
    const peers = this.#options.config.peers.filter(({ ibcf }) => ibcf.host === flow.remote.host);
    if (!fromCore && peers.length === 0) return false;
    try {
      const initial = tagOf(request, 'To') === undefined;
      if (!fromCore && initial && ['OPTIONS', 'MESSAGE'].includes(request.method)) return false;
      const hopped = oneHopLess(request);
      if (hopped === undefined) return false;
      const { request: taken } = takeOwnRoutes(hopped, (uri) => uri.host.toLowerCase() === this.#hosts.ibcf);
      const passage = this.#options.crossing(taken);
      if (passage.kind !== 'passes') respondKept(incoming, passage, this.#hosts.ibcf);
      else if (fromCore) this.#outward(incoming, passage.request, initial);
      else this.#inward(incoming, passage.request, initial, peers);
    } catch (error) {
      if (!(error instanceof SipParseError)) throw error;
      incoming.respond(error.status);
    }
    return true;
  }

  close(): void {
    this.#proxy.close();
  }

  #outward(incoming: IncomingRequest, request: SipRequest, initial: boolean): void {
    if (!initial) return this.#send(incoming, [this.#branch(request)], this.#peerHosts());
    const route = routeNumber(this.#options.config, numberOfUri(request.uri) ?? '');
    if (route.kind !== 'peer') return incoming.respond(404);
    const { peer } = route;
    const transport = peer.transport ?? this.#options.config.interconnect.transport;
    const recorded = this.#recorded(request, [this.#coreSide(), this.#peerSide()]);
    this.#send(incoming, [{ request: recorded, target: { transport, ...peer.ibcf } }], this.#peerHosts());
  }

  #inward(
    incoming: IncomingRequest,
    request: SipRequest,
    initial: boolean,
    peers: readonly PeerCarrier[],
  ): void {
    const own = [this.#hosts.as, this.#hosts.pcscf];
    if (!initial) return this.#send(incoming, [this.#branch(request)], own);
    if (this.#options.senderOf(request, peers) === undefined) {
      return incoming.respond(403, { reason: 'No asserted identity of a number of that carrier' });
    }
    const clean = removeHeader(request, 'Route');
    const route = this.#options.routing.route(clean, 'peer');
    if (route.kind === 'refused') return reply(incoming, route.answer);
    if (route.kind === 'peer') return incoming.respond(404);
    const recorded = this.#recorded(clean, [this.#peerSide(), this.#coreSide()]);
    if (route.kind === 'service') {
      const hop = `sip:term@${this.#hosts.as}:${INTERNAL_PORT};transport=tls;lr`;
      return this.#send(incoming, [this.#branch(addHeader(recorded, 'Route', `<${hop}>`, true))], own);
    }
    const branches = route.bindings.map((binding) => {
      const called = addHeader(recorded, 'P-Called-Party-ID', `<tel:${binding.msisdn}>`);
      const routed = addHeader(called, 'Route', `<${this.#options.routeTo(binding)}>`, true);
      return this.#branch({ ...routed, uri: binding.contact.uri });
    });
    this.#send(incoming, branches, own);
  }

  /** Never an open relay: only to the hosts that this direction has. */
  #send(incoming: IncomingRequest, branches: readonly Branch[], allowed: readonly string[]): void {
    const stray = branches.some(({ target }) => !allowed.includes(target.host));
    const { request } = incoming;
    if (request.method === 'ACK') {
      const [branch] = branches;
      if (!stray && branch !== undefined) this.#proxy.passAck(branch.request, branch.target);
    } else if (stray) incoming.respond(403, { reason: 'No such route' });
    else this.#proxy.forward(incoming, branches, (response) => this.#options.answerCrossing(response));
  }

  #branch(request: SipRequest): Branch {
    return { request, target: targetOfUri(nextHopOf(request)) };
  }

  #recorded(request: SipRequest, sides: readonly string[]): SipRequest {
    return RECORDED.includes(request.method) ? recordRoute(request, sides) : request;
  }

  #isFromCore(flow: SipFlow): boolean {
    const own: readonly string[] = [this.#hosts.as, this.#hosts.pcscf];
    return flow.local.port === INTERNAL_PORT && own.includes(flow.remote.host);
  }

  #peerHosts(): string[] {
    return this.#options.config.peers.map(({ ibcf }) => ibcf.host);
  }

  #coreSide(): string {
    return `sip:${this.#hosts.ibcf}:${INTERNAL_PORT};transport=tls;lr`;
  }

  #peerSide(): string {
    const { transport } = this.#options.config.interconnect;
    return `sip:${this.#hosts.ibcf}:${INTERCONNECT_PORT};transport=${transport};lr`;
  }
}
