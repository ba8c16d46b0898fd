/**
 * The transport adapter: the phone's IMS registration and what it sends and receives over it.
 * Registration follows 3GPP TS 24.229 section 5.1.1 and RFC 3261 section 10; digest is RFC 7616.
 */
import type { Platform, Timer, TransportProtocol } from '../platform.ts';
import type { RcsConfig } from '../rcs/config/index.ts';
import type { InviteParts } from '../rcs/large-message/index.ts';
import { digestAuthorization, parseChallenge } from '../rcs/sip/digest.ts';
import { type IncomingRequest, SipEndpoint, type SipResult, type SipTarget } from '../rcs/sip/endpoint.ts';
import { header, headerValues } from '../rcs/sip/headers.ts';
import { newCallId, newTag } from '../rcs/sip/identifiers.ts';
import type { IncomingCall } from '../rcs/sip/incoming-call.ts';
import type { SipHeader, SipRequest, SipResponse, SipStyle } from '../rcs/sip/message.ts';
import { parseNameAddr, writeNameAddr } from '../rcs/sip/name-addr.ts';
import type { OutgoingCall } from '../rcs/sip/outgoing-call.ts';
import type { Subscription } from '../rcs/sip/subscription.ts';
import { type SubscribeOptions, UserAgent } from '../rcs/sip/user-agent.ts';

export const ALLOWED_METHODS = 'INVITE, ACK, BYE, CANCEL, UPDATE, PRACK, OPTIONS, MESSAGE';
/** What 3GPP asks for by default; the registrar shortens it (TS 24.229 section 5.1.1.2). */
const REGISTER_EXPIRES_S = 600_000;
const SIP_PORT = 5060;
const SIPS_PORT = 5061;
const PSSIGNALLING: Readonly<Record<string, TransportProtocol>> = {
  SIPoUDP: 'udp',
  SIPoTCP: 'tcp',
  SIPoTLS: 'tls',
};

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
  /** The registration ended without the phone's doing: refresh refused, or nobody answered. */
  readonly onRegistrationLost: (why: string) => void;
}

export type RegisterOutcome =
  | { readonly kind: 'registered'; readonly contactParams: ReadonlyMap<string, string | undefined> }
  | { readonly kind: 'refused'; readonly status: number; readonly reason: string }
  /** No answer came: the P-CSCF could not be reached over this transport, or stayed silent. */
  | { readonly kind: 'unreachable'; readonly reason: string };

interface Registration {
  readonly serviceRoute: readonly string[];
}

export class ImsTransport {
  readonly #options: ImsTransportOptions;
  readonly #endpoint: SipEndpoint;
  readonly #agent: UserAgent;
  readonly #target: SipTarget;
  readonly #callId: string;
  readonly #fromTag: string;
  #cseq = 0;
  #nonceCount = 0;
  #registration: Registration | undefined;
  #refresh: Timer | undefined;
  #tags: readonly [string, string | undefined][] = [];

  constructor(options: ImsTransportOptions) {
    this.#options = options;
    const { clock, network, random } = options.platform;
    const transport = chooseTransport(options.config, options.transports);
    const proxy = options.config.pcscf[0]!;
    this.#target = { transport, host: proxy.host, port: proxyPort(options.config, transport) };
    this.#endpoint = new SipEndpoint({
      clock,
      random,
      network,
      style: options.style,
      onRequest: (incoming) => {
        if (!this.#agent.receive(incoming)) options.onRequest(incoming);
      },
    });
    this.#agent = new UserAgent({
      clock,
      random,
      endpoint: this.#endpoint,
      host: network.host,
      contact: () => this.contact(),
      targetOf: (nextHop) => this.#towards(nextHop),
      ...(options.onCall !== undefined && { onCall: options.onCall }),
      allow: ['OPTIONS', 'MESSAGE', 'NOTIFY'],
    });
    if (transport === 'udp') this.#endpoint.listen('udp', SIP_PORT);
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
      ['+sip.instance', `<urn:uuid:${this.#options.config.instanceId}>`],
      ['reg-id', '1'],
      ...this.#tags,
      ...extra,
    ]);
    return writeNameAddr({ uri, params });
  }

  async register(tags: readonly [string, string | undefined][]): Promise<RegisterOutcome> {
    this.#tags = tags;
    let response = await this.#sendRegister(REGISTER_EXPIRES_S);
    if (response.status === 423) {
      response = await this.#sendRegister(Number(header(response, 'Min-Expires') ?? REGISTER_EXPIRES_S));
    }
    if (response.status !== 200) {
      this.#registration = undefined;
      if (response.local) {
        const { transport, host, port } = this.#target;
        return { kind: 'unreachable', reason: `no answer from ${host} port ${port} over ${transport}` };
      }
      return { kind: 'refused', status: response.status, reason: response.reason };
    }
    return { kind: 'registered', contactParams: this.#adopt(response) };
  }

  async deregister(): Promise<void> {
    this.#refresh?.cancel();
    if (!this.#registration) return;
    await this.#sendRegister(0);
    this.#registration = undefined;
  }

  /** Sends an initial request to `to` (E.164) over the registration; resolves with the final response. */
  request(
    method: 'OPTIONS' | 'MESSAGE' | 'PUBLISH',
    to: string,
    headers: readonly SipHeader[],
    body?: Uint8Array,
  ): Promise<SipResponse> {
    const { random, network } = this.#options.platform;
    const impu = this.#options.config.impu[0]!;
    const [route, ...identity] = this.#initialHeaders();
    const request: SipRequest = {
      kind: 'request',
      method,
      uri: `tel:${to}`,
      headers: [
        route!,
        { name: 'From', value: `<${impu}>;tag=${newTag(random)}` },
        { name: 'To', value: `<tel:${to}>` },
        { name: 'Call-ID', value: newCallId(random, network.host) },
        { name: 'CSeq', value: `1 ${method}` },
        ...identity,
        ...headers,
      ],
      body: body ?? new Uint8Array(0),
    };
    return this.#endpoint.request(request, this.#target);
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

  close(): void {
    this.#refresh?.cancel();
    this.#registration = undefined;
    this.#agent.close();
    this.#endpoint.close();
  }

  /**
   * All goes to the P-CSCF. A session whose INVITE was too large for UDP and went by TCP (RFC 3261 section 18.1.1) is
   * recorded there as a session over TCP, and stays one.
   */
  #towards(nextHop: string): SipTarget {
    const isTcp = this.#target.transport === 'udp' && /;transport=tcp(;|>|$)/i.test(nextHop);
    return isTcp ? { ...this.#target, transport: 'tcp' } : this.#target;
  }

  /** What every request outside a dialog begins with: its way through the network, and who asks. */
  #initialHeaders(): SipHeader[] {
    const { host, port, transport } = this.#target;
    const proxy = `<sip:${host}:${port};lr;transport=${transport}>`;
    return [
      { name: 'Route', value: [proxy, ...(this.#registration?.serviceRoute ?? [])].join(', ') },
      { name: 'P-Preferred-Identity', value: `<${this.#options.config.impu[0]!}>` },
      { name: 'User-Agent', value: this.#options.userAgent },
    ];
  }

  async #sendRegister(expires: number): Promise<SipResult> {
    const { config, platform } = this.#options;
    // TS 24.229 section 5.1.1.2: the first REGISTER names the private identity with empty nonce and response.
    const empty = `Digest username="${config.auth.userName}", realm="${config.auth.realm}", uri="sip:${config.homeDomain}", nonce="", response=""`;
    const first = await this.#endpoint.request(this.#registerRequest(expires, empty), this.#target);
    if (first.status !== 401) return first;
    return this.#answerChallenge(first, expires, platform);
  }

  async #answerChallenge(challenged: SipResult, expires: number, { random }: Platform): Promise<SipResult> {
    const { config } = this.#options;
    const challenge = headersNamed(challenged, 'WWW-Authenticate')
      .map(parseChallenge)
      .find((c) => c !== undefined);
    if (!challenge) return challenged;
    this.#nonceCount += 1;
    const authorization = digestAuthorization({
      challenge,
      username: config.auth.userName,
      password: config.auth.userPwd,
      method: 'REGISTER',
      uri: `sip:${config.homeDomain}`,
      cnonce: newTag(random),
      nc: this.#nonceCount,
    });
    return this.#endpoint.request(this.#registerRequest(expires, authorization), this.#target);
  }

  #registerRequest(expires: number, authorization: string): SipRequest {
    const { config, userAgent } = this.#options;
    const impu = config.impu[0]!;
    this.#cseq += 1;
    return {
      kind: 'request',
      method: 'REGISTER',
      uri: `sip:${config.homeDomain}`,
      headers: [
        { name: 'From', value: `<${impu}>;tag=${this.#fromTag}` },
        { name: 'To', value: `<${impu}>` },
        { name: 'Call-ID', value: this.#callId },
        { name: 'CSeq', value: `${this.#cseq} REGISTER` },
        { name: 'Contact', value: this.contact([['expires', String(expires)]]) },
        { name: 'Supported', value: 'path, gruu, outbound' },
        { name: 'Allow', value: ALLOWED_METHODS },
        { name: 'User-Agent', value: userAgent },
        { name: 'Authorization', value: authorization },
      ],
      body: new Uint8Array(0),
    };
  }

  /** Reads what a 200 to REGISTER granted, and plans the refresh. Returns the parameters of the own binding. */
  #adopt(response: SipResponse): ReadonlyMap<string, string | undefined> {
    const { clock } = this.#options.platform;
    const instance = `<urn:uuid:${this.#options.config.instanceId}>`;
    const bindings = headerValues(response, 'Contact').map((value) => parseNameAddr(value));
    const own = bindings.find((b) => b.params.get('+sip.instance') === instance) ?? bindings[0];
    const expires = Number(own?.params.get('expires') ?? header(response, 'Expires') ?? 3600);
    this.#registration = {
      serviceRoute: headerValues(response, 'Service-Route'),
    };
    this.#refresh?.cancel();
    // TS 24.229 section 5.1.1.4.1: 600 s before expiry, or at half of a short one.
    const refreshInS = expires > 1200 ? expires - 600 : expires / 2;
    this.#refresh = clock.setTimer(refreshInS * 1000, () => void this.#refreshNow());
    return own?.params ?? new Map();
  }

  async #refreshNow(): Promise<void> {
    const outcome = await this.register(this.#tags);
    if (outcome.kind !== 'registered') this.#options.onRegistrationLost(outcome.reason);
  }
}

function headersNamed(response: SipResponse, name: string): string[] {
  return response.headers.filter((h) => h.name.toLowerCase() === name.toLowerCase()).map((h) => h.value);
}

/** The configuration's transport when the phone has it, else the phone's own first choice. */
function chooseTransport(config: RcsConfig, own: readonly TransportProtocol[]): TransportProtocol {
  const configured = PSSIGNALLING[config.psSignalling];
  return configured && own.includes(configured) ? configured : own[0]!;
}

function proxyPort(config: RcsConfig, transport: TransportProtocol): number {
  if (PSSIGNALLING[config.psSignalling] === transport) return config.pcscf[0]!.port;
  return transport === 'tls' ? SIPS_PORT : SIP_PORT;
}
