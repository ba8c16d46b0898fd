/** The application server of a carrier: a user agent between its elements, on which services run (sessions, presence). */
import { type IncomingRequest, SipEndpoint } from '../../stack/rcs/sip/endpoint.ts';
import { headerValues } from '../../stack/rcs/sip/headers.ts';
import type { IncomingCall } from '../../stack/rcs/sip/incoming-call.ts';
import type { SipHeader, SipRequest } from '../../stack/rcs/sip/message.ts';
import { parseNameAddr } from '../../stack/rcs/sip/name-addr.ts';
import type { OutgoingCall } from '../../stack/rcs/sip/outgoing-call.ts';
import { SipParseError } from '../../stack/rcs/sip/parse-error.ts';
import type { Subscription } from '../../stack/rcs/sip/subscription.ts';
import { parseSipUri } from '../../stack/rcs/sip/uri.ts';
import { type InviteOptions, type SubscribeOptions, UserAgent } from '../../stack/rcs/sip/user-agent.ts';
import { type CarrierConfig, carrierHosts, INTERNAL_PORT, publicIdentity } from './config.ts';
import { numberOfUri } from './numbering.ts';
import type { CarrierPorts } from './ports.ts';
import type { Origin } from './proxy/routing.ts';
import type { Binding } from './registrar/bindings.ts';

/** Whom a request comes from, as edge or border vouch for. */
export interface Caller {
  readonly sender: string;
  readonly origin: Origin;
}

/** A service takes what it wants; the first that does gets it. */
export interface Service {
  wants(request: SipRequest, origin: Origin): boolean;
  /** An INVITE that it wanted. */
  onCall?(call: IncomingCall, caller: Caller): void;
  /** Another request from outside a dialog that it wanted. Throws SipParseError. */
  onRequest?(incoming: IncomingRequest, caller: Caller): void;
}

export interface ApplicationServerOptions {
  readonly config: CarrierConfig;
  readonly ports: CarrierPorts;
  /** The Route that leads to a device. */
  routeTo(binding: Binding): string;
}

/** Option tags of requests that services understand. */
const EXTENSIONS = [
  'eventlist',
  'recipient-list-subscribe',
  'recipient-list-invite',
  'norefersub',
  'multiple-refer',
];
const ALLOWED = ['SUBSCRIBE', 'NOTIFY', 'PUBLISH'];

export class ApplicationServer {
  readonly agent: UserAgent;
  readonly #options: ApplicationServerOptions;
  readonly #host: string;
  readonly #endpoint: SipEndpoint;
  readonly #services: Service[] = [];

  constructor(options: ApplicationServerOptions) {
    const { config, ports } = options;
    this.#options = options;
    this.#host = carrierHosts(config).as;
    const observe = (deviation: object): void => ports.observe({ name: 'deviation', data: { ...deviation } });
    this.#endpoint = new SipEndpoint({
      clock: ports.clock,
      random: ports.random.fork('as'),
      network: ports.network(this.#host),
      onRequest: (incoming) => this.#receive(incoming),
      onDeviation: observe,
    });
    this.agent = new UserAgent({
      clock: ports.clock,
      random: ports.random.fork('as agent'),
      endpoint: this.#endpoint,
      host: this.#host,
      contact: () => `<sip:${this.#host}:${INTERNAL_PORT};transport=tls>`,
      onCall: (call) => this.#offer(call),
      extensions: EXTENSIONS,
      allow: ALLOWED,
      onDeviation: observe,
    });
  }

  /** Adds a service; the ones before it are asked first. */
  serve(service: Service): void {
    this.#services.push(service);
  }

  wants(request: SipRequest, origin: Origin): boolean {
    return this.#services.some((service) => service.wants(request, origin));
  }

  start(): void {
    this.#endpoint.listen('tls', INTERNAL_PORT);
  }

  /** A session with one device of an own subscriber. */
  callDevice(binding: Binding, options: Omit<InviteOptions, 'uri' | 'target'>): OutgoingCall {
    const called = { name: 'P-Called-Party-ID', value: `<tel:${binding.msisdn}>` };
    const headers = [route(this.#options.routeTo(binding)), called, ...(options.headers ?? [])];
    const to = options.to ?? `<tel:${binding.msisdn}>`;
    const target = this.#at(carrierHosts(this.#options.config).pcscf);
    return this.agent.invite({ ...options, uri: binding.contact.uri, to, headers, target });
  }

  /** A session with a peer's subscriber. `sender`: the own subscriber it is on behalf of. */
  callPeer(msisdn: string, sender: string, options: Omit<InviteOptions, 'uri' | 'target'>): OutgoingCall {
    return this.agent.invite({ ...options, ...this.#towardsPeer(msisdn, sender, options.headers) });
  }

  /** A subscription at a peer's application server, on behalf of an own subscriber. */
  subscribePeer(
    msisdn: string,
    sender: string,
    options: Omit<SubscribeOptions, 'uri' | 'target'>,
  ): Subscription {
    return this.agent.subscribe({ ...options, ...this.#towardsPeer(msisdn, sender, options.headers) });
  }

  close(): void {
    this.agent.close();
    this.#endpoint.close();
  }

  #receive(incoming: IncomingRequest): void {
    if (this.agent.receive(incoming)) return;
    const { request } = incoming;
    try {
      const caller = callerOf(request);
      const service = this.#services.find(
        (each) => each.onRequest !== undefined && each.wants(request, caller.origin),
      );
      if (service === undefined)
        incoming.respond(405, { headers: [{ name: 'Allow', value: this.agent.allow }] });
      else service.onRequest?.(incoming, caller);
    } catch (error) {
      if (!(error instanceof SipParseError)) throw error;
      incoming.respond(error.status);
    }
  }

  #offer(call: IncomingCall): void {
    const caller = callerOf(call.request);
    const service = this.#services.find(
      (each) => each.onCall !== undefined && each.wants(call.request, caller.origin),
    );
    if (service === undefined) call.reject(488);
    else service.onCall?.(call, caller);
  }

  #towardsPeer(msisdn: string, sender: string, headers: readonly SipHeader[] = []) {
    const { config } = this.#options;
    const { ibcf } = carrierHosts(config);
    const identity = `<${publicIdentity(config, sender)}>, <tel:${sender}>`;
    return {
      uri: `tel:${msisdn}`,
      target: this.#at(ibcf),
      headers: [
        route(`sip:${ibcf}:${INTERNAL_PORT};transport=tls;lr`),
        { name: 'P-Asserted-Identity', value: identity },
        ...headers,
      ],
    };
  }

  #at(host: string) {
    return { transport: 'tls', host, port: INTERNAL_PORT } as const;
  }
}

/** From the Route that edge or border put on top (`orig` or `term`) and the identity they assert. Throws SipParseError. */
function callerOf(request: SipRequest): Caller {
  const top = headerValues(request, 'Route')[0];
  const uri = top === undefined ? undefined : parseSipUri(parseNameAddr(top, 'Route').uri);
  const origin = uri !== undefined && uri.scheme !== 'tel' && uri.user === 'orig' ? 'phone' : 'peer';
  const numbers = headerValues(request, 'P-Asserted-Identity').map((value) =>
    numberOfUri(parseNameAddr(value).uri),
  );
  const sender = numbers.find((number) => number !== undefined);
  if (sender === undefined) {
    const expected = 'a number';
    throw new SipParseError({
      offset: 0,
      field: 'P-Asserted-Identity',
      expected,
      clause: 'RFC 3325 9.1',
      status: 403,
    });
  }
  return { sender, origin };
}

function route(uri: string): SipHeader {
  return { name: 'Route', value: `<${uri}>` };
}
