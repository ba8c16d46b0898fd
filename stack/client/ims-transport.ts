/**
 * The transport adapter: the phone's IMS registration and what it sends and receives over it. Registration follows
 * 3GPP TS 24.229 section 5.1.1, RFC 3261 section 10 and RFC 5626.
 */
import type { Platform, Random, Timer, TransportProtocol } from '../platform.ts';
import type { RcsConfig } from '../rcs/config/index.ts';
import type { InviteParts } from '../rcs/large-message/index.ts';
import { authenticatedRequest } from '../rcs/sip/authenticated-request.ts';
import { DigestClient } from '../rcs/sip/digest-client.ts';
import {
  type IncomingRequest,
  SipEndpoint,
  type SipFlow,
  type SipResult,
  type SipTarget,
} from '../rcs/sip/endpoint.ts';
import { header, headerValues } from '../rcs/sip/headers.ts';
import { newCallId, newTag } from '../rcs/sip/identifiers.ts';
import type { IncomingCall } from '../rcs/sip/incoming-call.ts';
import type { SipHeader, SipRequest, SipResponse, SipStyle } from '../rcs/sip/message.ts';
import { parseNameAddr, writeNameAddr } from '../rcs/sip/name-addr.ts';
import type { OutgoingCall } from '../rcs/sip/outgoing-call.ts';
import type { Subscription } from '../rcs/sip/subscription.ts';
import { type SubscribeOptions, UserAgent } from '../rcs/sip/user-agent.ts';
import { FlowKeeper } from './flow-keeper.ts';
import { proxyTargets, SIP_PORT, SIPS_PORT } from './proxy-list.ts';
import { type ExchangeOutcome, registerExchange } from './register-exchange.ts';
import { registerRequest } from './register-request.ts';
import { type RegistrationEvent, watchRegistration } from './registration-events.ts';
import type { RegisterOutcome, RegistrationLoss } from './registration-outcome.ts';
import { registrationWait } from './registration-waits.ts';

export const ALLOWED_METHODS = 'INVITE, ACK, BYE, CANCEL, UPDATE, PRACK, OPTIONS, MESSAGE, NOTIFY';
/** What 3GPP asks for by default; the registrar shortens it (TS 24.229 section 5.1.1.2). */
const REGISTER_EXPIRES_S = 600_000;

export interface ImsTransportOptions {
  readonly platform: Platform;
  readonly config: RcsConfig;
  /** SIP transports the phone has, most preferred first. */
  readonly transports: readonly TransportProtocol[];
  readonly style: SipStyle;
  readonly userAgent: string;
  /** Outside a session; what belongs to one doesn't come here. */
  readonly onRequest: (incoming: IncomingRequest) => void;
  /** An INVITE of somebody. */
  readonly onCall?: (call: IncomingCall) => void;
  readonly onRegistrationLost: (loss: RegistrationLoss) => void;
}

interface Registration {
  readonly serviceRoute: readonly string[];
  /** RFC 7315 section 4.1: the identity that the network knows the phone by. */
  readonly identity: string;
  readonly expiresAt: number;
}

export class ImsTransport {
  readonly #options: ImsTransportOptions;
  readonly #endpoint: SipEndpoint;
  readonly #agent: UserAgent;
  readonly #digest: DigestClient;
  readonly #waits: Random;
  readonly #keeper: FlowKeeper;
  readonly #proxies: readonly SipTarget[];
  readonly #callId: string;
  readonly #fromTag: string;
  #target: SipTarget;
  #cseq = 0;
  #failures = 0;
  #registration: Registration | undefined;
  /** What the network tells of the registration comes in a dialog of its own, on one flow. */
  #watch: { readonly subscription: Subscription; readonly flow: SipFlow | undefined } | undefined;
  #refresh: Timer | undefined;
  #tags: readonly [string, string | undefined][] = [];
  #closed = false;

  constructor(options: ImsTransportOptions) {
    this.#options = options;
    const { clock, network, random, sim } = options.platform;
    const { auth } = options.config;
    const [first, ...others] = proxyTargets(options.config, options.transports);
    this.#proxies = [first, ...others];
    this.#target = first;
    this.#endpoint = new SipEndpoint({
      clock,
      random,
      network,
      style: options.style,
      ...(options.config.pcscfPins && { pins: options.config.pcscfPins }),
      onRequest: (incoming) => {
        if (!this.#agent.receive(incoming)) options.onRequest(incoming);
      },
    });
    this.#agent = new UserAgent({
      clock,
      random: random.fork('user agent'),
      endpoint: this.#endpoint,
      host: network.host,
      contact: () => this.contact(),
      targetOf: (nextHop) => this.#towards(nextHop),
      authorize: (request, challenged) => this.#digest.credentialsFor(request, challenged),
      ...(options.onCall !== undefined && { onCall: options.onCall }),
      allow: ['OPTIONS', 'MESSAGE', 'NOTIFY'],
    });
    const identity = {
      username: auth.userName,
      ...(auth.type === 'Digest' && { password: auth.userPwd }),
      ...(sim !== undefined && { sim }),
    };
    this.#digest = new DigestClient(identity, random.fork('digest'));
    this.#waits = random.fork('registration waits');
    // docs/rcs-signalling.md, hazard R10: without its flow a registration is there and of no use.
    this.#keeper = new FlowKeeper({
      clock,
      random: random.fork('keep-alives'),
      endpoint: this.#endpoint,
      onFailed: () => {
        if (!this.#closed) this.#lost({ why: 'the connection to the network failed', again: 'later' });
      },
    });
    if (first.transport === 'udp') this.#endpoint.listen('udp', SIP_PORT);
    this.#callId = newCallId(random, network.host);
    this.#fromTag = newTag(random);
  }

  get isRegistered(): boolean {
    return this.#registration !== undefined;
  }

  /** The Contact that this phone registers, with its feature tags. */
  contact(extra: readonly [string, string | undefined][] = []): string {
    const { network } = this.#options.platform;
    const transport = this.#target.transport;
    const port = transport === 'tls' ? SIPS_PORT : SIP_PORT;
    const uri = `sip:${this.#options.config.impi.split('@')[0]}@${network.host}:${port};transport=${transport}`;
    const params = new Map<string, string | undefined>([
      ['+sip.instance', this.#instance],
      ['reg-id', '1'],
      ...this.#tags,
      ...extra,
    ]);
    return writeNameAddr({ uri, params });
  }

  /** Registers with the first P-CSCF that answers, beginning with the one that did last. */
  async register(tags: readonly [string, string | undefined][]): Promise<RegisterOutcome> {
    this.#tags = tags;
    const outcome = await this.#registerSomewhere(REGISTER_EXPIRES_S);
    if (outcome.kind === 'granted') return { kind: 'registered', contactParams: this.#adopt(outcome.result) };
    this.#drop();
    return outcome;
  }

  async deregister(): Promise<void> {
    if (!this.#registration) return;
    this.#drop();
    await this.#registerAt(this.#target, 0);
  }

  /**
   * Sends an initial request to `to` (E.164) over the registration; resolves with the final response. A network that has
   * forgotten the phone is told again who it is, once.
   */
  async request(
    method: 'OPTIONS' | 'MESSAGE' | 'PUBLISH',
    to: string,
    headers: readonly SipHeader[],
    body?: Uint8Array,
  ): Promise<SipResponse> {
    const answer = await this.#requestOnce(method, to, headers, body);
    // docs/rcs-signalling.md, hazard R03: every other 403 is about this request only.
    if (answer.status !== 403 || !/not registered/i.test(answer.reason) || this.#closed) return answer;
    const outcome = await this.register(this.#tags);
    if (outcome.kind === 'registered') return this.#requestOnce(method, to, headers, body);
    if (!this.#closed) this.#lost({ why: answer.reason, again: 'later' });
    return answer;
  }

  close(): void {
    this.#closed = true;
    this.#drop();
    this.#agent.close();
    this.#endpoint.close();
  }

  get #instance(): string {
    return `<urn:uuid:${this.#options.config.instanceId}>`;
  }

  /** The identity that the network gave, or the configured one. */
  get #identity(): string {
    return this.#registration?.identity ?? this.#options.config.impu[0]!;
  }

  async #requestOnce(
    method: string,
    to: string,
    headers: readonly SipHeader[],
    body: Uint8Array = new Uint8Array(0),
  ): Promise<SipResponse> {
    const { random, network } = this.#options.platform;
    const [route, ...identity] = this.#initialHeaders();
    const request: SipRequest = {
      kind: 'request',
      method,
      uri: `tel:${to}`,
      headers: [
        route!,
        { name: 'From', value: `<${this.#identity}>;tag=${newTag(random)}` },
        { name: 'To', value: `<tel:${to}>` },
        { name: 'Call-ID', value: newCallId(random, network.host) },
        { name: 'CSeq', value: `1 ${method}` },
        ...identity,
        ...headers,
      ],
      body,
    };
    const { result } = await authenticatedRequest(request, this.#digest, (one) =>
      this.#endpoint.request(one, this.#target),
    );
    return result;
  }

  /** Asks `to` (E.164) for a session over the registration. */
  invite(to: string, parts: InviteParts): OutgoingCall {
    const { headers, ...rest } = parts;
    return this.#agent.invite({
      uri: `tel:${to}`,
      from: `<${this.#options.config.impu[0]!}>`,
      target: this.#target,
      headers: [...this.#initialHeaders(), ...headers],
      ...rest,
    });
  }

  /** Subscribes to something of `to` (E.164) over the registration. `from`: who is seen to ask. */
  subscribe(to: string, { headers = [], ...rest }: Omit<SubscribeOptions, 'uri' | 'target'>): Subscription {
    return this.#agent.subscribe({
      ...rest,
      uri: `tel:${to}`,
      target: this.#target,
      headers: [...this.#initialHeaders(), ...headers],
    });
  }

  /**
   * All goes to the P-CSCF. A session whose INVITE was too large for UDP and went by TCP (RFC 3261 section 18.1.1) is
   * recorded there as a session over TCP, and stays one.
   */
  #towards(nextHop: string): SipTarget {
    const isTcp = this.#target.transport === 'udp' && /;transport=tcp(;|>|$)/i.test(nextHop);
    return isTcp ? { ...this.#target, transport: 'tcp' } : this.#target;
  }

  /** What every request outside a dialog begins with: its way through the network (RFC 3608 section 6), and who asks. */
  #initialHeaders(): SipHeader[] {
    const { host, port, transport } = this.#target;
    const proxy = `<sip:${host}:${port};lr;transport=${transport}>`;
    return [
      { name: 'Route', value: [proxy, ...(this.#registration?.serviceRoute ?? [])].join(', ') },
      { name: 'P-Preferred-Identity', value: `<${this.#identity}>` },
      { name: 'User-Agent', value: this.#options.userAgent },
    ];
  }

  async #registerSomewhere(expires: number): Promise<ExchangeOutcome> {
    const begin = Math.max(
      0,
      this.#proxies.findIndex(({ host }) => host === this.#target.host),
    );
    const inTurn = [...this.#proxies.slice(begin), ...this.#proxies.slice(0, begin)];
    let last: ExchangeOutcome = { kind: 'unreachable', reason: 'closed' };
    let soonest = Number.POSITIVE_INFINITY;
    for (const target of inTurn) {
      if (this.#closed) break;
      this.#target = target;
      last = await this.#registerAt(target, expires);
      if (last.kind !== 'unreachable') return last;
      soonest = Math.min(soonest, last.retryAfterMs ?? 0);
    }
    return soonest > 0 && last.kind === 'unreachable' && Number.isFinite(soonest)
      ? { ...last, retryAfterMs: soonest }
      : last;
  }

  async #registerAt(target: SipTarget, expires: number): Promise<ExchangeOutcome> {
    const outcome = await registerExchange({
      endpoint: this.#endpoint,
      digest: this.#digest,
      config: this.#options.config,
      target,
      expires,
      request: (seconds, more) =>
        registerRequest({
          config: this.#options.config,
          userAgent: this.#options.userAgent,
          callId: this.#callId,
          fromTag: this.#fromTag,
          cseq: this.#cseq + 1,
          contact: this.contact([['expires', String(seconds)]]),
          allow: ALLOWED_METHODS,
          more,
        }),
      onSent: (cseq) => {
        this.#cseq = cseq;
      },
    });
    if (outcome.kind === 'granted') this.#target = outcome.target;
    return outcome;
  }

  /** Reads what a 200 to REGISTER granted, and plans what keeps it alive. Returns the parameters of the own binding. */
  #adopt(response: SipResult): ReadonlyMap<string, string | undefined> {
    const { clock } = this.#options.platform;
    const bindings = headerValues(response, 'Contact').map((value) => parseNameAddr(value));
    const own = bindings.find((b) => b.params.get('+sip.instance') === this.#instance) ?? bindings[0];
    const expires = Number(own?.params.get('expires') ?? header(response, 'Expires') ?? 3600);
    const [known] = headerValues(response, 'P-Associated-URI').map((value) => parseNameAddr(value).uri);
    this.#failures = 0;
    this.#registration = {
      serviceRoute: headerValues(response, 'Service-Route'),
      identity: known ?? this.#options.config.impu[0]!,
      expiresAt: clock.now() + expires * 1_000,
    };
    // TS 24.229 section 5.1.1.4.1: 600 s before expiry, or at half of a short one.
    const refreshInS = expires > 1200 ? expires - 600 : expires / 2;
    this.#refreshIn(refreshInS * 1_000);
    this.#keeper.keep(response);
    this.#watchOn(response.flow, expires);
    return own?.params ?? new Map();
  }

  #refreshIn(ms: number): void {
    this.#refresh?.cancel();
    this.#refresh = this.#options.platform.clock.setTimer(ms, () => void this.#refreshNow());
  }

  /** A server in trouble does not end a registration before its time (hazard R09). */
  async #refreshNow(): Promise<void> {
    const before = this.#registration;
    const outcome = await this.#registerSomewhere(REGISTER_EXPIRES_S);
    if (this.#closed || this.#registration !== before) return;
    if (outcome.kind === 'granted') {
      this.#adopt(outcome.result);
      return;
    }
    if (outcome.kind === 'refused') {
      this.#lost({ why: `${outcome.status} ${outcome.reason}`, again: 'later' });
      return;
    }
    const wait = registrationWait(this.#waits, this.#failures, outcome.retryAfterMs);
    this.#failures += 1;
    const { clock } = this.#options.platform;
    if (before !== undefined && clock.now() + wait < before.expiresAt) this.#refreshIn(wait);
    else this.#lost({ why: outcome.reason, again: 'later', ...(outcome.untrusted && { untrusted: true }) });
  }

  /** TS 24.229 section 5.1.1.3: the network tells the phone when it ends the registration itself. */
  #watchOn(flow: SipFlow | undefined, expires: number): void {
    if (this.#watch !== undefined && !this.#watch.subscription.isOver && this.#watch.flow === flow) return;
    this.#watch?.subscription.abandon();
    const subscription = watchRegistration({
      agent: this.#agent,
      identity: this.#identity,
      instance: this.#instance,
      expires,
      headers: this.#initialHeaders(),
      onEvent: (event) => this.#told(event),
    });
    this.#watch = { subscription, flow };
  }

  #told(event: RegistrationEvent): void {
    if (this.#registration === undefined) return;
    const why = `the network ended the registration: ${event.event}`;
    if (event.event === 'rejected') this.#lost({ why, again: 'never' });
    else if (event.event === 'deactivated') this.#lost({ why, again: 'now' });
    else this.#lost({ why, again: 'later', retryAfterMs: (event.retryAfterS ?? 0) * 1_000 });
  }

  #lost(loss: RegistrationLoss): void {
    this.#drop();
    this.#options.onRegistrationLost(loss);
  }

  #drop(): void {
    this.#refresh?.cancel();
    this.#keeper.stop();
    this.#registration = undefined;
  }
}
