/**
 * The SDK's client: one phone number on one device. It provisions, registers, discovers, sends and receives; what it
 * shows its owner is in `log`, what an auditor or the owner must be told goes to `observe`.
 */
import type { CryptoProvider } from '../crypto/index.ts';
import { uploadKeyPackages } from '../e2ee/key-delivery.ts';
import type { Platform, TransportProtocol } from '../platform.ts';
import {
  type Capabilities,
  capabilitiesFromContact,
  capabilitiesOf,
  contactParams,
  mlsEligible,
} from '../rcs/capabilities/index.ts';
import type { RcsConfig } from '../rcs/config/index.ts';
import type { IncomingRequest } from '../rcs/sip/endpoint.ts';
import type { SmsBearer } from '../rcs/sms/index.ts';
import { assertedMsisdn } from './asserted-identity.ts';
import { attempt } from './awaitable.ts';
import { CapabilityCache, type PeerCapabilities } from './capability-cache.ts';
import { CryptoEngine, type GroupAgreement } from './crypto-engine.ts';
import { type Discovered, discoverByOptions, discoverByPresence } from './discovery.ts';
import { newMessageId } from './identifiers.ts';
import { ALLOWED_METHODS, ImsTransport } from './ims-transport.ts';
import { Inbox } from './inbox.ts';
import { Lanes } from './lanes.ts';
import { MessageLog } from './message-log.ts';
import { hasLargeMode, MessageTransport } from './message-transport.ts';
import type { CreateMlsEngine, Rcc16Part } from './mls-engine.ts';
import { Outbox } from './outbox.ts';
import { parleyEngine } from './parley-engine.ts';
import {
  decideSend,
  type Policy,
  type Requirement,
  type SendDecision,
  type SendSituation,
} from './policy.ts';
import { PresenceClient } from './presence.ts';
import { type Bearer, Provisioning, type ProvisioningOutcome, type Terminal } from './provisioning.ts';
import type { RegistrationLoss } from './registration-outcome.ts';
import { RegistrationRetry } from './registration-retry.ts';
import { showShortMessages } from './sms-log.ts';

export interface ClientOptions {
  readonly platform: Platform;
  readonly terminal: Terminal;
  readonly transports: readonly TransportProtocol[];
  readonly style: { readonly compact: boolean; readonly fold: boolean };
  readonly messageIds: 'mx' | 'uuid';
  readonly policy: Policy;
  readonly crypto: CryptoProvider;
  /** Absent: this client does no MLS. */
  readonly mls?: {
    readonly cipherSuites: readonly (1 | 2)[];
    readonly keyPackages: number;
    /** Default: the stack's own. */
    readonly engine?: CreateMlsEngine;
    /** What the engine can't do, or is not to do. */
    readonly lacks?: readonly Rcc16Part[];
  };
  /** Services that it announces, without MLS. */
  readonly capabilities: Capabilities;
  readonly sms: SmsBearer;
  /** Whose IP access the phone uses now; the operator's when absent. */
  readonly bearer?: () => Bearer;
  readonly observe: (event: { readonly name: string; readonly data: Record<string, unknown> }) => void;
  /** The policy layer; a deployment may put a stricter one here. */
  readonly decide?: (situation: SendSituation) => SendDecision;
}

export type RegistrationState = 'registered' | 'unregistered' | 'disabled';

/** Answers to REGISTER after which the same document would get the same answer (docs/rcs-signalling.md 2.2). */
const DOCUMENT_AT_FAULT = [401, 403, 404, 407];

export class RcsClient {
  readonly log = new MessageLog();
  readonly options: ClientOptions;
  readonly lanes: Lanes;
  readonly capabilities: CapabilityCache;
  engine: CryptoEngine | undefined;
  config: RcsConfig | undefined;
  readonly #outbox: Outbox;
  readonly #inbox: Inbox;
  readonly #provisioning: Provisioning;
  readonly #retry: RegistrationRetry;
  #ims: ImsTransport | undefined;
  #messages: MessageTransport | undefined;
  #disabled: string | undefined;
  /** Why there is no registration, while the phone may yet get one. */
  #unregistered: { readonly why: string; readonly untrusted: boolean } | undefined;
  #keyPackagesUploaded = false;
  #mlsGranted = false;
  #online = true;
  #presence: PresenceClient | undefined;
  #discoveryForbidden = false;
  /** The owner wants to be registered: a configuration that comes later is used at once. */
  #wanted = false;

  constructor(options: ClientOptions) {
    this.options = options;
    const { clock } = options.platform;
    this.lanes = new Lanes(clock);
    this.capabilities = new CapabilityCache(clock, () => ({
      rcsSeconds: this.config?.capDiscovery.capInfoExpirySeconds ?? 0,
      nonRcsSeconds: this.config?.capDiscovery.nonRcsCapInfoExpirySeconds ?? 0,
    }));
    this.#retry = new RegistrationRetry({
      lanes: this.lanes,
      random: options.platform.random.fork('registration retries'),
      wanted: () => this.#shouldRegister,
      register: () => this.register(),
    });
    this.#outbox = new Outbox(this);
    this.#inbox = new Inbox(this);
    showShortMessages(options.sms, this.log);
    this.#provisioning = new Provisioning({
      platform: options.platform,
      terminal: options.terminal,
      sms: options.sms,
      bearer: options.bearer ?? (() => 'operator'),
      onOutcome: (outcome) => void this.#reconfigured(outcome),
    });
  }

  get registration(): RegistrationState {
    if (this.#disabled !== undefined) return 'disabled';
    return this.#ims?.isRegistered ? 'registered' : 'unregistered';
  }

  /** Why it is not registered, as far as this phone can tell; begins with `certificate` when it trusts no P-CSCF. */
  get registrationReason(): string | undefined {
    return this.registration === 'registered' ? undefined : (this.#disabled ?? this.#unregistered?.why);
  }

  /** What may be decided on: a carrier whose certificate doesn't hold gives no RCS until it does (RFC 5922 section 7). */
  get ownRcs(): SendSituation['ownRcs'] {
    const { registration } = this;
    if (registration === 'disabled') return 'off';
    return registration === 'unregistered' && this.#unregistered?.untrusted ? 'off' : registration;
  }

  /** KeyPackages are at the KDS and the carrier granted the MLS feature tags. */
  get mlsReady(): boolean {
    return this.#keyPackagesUploaded && this.#mlsGranted;
  }

  get ims(): ImsTransport | undefined {
    return this.#ims?.isRegistered ? this.#ims : undefined;
  }

  /** Where messages leave, while registered. */
  get messages(): MessageTransport | undefined {
    return this.ims && this.#messages;
  }

  /** Fetches the configuration and, where the carrier has a KDS, uploads KeyPackages. */
  async provision(): Promise<void> {
    await this.#configured(await this.#provisioning.run('boot'));
  }

  /** The owner switches RCS on: a network that had taken it away is asked again. */
  async switchOn(): Promise<void> {
    await this.#reconfigured(await this.#provisioning.run('user'));
  }

  /** Registers; when nobody answers, tries again with back-off until closed or offline. */
  async register(): Promise<void> {
    this.#wanted = true;
    if (!this.config || this.#disabled !== undefined || this.lanes.isClosed) return;
    this.#ims ??= this.#transportFor(this.config);
    const outcome = await this.#ims.register(this.ownTags());
    if (outcome.kind === 'registered') {
      this.#unregistered = undefined;
      this.#mlsGranted = capabilitiesFromContact(outcome.contactParams).mlsKds !== undefined;
      this.#provisioning.registered();
      this.options.observe({ name: 'registered', data: { mls: this.#mlsGranted } });
      void this.#publish(this.#ims);
      this.lanes.wake();
    } else if (outcome.kind === 'unreachable') {
      const { reason: why, retryAfterMs, untrusted } = outcome;
      this.#registrationLost({
        why,
        again: 'later',
        ...(retryAfterMs !== undefined && { retryAfterMs }),
        ...(untrusted && { untrusted }),
      });
    } else if (DOCUMENT_AT_FAULT.includes(outcome.status)) {
      await this.#registrationForbidden(`${outcome.status} ${outcome.reason}`);
    } else {
      this.#registrationLost({ why: `${outcome.status} ${outcome.reason}`, again: 'later' });
    }
  }

  async deregister(): Promise<void> {
    this.#wanted = false;
    await this.#leave();
  }

  async #leave(): Promise<void> {
    if (this.ims) await this.#presence?.withdraw();
    this.#closePresence();
    await this.#ims?.deregister();
    this.#closeTransport();
    this.options.observe({ name: 'deregistered', data: {} });
  }

  /** OPTIONS to `peer` (E.164); the cached answer when it is still valid. */
  async discover(peer: string): Promise<PeerCapabilities> {
    const known = this.capabilities.fresh(peer);
    if (known || !this.ims || this.#discovery === 'off' || this.capabilities.isResting(peer)) {
      return known ?? this.capabilities.last(peer);
    }
    let found = await this.#ask(peer);
    if (found.result.next === 'register') {
      await this.register();
      if (this.ims) found = await this.#ask(peer);
    }
    // Forbidden for this user: nobody is asked again before the next configuration.
    if (found.result.next === 'stop') this.#discoveryForbidden = true;
    const learned = this.capabilities.learn(peer, found.result, found.capabilities, found.retryAfterSeconds);
    this.options.observe({ name: 'capability', data: { peer, status: found.status, rcs: learned.rcs } });
    this.#outbox.reconsider(peer);
    return learned;
  }

  get #discovery(): RcsConfig['capDiscovery']['defaultDisc'] {
    return this.#discoveryForbidden ? 'off' : (this.config?.capDiscovery.defaultDisc ?? 'off');
  }

  #ask(peer: string): Promise<Discovered> {
    const ims = this.ims!;
    return this.#discovery === 'presence' && this.#presence
      ? discoverByPresence(this.#presence, peer)
      : discoverByOptions(ims, peer);
  }

  /** Where the network has a presence server: what is registered is published too. */
  async #publish(ims: ImsTransport): Promise<void> {
    if (!this.config?.capDiscovery.presenceDisc) return;
    this.#presence ??= new PresenceClient(this.options.platform.clock, ims, this.options.terminal.msisdn);
    const own = this.#ownCapabilities();
    const { mlsVersion: _version, mlsKds: _kds, ...plain } = own;
    const status = await this.#presence.publish(this.#mlsGranted ? own : plain);
    this.options.observe({ name: 'published', data: { status } });
  }

  #closePresence(): void {
    this.#presence?.close();
    this.#presence = undefined;
  }

  /** Whether a one-to-one with these capabilities may be encrypted (docs/rcc16.md 3.2). */
  peerMls(peer: PeerCapabilities): boolean {
    return this.mlsReady && mlsEligible(this.#ownCapabilities(), peer.capabilities) === true;
  }

  decide(situation: SendSituation): SendDecision {
    return (this.options.decide ?? decideSend)(situation);
  }

  /** Takes a message to send and returns its id; `log` shows what becomes of it. */
  send(message: { readonly to: string; readonly text: string; readonly requirement: Requirement }): string {
    const id = newMessageId(this.options.platform.random, this.options.messageIds);
    this.#outbox.submit(id, message);
    return id;
  }

  /** The owner has the message on the screen. */
  markRead(peer: string, wireId: string): void {
    this.#inbox.read(peer, wireId);
  }

  sendReceipt(to: string, body: Uint8Array): void {
    this.#outbox.sendReceipt(to, body);
  }

  /** The radio is gone: connections die without a word, timers of the registration stop. */
  networkLost(): void {
    this.#online = false;
    this.#closePresence();
    this.#closeTransport();
  }

  async networkBack(): Promise<void> {
    this.#online = true;
    await this.register();
  }

  agreements(): GroupAgreement[] {
    return this.engine?.agreements() ?? [];
  }

  close(): void {
    this.lanes.close();
    this.#provisioning.close();
    this.#inbox.close();
    attempt(
      () => this.engine?.close(),
      () => {},
      (error) => this.options.observe({ name: 'deviation', data: { what: String(error) } }),
    );
    this.#closePresence();
    this.#closeTransport();
  }

  /** Feature tags to register: MLS only with KeyPackages uploaded, else peers run into a dead end. */
  ownTags(): [string, string | undefined][] {
    return contactParams(this.#ownCapabilities());
  }

  #ownCapabilities(): Capabilities {
    const { config } = this;
    const largeMessage = config !== undefined && hasLargeMode(config);
    const capabilities = { ...this.options.capabilities, largeMessage };
    return this.#keyPackagesUploaded && config?.e2ee
      ? { ...capabilities, mlsVersion: 'v1', mlsKds: config.e2ee.kdsId }
      : capabilities;
  }

  async #configured(outcome: ProvisioningOutcome): Promise<void> {
    this.options.observe({
      name: 'provisioned',
      data: { outcome: outcome.kind, ...('why' in outcome && { why: outcome.why }) },
    });
    this.#disabled = outcome.kind === 'configured' ? undefined : outcome.why;
    if (outcome.kind !== 'configured') return;
    this.config = outcome.config;
    this.#discoveryForbidden = false;
    if (outcome.changed || !this.#keyPackagesUploaded) await this.#uploadKeyPackages(outcome.config);
  }

  /** A run that the network, time or the owner brought about: what was registered with the old document is left. */
  async #reconfigured(outcome: ProvisioningOutcome): Promise<void> {
    const stale = outcome.kind !== 'configured' || outcome.changed;
    if (stale && this.#ims) await this.#leave();
    await this.#configured(outcome);
    if (this.#wanted && this.#online && !this.#ims?.isRegistered) await this.register();
  }

  /** 403 to REGISTER: the document may be out of date, so a newer one gets a chance (RCC.14). */
  async #registrationForbidden(why: string): Promise<void> {
    const outcome = await this.#provisioning.registrationRefused();
    if (outcome?.kind !== 'configured' || !outcome.changed)
      return this.#registrationLost({ why, again: 'never' });
    this.#closePresence();
    this.#ims?.close();
    this.#ims = undefined;
    await this.#configured(outcome);
    await this.register();
  }

  async #uploadKeyPackages(config: RcsConfig): Promise<void> {
    const { platform, crypto, mls, terminal } = this.options;
    if (!mls || !config.e2ee) return;
    this.engine ??= this.#createEngine(mls, crypto);
    const { oneTime, lastResort } = await this.engine.makeKeyPackages(mls.keyPackages);
    this.#keyPackagesUploaded = await uploadKeyPackages(
      platform.network,
      { uri: config.e2ee.kdsUri, token: config.e2ee.kdsToken },
      { msisdn: terminal.msisdn, device: config.instanceId, keyPackages: oneTime, lastResort },
    );
    this.options.observe({
      name: 'key-packages',
      data: { uploaded: this.#keyPackagesUploaded, oneTime: oneTime.length },
    });
  }

  #createEngine(mls: NonNullable<ClientOptions['mls']>, suites: CryptoProvider): CryptoEngine {
    const { platform, terminal } = this.options;
    const random = platform.random.fork('mls');
    const now = () => Math.floor(platform.clock.now() / 1000);
    const { cipherSuites, lacks = [], engine = parleyEngine } = mls;
    return new CryptoEngine(engine({ suites, random, now }), {
      msisdn: terminal.msisdn,
      cipherSuites,
      lacks,
      random,
      now,
    });
  }

  #answer(incoming: IncomingRequest): void {
    const { request } = incoming;
    if (request.method === 'MESSAGE') {
      const { status, reason } = this.#inbox.take(request.headers, request.body);
      return incoming.respond(status, { reason });
    }
    if (request.method !== 'OPTIONS') {
      incoming.respond(405, { headers: [{ name: 'Allow', value: ALLOWED_METHODS }] });
      return;
    }
    const announced = capabilitiesOf(request);
    const peer = assertedMsisdn(request.headers);
    if (announced && peer) this.capabilities.learnFromRequest(peer, announced);
    if (peer) this.#outbox.reconsider(peer);
    incoming.respond(200, {
      headers: [
        { name: 'Contact', value: this.#ims!.contact() },
        { name: 'Allow', value: ALLOWED_METHODS },
      ],
    });
  }

  #transportFor(config: RcsConfig): ImsTransport {
    const ims = new ImsTransport({
      platform: this.options.platform,
      config,
      transports: this.options.transports,
      style: this.options.style,
      userAgent: `${this.options.terminal.vendor}/${this.options.terminal.model} ${this.options.terminal.clientVersion}`,
      onRequest: (incoming) => this.#answer(incoming),
      onCall: (call) => (this.#messages ? this.#messages.called(call, this.#inbox) : call.reject(480)),
      onRegistrationLost: (loss) => this.#registrationLost(loss),
    });
    this.#messages = new MessageTransport(this.options.platform, config, ims);
    return ims;
  }

  #closeTransport(): void {
    this.#messages?.close();
    this.#ims?.close();
    this.#messages = undefined;
    this.#ims = undefined;
  }

  #registrationLost(loss: RegistrationLoss): void {
    const { why, again, untrusted = false } = loss;
    this.options.observe({ name: 'deregistered', data: { why } });
    const isNews = untrusted && this.#unregistered?.untrusted !== true;
    this.#unregistered = { why, untrusted };
    // What waited for a registration is decided anew: there may be none for long.
    if (isNews) this.lanes.wake();
    if (again === 'never') this.#disabled = why;
    else if (this.#online) this.#retry.after(loss);
  }

  get #shouldRegister(): boolean {
    return this.#online && this.#wanted && !this.ims && !this.lanes.isClosed && this.#disabled === undefined;
  }
}
