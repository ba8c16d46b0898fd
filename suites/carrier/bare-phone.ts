/** A SIP user agent by hand: registers, sends what a test writes, and records what it is sent. */
import {
  carrierHosts,
  EDGE_PORTS,
  homeDomain,
  privateIdentity,
  type Subscriber,
} from '../../emulators/carrier/config.ts';
import type { Clock, Network, Random, TransportProtocol } from '../../stack/platform.ts';
import { buildCpim, cpimContent, cpimHeader, IMDN_NAMESPACE, parseCpim } from '../../stack/rcs/cpim.ts';
import { digestAuthorization, parseChallenge } from '../../stack/rcs/sip/digest.ts';
import {
  type IncomingRequest,
  SipEndpoint,
  type SipResult,
  type SipTarget,
} from '../../stack/rcs/sip/endpoint.ts';
import { header, headerValues } from '../../stack/rcs/sip/headers.ts';
import type { SipHeader, SipRequest } from '../../stack/rcs/sip/message.ts';

export const MLS_TAGS = '+g.gsma.rcs.mls.mls-version="v1";+g.gsma.rcs.mls.mls-kds="2"';
export const CHAT_TAG = '+g.3gpp.icsi-ref="urn%3Aurn-7%3A3gpp-service.ims.icsi.oma.cpm.session"';

export interface BarePhoneOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly network: Network;
  readonly subscriber: Subscriber;
  readonly operator: { readonly mcc: string; readonly mnc: string };
  readonly transport?: TransportProtocol;
  readonly password?: string;
  readonly tags?: string;
  readonly instance?: string;
  /** Final status for each incoming request; 0 gives none. 200 when absent. */
  readonly answers?: (request: SipRequest) => number;
}

export class BarePhone {
  readonly received: SipRequest[] = [];
  answers: (request: SipRequest) => number;
  /** Takes requests before `answers` is asked: a user agent on this phone. */
  agent: { receive(incoming: IncomingRequest): boolean; close(): void } | undefined;
  #endpoint: SipEndpoint;
  readonly #options: BarePhoneOptions;
  #cseq = 0;
  #calls = 0;

  constructor(options: BarePhoneOptions) {
    this.#options = options;
    this.answers = options.answers ?? (() => 200);
    this.#endpoint = this.#open();
  }

  get texts(): string[] {
    return this.messages.map(({ text }) => text);
  }

  /** CPIM messages received, in their order. */
  get messages(): { id: string; contentType: string; text: string; request: SipRequest }[] {
    return this.received
      .filter((request) => request.method === 'MESSAGE')
      .map((request) => {
        const cpim = parseCpim(request.body);
        const { contentType, bytes } = cpimContent(cpim);
        const id = cpimHeader(cpim, IMDN_NAMESPACE, 'Message-ID') ?? '';
        return { id, contentType, text: new TextDecoder().decode(bytes), request };
      });
  }

  get endpoint(): SipEndpoint {
    return this.#endpoint;
  }

  /** Where everything this phone sends goes. */
  get proxy(): SipTarget {
    const { operator, transport = 'tls' } = this.#options;
    return { transport, host: carrierHosts(operator).pcscf, port: EDGE_PORTS[transport] };
  }

  get contact(): string {
    const { network, transport = 'tls' } = this.#options;
    return `<sip:ue@${network.host}:5060;transport=${transport}>`;
  }

  /** The answer to REGISTER without and, after a challenge, with credentials. */
  async register(
    expires = 3_600,
    extra: {
      readonly to?: string;
      readonly contact?: string;
      readonly callId?: string;
      readonly headers?: readonly SipHeader[];
      /** Absent: the private identity with empty nonce and response. Empty: no Authorization at all. */
      readonly authorization?: string;
    } = {},
  ): Promise<SipResult> {
    const {
      subscriber,
      operator,
      instance = 'urn:uuid:0f6e6d2a-6a51-4e0b-9d0e-6a0f1c7b0001',
    } = this.#options;
    const { tags = `${CHAT_TAG};${MLS_TAGS}`, password = subscriber.password, random } = this.#options;
    const uri = `sip:${homeDomain(operator)}`;
    const identity = extra.to ?? `sip:${subscriber.msisdn}@${homeDomain(operator)}`;
    const own = `${this.contact};+sip.instance="<${instance}>";reg-id=1;${tags};expires=${expires}`;
    const contact = extra.contact ?? own;
    const username = privateIdentity(operator, subscriber);
    const ask = (authorization: string) =>
      this.request('REGISTER', uri, [
        { name: 'From', value: `<${identity}>;tag=reg` },
        { name: 'To', value: `<${identity}>` },
        { name: 'Call-ID', value: extra.callId ?? `registration-of-${subscriber.imsi}` },
        { name: 'CSeq', value: `${++this.#cseq} REGISTER` },
        { name: 'Contact', value: contact },
        ...(authorization === '' ? [] : [{ name: 'Authorization', value: authorization }]),
        ...(extra.headers ?? []),
      ]);
    const first = await ask(
      extra.authorization ??
        `Digest username="${username}", realm="${homeDomain(operator)}", uri="${uri}", nonce="", response=""`,
    );
    const challenge = first.status === 401 ? parseChallenge(header(first, 'WWW-Authenticate')!) : undefined;
    if (challenge === undefined) return first;
    const cnonce = Buffer.from(random.bytes(8)).toString('hex');
    return ask(
      digestAuthorization({ challenge, username, password, method: 'REGISTER', uri, cnonce, nc: 1 }),
    );
  }

  /** Sends a request whose From, To, Call-ID and CSeq are made up where `headers` has none. */
  request(
    method: string,
    uri: string,
    headers: readonly SipHeader[],
    body: Uint8Array = new Uint8Array(0),
  ): Promise<SipResult> {
    const { operator, transport = 'tls', subscriber } = this.#options;
    const call = ++this.#calls;
    const made: SipHeader[] = [
      { name: 'From', value: `<sip:${subscriber.msisdn}@${homeDomain(operator)}>;tag=t${call}` },
      { name: 'To', value: `<${uri}>` },
      { name: 'Call-ID', value: `call-${call}@${subscriber.host}` },
      { name: 'CSeq', value: `1 ${method}` },
    ];
    const given = new Set(headers.map(({ name }) => name));
    const request: SipRequest = {
      kind: 'request',
      method,
      uri,
      headers: [...made.filter(({ name }) => !given.has(name)), ...headers],
      body,
    };
    const target = { transport, host: carrierHosts(operator).pcscf, port: EDGE_PORTS[transport] };
    return this.#endpoint.request(request, target);
  }

  options(to: string, headers: readonly SipHeader[] = []): Promise<SipResult> {
    const { tags = `${CHAT_TAG};${MLS_TAGS}` } = this.#options;
    return this.request('OPTIONS', `tel:${to}`, [
      { name: 'Contact', value: `${this.contact};${tags}` },
      ...headers,
    ]);
  }

  text(to: string, id: string, text: string, more: MessageParts = {}): Promise<SipResult> {
    const {
      contentType = 'text/plain;charset=UTF-8',
      dispositions = ['positive-delivery'],
      headers = [],
    } = more;
    const body = buildCpim({
      from: 'sip:anonymous@anonymous.invalid',
      to: 'sip:anonymous@anonymous.invalid',
      messageId: id,
      dateTime: '2026-01-01T00:00:00.000Z',
      dispositions,
      contentType,
      content: new TextEncoder().encode(text),
    });
    return this.request(
      'MESSAGE',
      `tel:${to}`,
      [{ name: 'Content-Type', value: 'message/cpim' }, ...headers],
      body,
    );
  }

  /** The radio is gone: nobody is told. */
  vanish(): void {
    this.#endpoint.close();
  }

  /** After `vanish`, or with a new connection. */
  comeBack(): void {
    this.#endpoint.close();
    this.#endpoint = this.#open();
  }

  close(): void {
    this.agent?.close();
    this.#endpoint.close();
  }

  #open(): SipEndpoint {
    const { clock, random, network, transport } = this.#options;
    const endpoint = new SipEndpoint({
      clock,
      random,
      network,
      onRequest: (incoming) => this.#take(incoming),
    });
    if (transport === 'udp') endpoint.listen('udp', 5060);
    return endpoint;
  }

  #take(incoming: IncomingRequest): void {
    if (this.agent?.receive(incoming)) return;
    const status = this.answers(incoming.request);
    if (status === 200) this.received.push(incoming.request);
    if (status === 0) return;
    const { tags = `${CHAT_TAG};${MLS_TAGS}` } = this.#options;
    incoming.respond(status, { headers: [{ name: 'Contact', value: `${this.contact};${tags}` }] });
  }
}

export interface MessageParts {
  readonly contentType?: string;
  readonly dispositions?: readonly string[];
  readonly headers?: readonly SipHeader[];
}

/** Parameter names of the first Contact. */
export function contactTagNames(result: SipResult): string[] {
  const value = headerValues(result, 'Contact')[0] ?? '';
  return value
    .slice(value.indexOf('>') + 1)
    .split(';')
    .map((part) => part.split('=')[0]!.trim())
    .filter((name) => name !== '');
}
