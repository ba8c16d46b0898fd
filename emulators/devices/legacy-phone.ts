/**
 * Phones before UP 3.0: a UP 2.4 client (CPM standalone messaging, delivered and displayed) and a joyn one (SIMPLE IM
 * tags, compact or folded headers, delivered only). They know no MLS and no enterprise policy, and share no decision
 * with the SDK: only the wire formats.
 */
import { randomUuid } from '../../stack/client/identifiers.ts';
import { Lanes } from '../../stack/client/lanes.ts';
import { MessageLog } from '../../stack/client/message-log.ts';
import { showShortMessages } from '../../stack/client/sms-log.ts';
import type { TransportProtocol } from '../../stack/platform.ts';
import type { OptionsResult } from '../../stack/rcs/capabilities/index.ts';
import type { RcsConfig } from '../../stack/rcs/config/index.ts';
import { authenticatedRequest } from '../../stack/rcs/sip/authenticated-request.ts';
import { type IncomingRequest, SipEndpoint } from '../../stack/rcs/sip/endpoint.ts';
import { newCallId, newTag } from '../../stack/rcs/sip/identifiers.ts';
import type { SipHeader, SipRequest, SipResponse } from '../../stack/rcs/sip/message.ts';
import { writeNameAddr } from '../../stack/rcs/sip/name-addr.ts';
import { UserAgent } from '../../stack/rcs/sip/user-agent.ts';
import { SmsBearer } from '../../stack/rcs/sms/index.ts';
import { LegacyConfiguration } from './legacy-config.ts';
import { askPresence, isForgotten, legacyTags, readOptionsAnswer } from './legacy-discovery.ts';
import {
  type LegacyMessage,
  readLegacyMessage,
  writeLegacyReceipt,
  writeLegacyText,
} from './legacy-messages.ts';
import { LegacyRegistration } from './legacy-registration.ts';
import type { PeerView, Phone, PhoneConfig, PhonePorts, PhoneView } from './phone.ts';

const RETRY_MS = [4_000, 8_000, 16_000, 32_000, 64_000, 128_000];

interface Attachment {
  readonly endpoint: SipEndpoint;
  readonly agent: UserAgent;
  readonly registration: LegacyRegistration;
  readonly contact: string;
}

export class LegacyPhone implements Phone {
  readonly #config: PhoneConfig;
  readonly #ports: PhonePorts;
  readonly #log = new MessageLog();
  readonly #sms: SmsBearer;
  readonly #peers = new Map<string, PeerView>();
  readonly #askedDisplay = new Set<string>();
  readonly #seen = new Set<string>();
  readonly #lanes: Lanes;
  readonly #configuration: LegacyConfiguration;
  #rcs: RcsConfig | undefined;
  #refused = false;
  #attached: Attachment | undefined;

  constructor(config: PhoneConfig, ports: PhonePorts) {
    this.#config = config;
    this.#ports = ports;
    this.#log.onChange = ports.shown;
    this.#lanes = new Lanes(ports.platform.clock);
    this.#sms = new SmsBearer(ports.platform, { smscHost: config.smscHost });
    showShortMessages(this.#sms, this.#log);
    this.#configuration = new LegacyConfiguration(ports.platform, config, this.#sms, () =>
      this.#startAgain(),
    );
  }

  async provision(): Promise<void> {
    this.#rcs = await this.#configuration.fetch();
    this.#refused = this.#rcs === undefined;
  }

  async register(): Promise<void> {
    if (!this.#rcs) return;
    this.#attached ??= this.#attach(this.#rcs);
    this.#registrationEnded(await this.#attached.registration.register());
  }

  async deregister(): Promise<void> {
    await this.#attached?.registration.register(0);
    this.#detach();
    this.#ports.observe({ name: 'deregistered', data: {} });
  }

  async discover(peer: string): Promise<void> {
    await this.#discover(peer);
  }

  send({ to, text }: { to: string; text: string }): string {
    const wireId = this.#newId();
    this.#log.add({
      wireId,
      direction: 'out',
      peer: to,
      text,
      badge: 'none',
      channel: 'none',
      state: 'queued',
      reason: 'next in line',
    });
    this.#lanes.enter('out', () => this.#deliver(to, text, wireId));
    return wireId;
  }

  read(peer: string, wireId: string): void {
    this.#log.raise('in', peer, wireId, 'displayed');
    if (this.#config.receipts.displayed && this.#askedDisplay.delete(wireId))
      this.#report(peer, wireId, 'displayed');
  }

  networkLost(): void {
    this.#sms.coverageLost();
    this.#detach();
  }

  async networkBack(): Promise<void> {
    this.#sms.coverageBack();
    await this.register();
  }

  setQuirk(name: string): void {
    throw new RangeError(`a ${this.#config.universalProfile} phone has no quirk ${name}`);
  }

  view(): PhoneView {
    const registered = this.#attached?.registration.registered === true;
    const untrusted = this.#attached?.registration.untrusted;
    return {
      registration: registered ? 'registered' : this.#refused ? 'disabled' : 'unregistered',
      ...(untrusted !== undefined && { registrationReason: `certificate: ${untrusted}` }),
      bubbles: this.#log.bubbles,
      capabilities: Object.fromEntries([...this.#peers].sort(([a], [b]) => (a < b ? -1 : 1))),
      groups: [],
    };
  }

  close(): void {
    this.#lanes.close();
    this.#configuration.close();
    this.#detach();
    this.#sms.close();
  }

  /** The network said that there is a new configuration: such phones ask for all of it, and register anew. */
  async #startAgain(): Promise<void> {
    await this.provision();
    if (this.#attached) await this.deregister();
    if (!this.#lanes.isClosed) await this.register();
  }

  #attach(config: RcsConfig): Attachment {
    const { clock, random, network, sim } = this.#ports.platform;
    const { transports, compactHeaders, foldedHeaders } = this.#config.signalling!;
    const transport = transportFor(config, transports);
    const endpoint = new SipEndpoint({
      clock,
      random,
      network,
      style: { compact: compactHeaders, fold: foldedHeaders },
      ...(config.pcscfPins && { pins: config.pcscfPins }),
      onRequest: (incoming) => {
        if (!agent.receive(incoming)) this.#answer(incoming);
      },
    });
    const port = transport === 'tls' ? 5061 : 5060;
    if (transport === 'udp') endpoint.listen('udp', port);
    const hosts = new Set(config.pcscf.map(({ host }) => host));
    const [first, ...others] = Array.from(hosts, (host) => ({ transport, host, port }));
    const contact = writeNameAddr({
      uri: `sip:user@${network.host}:${port};transport=${transport}`,
      params: new Map([['+sip.instance', `<urn:uuid:${config.instanceId}>`], ...legacyTags(this.#config)]),
    });
    const agent = new UserAgent({
      clock,
      random,
      endpoint,
      host: network.host,
      contact: () => contact,
      targetOf: () => registration.target,
      authorize: (request, challenged) => registration.digest.credentialsFor(request, challenged),
    });
    const registration = new LegacyRegistration({
      clock,
      random,
      endpoint,
      targets: [first!, ...others],
      config,
      contact,
      host: network.host,
      ...(sim !== undefined && { sim }),
      onStatus: (status) => this.#registrationEnded(status),
    });
    return { endpoint, agent, registration, contact };
  }

  #registrationEnded(status: number): void {
    this.#ports.observe({ name: status === 200 ? 'registered' : 'registration-failed', data: { status } });
    if (status === 403 || status === 404) this.#refused = true;
    if (status === 200) this.#lanes.wake();
  }

  #detach(): void {
    this.#attached?.registration.stop();
    this.#attached?.agent.close();
    this.#attached?.endpoint.close();
    this.#attached = undefined;
  }

  async #discover(peer: string): Promise<PeerView> {
    const result = await this.#ask(peer);
    const before = this.#peers.get(peer);
    const view = {
      rcs: result.keepOld && before ? before.rcs : result.rcs,
      mls: false,
      online: result.online ?? false,
    };
    this.#peers.set(peer, view);
    return view;
  }

  async #ask(peer: string): Promise<OptionsResult> {
    const attached = this.#attached;
    if (attached?.registration.registered && this.#rcs?.capDiscovery.defaultDisc === 'presence') {
      const { agent, registration } = attached;
      return askPresence(agent, registration.target, peer, () => this.#registerAgain(registration));
    }
    const response = await this.#request('OPTIONS', peer, [
      { name: 'Contact', value: this.#attached?.contact ?? '' },
      { name: 'Accept', value: 'application/sdp' },
    ]);
    return readOptionsAnswer(response);
  }

  async #deliver(to: string, text: string, wireId: string): Promise<void> {
    if (this.#refused || !this.#rcs || this.#attached?.registration.untrusted !== undefined)
      return this.#sendSms(to, text, wireId);
    const dateTime = this.#now();
    const displayed = this.#config.universalProfile !== 'joyn';
    const body = writeLegacyText({ id: wireId, dateTime, text, askDisplayed: displayed });
    for (const pause of RETRY_MS) {
      await this.#untilRegistered(to, wireId);
      if (this.#lanes.isClosed) return;
      this.#log.update('out', to, wireId, { state: 'pending' });
      const peer = await this.#discover(to);
      if (peer.rcs === 'no') return this.#sendSms(to, text, wireId);
      if (peer.rcs === 'yes') {
        this.#log.update('out', to, wireId, { badge: 'plain', channel: 'rcs' });
        const { status, reason } = await this.#request('MESSAGE', to, this.#messageHeaders(), body);
        if (status < 300) return this.#log.raise('out', to, wireId, 'sent');
        if (status === 404) return this.#sendSms(to, text, wireId);
        if (!passes(status)) return this.#fail(to, wireId, `${status} ${reason}`);
      }
      await this.#lanes.pause(pause);
    }
    this.#fail(to, wireId, 'no answer');
  }

  async #sendSms(to: string, text: string, wireId: string): Promise<void> {
    this.#log.update('out', to, wireId, { badge: 'sms', channel: 'sms', state: 'pending' });
    const outcome = await this.#sms.send(to, text, wireId);
    if (outcome === 'acked') this.#log.raise('out', to, wireId, 'sent');
    else this.#fail(to, wireId, `SMS ${outcome}`);
  }

  #fail(to: string, wireId: string, reason: string): void {
    this.#log.update('out', to, wireId, { state: 'failed', reason });
    this.#ports.observe({ name: 'notification', data: { wireId, peer: to, text: `failed: ${reason}` } });
  }

  #answer(incoming: IncomingRequest): void {
    const { request } = incoming;
    if (request.method === 'OPTIONS') {
      incoming.respond(200, { headers: [{ name: 'Contact', value: this.#attached!.contact }] });
    } else if (request.method === 'MESSAGE') {
      const message = readLegacyMessage(request);
      // An old client can't use what it doesn't know, and says so (RFC 3428 section 7).
      if (message === 'unsupported')
        return incoming.respond(415, { headers: [{ name: 'Accept', value: 'message/cpim' }] });
      if (message === 'malformed') return incoming.respond(400);
      incoming.respond(200);
      this.#take(message);
    } else {
      incoming.respond(405, { headers: [{ name: 'Allow', value: 'OPTIONS, MESSAGE' }] });
    }
  }

  #take(message: LegacyMessage): void {
    const key = `${message.from} ${message.id}`;
    if (this.#seen.has(key)) return;
    this.#seen.add(key);
    if (message.kind === 'notice') return;
    if (message.kind === 'receipt')
      return this.#log.raise('out', message.from, message.about, message.status);
    const { from, id, text } = message;
    this.#log.add({
      wireId: id,
      direction: 'in',
      peer: from,
      text,
      badge: 'plain',
      channel: 'rcs',
      state: 'delivered',
    });
    if (message.asksDisplayed) this.#askedDisplay.add(id);
    if (message.asksDelivered && this.#config.receipts.delivered) this.#report(from, id, 'delivered');
  }

  #report(to: string, about: string, status: 'delivered' | 'displayed'): void {
    const body = writeLegacyReceipt({ id: this.#newId(), dateTime: this.#now(), about, status });
    this.#lanes.enter('out', async () => {
      for (const pause of RETRY_MS) {
        const answer = await this.#request('MESSAGE', to, this.#messageHeaders(), body);
        if (this.#lanes.isClosed || !passes(answer.status)) return;
        await this.#lanes.pause(pause);
      }
    });
  }

  #messageHeaders(): SipHeader[] {
    const { random } = this.#ports.platform;
    const joyn = this.#config.universalProfile === 'joyn';
    const tag = joyn ? '+g.oma.sip-im' : '+g.3gpp.icsi-ref="urn%3Aurn-7%3A3gpp-service.ims.icsi.oma.cpm.msg"';
    return [
      { name: 'Accept-Contact', value: `*;${tag}` },
      { name: 'Contribution-ID', value: randomUuid(random) },
      ...(joyn ? [] : [{ name: 'Conversation-ID', value: randomUuid(random) }]),
      { name: 'Content-Type', value: 'message/cpim' },
    ];
  }

  async #request(
    method: 'OPTIONS' | 'MESSAGE',
    to: string,
    headers: SipHeader[],
    body?: Uint8Array,
  ): Promise<SipResponse> {
    const attached = this.#attached;
    if (!attached?.registration.registered) {
      return {
        kind: 'response',
        status: 480,
        reason: 'Not registered',
        headers: [],
        body: new Uint8Array(0),
      };
    }
    const { random, network } = this.#ports.platform;
    const own = this.#rcs!.impu[0]!;
    const { registration, endpoint } = attached;
    const request: SipRequest = {
      kind: 'request',
      method,
      uri: `tel:${to}`,
      headers: [
        ...registration.routeHeaders,
        { name: 'From', value: `<${own}>;tag=${newTag(random)}` },
        { name: 'To', value: `<tel:${to}>` },
        { name: 'Call-ID', value: newCallId(random, network.host) },
        { name: 'CSeq', value: `1 ${method}` },
        ...headers,
      ],
      body: body ?? new Uint8Array(0),
    };
    const send = (one: SipRequest) => endpoint.request(one, registration.target);
    const { result } = await authenticatedRequest(request, registration.digest, send);
    if (!isForgotten(result) || !(await this.#registerAgain(registration))) return result;
    return (await authenticatedRequest(request, registration.digest, send)).result;
  }

  async #registerAgain(registration: LegacyRegistration): Promise<boolean> {
    const status = await registration.register();
    this.#registrationEnded(status);
    return status === 200;
  }

  async #untilRegistered(to: string, wireId: string): Promise<void> {
    while (!this.#attached?.registration.registered && !this.#lanes.isClosed) {
      this.#log.update('out', to, wireId, { state: 'queued', reason: 'not registered' });
      await this.#lanes.untilWoken();
    }
  }

  #newId(): string {
    const { random } = this.#ports.platform;
    const uuid = randomUuid(random);
    return this.#config.messageIds === 'uuid'
      ? uuid.toUpperCase()
      : `Mx${uuid.replaceAll('-', '').slice(0, 22)}`;
  }

  #now(): string {
    return new Date(this.#ports.platform.clock.now()).toISOString();
  }
}

/** A refusal that may pass: nobody answered, the callee is away, the server has trouble. */
function passes(status: number): boolean {
  return status === 408 || status === 480 || (status >= 500 && status < 600);
}

function transportFor(config: RcsConfig, own: readonly TransportProtocol[]): TransportProtocol {
  const wanted =
    config.psSignalling === 'SIPoTLS' ? 'tls' : config.psSignalling === 'SIPoTCP' ? 'tcp' : 'udp';
  return own.includes(wanted) ? wanted : own[0]!;
}
