/**
 * A third party between carriers: a hub that serves many of them from one place, or a transit proxy of the IPX (IR.90
 * and IR.34 in outline; docs/rcs-signalling.md 10.3). It routes by number, and middleboxes stand in it.
 */
import type { Clock, Network, Random } from '../../../stack/platform.ts';
import { tagOf } from '../../../stack/rcs/sip/dialog-table.ts';
import { type IncomingRequest, SipEndpoint } from '../../../stack/rcs/sip/endpoint.ts';
import { headerValues, setHeader } from '../../../stack/rcs/sip/headers.ts';
import type { SipRequest, SipResponse } from '../../../stack/rcs/sip/message.ts';
import { parseNameAddr } from '../../../stack/rcs/sip/name-addr.ts';
import { targetOfUri } from '../../../stack/rcs/sip/next-hop.ts';
import { SipParseError } from '../../../stack/rcs/sip/parse-error.ts';
import { parseSipUri } from '../../../stack/rcs/sip/uri.ts';
import { INTERCONNECT_PORT } from '../config.ts';
import { numberOfUri } from '../numbering.ts';
import { nextHopOf, oneHopLess, recordRoute, takeOwnRoutes } from '../proxy/loose-route.ts';
import { type Branch, StatefulProxy } from '../proxy/stateful-proxy.ts';
import { passRequest, passResponse, respondKept } from './middleboxes/chain.ts';
import type { Middlebox } from './middleboxes/middlebox.ts';

/** One carrier that is attached. */
export interface Member {
  readonly ibcf: { readonly host: string; readonly port: number };
  readonly transport: 'tcp' | 'tls';
  /** Numbers that begin with this are its subscribers'. */
  readonly numberPrefix: string;
}

export interface TransitOptions {
  readonly clock: Clock;
  readonly random: Random;
  /** As the transit host sees it. */
  readonly network: Network;
  readonly members: readonly Member[];
  readonly middleboxes: readonly Middlebox[];
  /** A hub: all its carriers' users are asserted under this domain, so none can tell whose they are by it. */
  readonly domain?: string;
}

export class Transit {
  readonly #options: TransitOptions;
  readonly #endpoint: SipEndpoint;
  readonly #proxy: StatefulProxy;

  constructor(options: TransitOptions) {
    this.#options = options;
    const { clock, random, network } = options;
    this.#endpoint = new SipEndpoint({
      clock,
      random: random.fork('sip'),
      network,
      onRequest: (incoming) => this.#receive(incoming),
    });
    this.#proxy = new StatefulProxy({ clock, random: random.fork('proxy'), endpoint: () => this.#endpoint });
  }

  /** Opens its listener, TLS on the port of borders. */
  start(): void {
    this.#endpoint.listen('tls', INTERCONNECT_PORT);
  }

  close(): void {
    this.#proxy.close();
    this.#endpoint.close();
  }

  #receive(incoming: IncomingRequest): void {
    if (incoming.request.method === 'CANCEL') {
      if (!this.#proxy.cancel(incoming)) incoming.respond(481);
      return;
    }
    try {
      const routed = this.#route(incoming);
      if (typeof routed === 'number') incoming.respond(routed);
      else this.#forward(incoming, routed);
    } catch (error) {
      if (!(error instanceof SipParseError)) throw error;
      incoming.respond(error.status);
    }
  }

  /** Where a request goes and as what, or the status by which it is refused. Throws SipParseError. */
  #route({ request, flow }: IncomingRequest): Branch | number {
    const { members, domain, network } = this.#options;
    const from = members.find(({ ibcf }) => ibcf.host === flow.remote.host);
    if (from === undefined) return 403;
    const hopped = oneHopLess(request);
    if (hopped === undefined) return 483;
    const { request: taken } = takeOwnRoutes(hopped, (uri) => uri.host.toLowerCase() === network.host);
    const asserted = domain === undefined ? taken : underDomain(taken, domain);
    if (tagOf(request, 'To') !== undefined) {
      const target = targetOfUri(nextHopOf(asserted));
      return members.some(({ ibcf }) => ibcf.host === target.host) ? { request: asserted, target } : 403;
    }
    const number = numberOfUri(request.uri);
    const to = members.find((each) => each !== from && number?.startsWith(each.numberPrefix));
    if (to === undefined) return 404;
    const own = `sip:${network.host}:${INTERCONNECT_PORT};transport=tls;lr`;
    const recorded = RECORDED.includes(request.method) ? recordRoute(asserted, [own]) : asserted;
    return { request: recorded, target: { transport: to.transport, ...to.ibcf } };
  }

  #forward(incoming: IncomingRequest, { request, target }: Branch): void {
    const { middleboxes, clock, network } = this.#options;
    const passage = passRequest(middleboxes, request, clock.now());
    if (passage.kind !== 'passes') respondKept(incoming, passage, network.host);
    else if (request.method === 'ACK') this.#proxy.passAck(passage.request, target);
    else {
      const back = (response: SipResponse) => passResponse(middleboxes, response, clock.now());
      this.#proxy.forward(incoming, [{ request: passage.request, target }], back);
    }
  }
}

/** What begins a dialog, so that the rest of it comes this way too. */
const RECORDED = ['INVITE', 'SUBSCRIBE', 'REFER'];

/** Asserted identities in the hub's own domain (RFC 3325 section 5: a proxy of the trust domain may replace them). */
function underDomain(request: SipRequest, domain: string): SipRequest {
  const values = headerValues(request, 'P-Asserted-Identity').map((value) => {
    const { uri } = parseNameAddr(value);
    if (/^tel:/i.test(uri)) return value;
    const parsed = parseSipUri(uri);
    return 'host' in parsed ? value.replace(`@${parsed.host}`, `@${domain}`) : value;
  });
  return values.length === 0 ? request : setHeader(request, 'P-Asserted-Identity', values.join(', '));
}
