/** One emulated operator network: its parts, wired. Each part knows the others only by what is handed to it here. */
import type { Listener } from '../../stack/platform.ts';
import type { SipRequest } from '../../stack/rcs/sip/message.ts';
import { ForgeReceipts } from '../quirks/forge-receipts.ts';
import { SubstituteKeyPackages } from '../quirks/substitute-key-packages.ts';
import { type Acs, type AcsChange, createAcs } from './acs/acs.ts';
import { ACS_SENDER } from './acs/one-time-passwords.ts';
import { type Answer, answer, isSuccess, statusOf } from './answer.ts';
import { ApplicationServer } from './application-server.ts';
import { CapabilityServer } from './capabilities.ts';
import { type CarrierConfig, type CarrierHosts, carrierHosts, homeDomain } from './config.ts';
import { Deadlines } from './deadlines.ts';
import { Edge } from './edge/edge.ts';
import { Interconnect } from './interconnect/interconnect.ts';
import { interwork } from './interworking.ts';
import { createKds } from './kds/kds.ts';
import { KdsTokens } from './kds/kds-tokens.ts';
import { LargeMode } from './messaging/large-mode.ts';
import { type Caller, Messaging } from './messaging/messaging.ts';
import { DELIVERED } from './messaging/network-notification.ts';
import type { PagerMessage } from './messaging/pager-message.ts';
import type { Misbehaviour } from './misbehaviour.ts';
import type { CarrierPorts } from './ports.ts';
import { PresenceServer } from './presence/presence-server.ts';
import { Routing } from './proxy/routing.ts';
import type { Binding, NetworkDeregistration } from './registrar/bindings.ts';
import { type Bound, Registrar } from './registrar/registrar.ts';
import { RegistrationService } from './registrar/registration-service.ts';
import { ShortMessageCentre } from './smsc/smsc.ts';
import { lastingRandom } from './state/lasting-random.ts';

export type { CarrierEvent, CarrierPorts } from './ports.ts';

/** What is read when the parts are made. */
const FIXED = ['label', 'mcc', 'mnc', 'universalProfile', 'e2ee', 'addresses'] as const;

export class Carrier {
  readonly #config: CarrierConfig;
  readonly #ports: CarrierPorts;
  readonly #hosts: CarrierHosts;
  readonly #deadlines: Deadlines;
  readonly #tokens: KdsTokens;
  readonly #registrar: Registrar;
  readonly #applicationServer: ApplicationServer;
  readonly #presence: PresenceServer;
  readonly #registrations: RegistrationService;
  readonly #edge: Edge;
  readonly #capabilities: CapabilityServer;
  readonly #messaging: Messaging;
  readonly #largeMode: LargeMode;
  readonly #interconnect: Interconnect;
  readonly #smsc: ShortMessageCentre;
  readonly #acs: Acs;
  readonly #http: Listener[] = [];
  readonly #misbehaviour = new Map<string, Misbehaviour>();
  readonly #active = new Set<string>();

  constructor(given: CarrierConfig, ports: CarrierPorts) {
    // One object for all parts: `reconfigure` changes it under them.
    const config: CarrierConfig = { ...given };
    const { clock, random, store } = ports;
    const observe: CarrierPorts['observe'] = (event) => ports.observe(event);
    const lasting = lastingRandom(store, random.fork('lasting'));
    const deadlines = new Deadlines(clock);
    this.#config = config;
    this.#ports = ports;
    this.#hosts = carrierHosts(config);
    this.#deadlines = deadlines;
    this.#tokens = new KdsTokens(random.fork('kds tokens'), store);
    this.#registrar = new Registrar({
      config,
      clock,
      random: random.fork('registrar'),
      store,
      observe,
      onChange: (binding, end) => this.#registrations.changed(binding, end),
    });
    const { bindings } = this.#registrar;
    this.#applicationServer = new ApplicationServer({
      config,
      ports,
      routeTo: (binding) => this.#edge.routeTo(binding),
    });
    this.#presence = new PresenceServer({
      config,
      ports,
      deadlines,
      bindings,
      applicationServer: this.#applicationServer,
    });
    this.#applicationServer.serve(this.#presence);
    this.#registrations = new RegistrationService({
      config,
      ports,
      bindings,
      applicationServer: this.#applicationServer,
    });
    this.#applicationServer.serve(this.#registrations);
    const routing = new Routing({
      config,
      bindings,
      host: homeDomain(config),
      dereferenced: (request) => this.#dereferenced(request),
      wanted: (request, origin) => this.#applicationServer.wants(request, origin),
    });
    this.#edge = new Edge({
      config,
      ports,
      registrar: this.#registrar,
      routing,
      onRequest: (request, { msisdn, instance }) =>
        this.#serve(request, { sender: msisdn, origin: 'phone', instance }),
      onBound: (bound) => this.#reachable(bound),
    });
    this.#interconnect = new Interconnect({
      config,
      ports,
      deadlines,
      lasting,
      routing,
      routeTo: (binding) => this.#edge.routeTo(binding),
      onRequest: (request, sender) => this.#serve(request, { sender, origin: 'peer' }),
      toPeer: (message) => this.#largeMode.toPeer(message),
      onUndeliverable: (message, why) => this.#undeliverableAbroad(message, why),
    });
    const smsc = new ShortMessageCentre({
      config,
      ports,
      onDelivered: (message) => this.#messaging.notify(message, DELIVERED),
    });
    this.#smsc = smsc;
    this.#acs = createAcs({
      config,
      clock,
      random: random.fork('acs'),
      lasting: lasting.fork('acs'),
      store,
      observe,
      kdsToken: (msisdn) => this.#tokens.tokenOf(msisdn),
      messages: {
        text: (to, text) => smsc.submitText({ from: ACS_SENDER, to, text }),
        data: (to, port, data) => smsc.submitData({ from: ACS_SENDER, to, port, data }),
      },
    });
    this.#capabilities = new CapabilityServer({
      config,
      deadlines,
      bindings,
      toDevice: (request, binding) => this.#edge.toDevice(request, binding),
      toPeer: (request, recipient) => this.#interconnect.forwardQuery(request, recipient),
    });
    this.#largeMode = new LargeMode({
      config,
      ports: { clock, random: random.fork('large mode'), network: (host) => ports.network(host), observe },
      take: (request, from) => this.#messaging.handleLarge(request, from),
      applicationServer: this.#applicationServer,
    });
    this.#applicationServer.serve(this.#largeMode);
    this.#messaging = new Messaging({
      config,
      ports: {
        ...ports,
        observe,
        random: random.fork('messaging'),
        stored: (key, bytes) => ports.stored(key, bytes),
      },
      lasting,
      bindings,
      toDevice: (request, binding, branch) => this.#edge.toDevice(request, binding, branch),
      largeMode: this.#largeMode,
      toPeer: (message) => this.#interconnect.forwardMessage(message),
      interwork: (message) => this.#interwork(message),
      substitute: (message) =>
        this.#cheats().reduce<readonly PagerMessage[]>(
          (list, cheat) => list.flatMap((m) => cheat.delivered(m)),
          [message],
        ),
    });
    for (const quirk of config.quirks) this.setQuirk(quirk, true);
  }

  /** Opens every listener and takes up what an earlier life accepted. Throws NetworkError when a port is taken. */
  start(): void {
    const acsNetwork = this.#ports.network(this.#hosts.acs);
    this.#http.push(
      acsNetwork.serveHttp({ secure: false }, this.#acs.http),
      acsNetwork.serveHttp({ secure: true }, this.#acs.https),
    );
    if (this.#config.e2ee.enabled) {
      const kds = createKds({
        config: this.#config,
        ports: this.#ports,
        deadlines: this.#deadlines,
        tokens: this.#tokens,
        substitute: (msisdn, claimed) =>
          this.#cheats().reduce((list, cheat) => cheat.claimed(msisdn, list), claimed),
      });
      this.#http.push(this.#ports.network(this.#hosts.kds).serveHttp({ secure: true }, kds));
    }
    this.#edge.start();
    this.#applicationServer.start();
    this.#largeMode.start();
    this.#interconnect.start();
    this.#smsc.start();
    this.#messaging.restore();
  }

  /** Who is registered now, the latest first, and how many messages wait; for the operator. */
  status(): { readonly bindings: readonly Binding[]; readonly messages: number } {
    return { bindings: this.#registrar.bindings.all().reverse(), messages: this.#messaging.kept };
  }

  /** Turns a named misbehaviour on or off. Throws RangeError for a name that no carrier has. */
  setQuirk(name: string, on: boolean): void {
    if (!this.#misbehaviour.has(name)) this.#misbehaviour.set(name, this.#misbehaviourCalled(name));
    if (on) this.#active.add(name);
    else this.#active.delete(name);
  }

  /**
   * The network ends a subscriber's registrations (TS 24.229 section 5.4.1.5): `deactivated` asks its phones to register
   * anew, `rejected` forbids it, `probation` asks them to wait. Returns how many there were.
   */
  deregister(msisdn: string, event: NetworkDeregistration): number {
    return this.#registrar.deregister(msisdn, event);
  }

  /** The operator changes what its ACS answers, and tells its phones to ask again if `tell` says so. */
  changeConfiguration(change: AcsChange, tell: boolean): void {
    this.#acs.change(change);
    if (tell) this.#acs.tellPhones();
  }

  /**
   * Takes the parts of another configuration that can change while it runs, without touching registrations of those who
   * stay subscribers. Returns the names of fields that only a new start changes.
   */
  reconfigure(next: CarrierConfig): string[] {
    const fixed = FIXED.filter(
      (field) => JSON.stringify(this.#config[field]) !== JSON.stringify(next[field]),
    );
    const { transports } = this.#config.signalling;
    const { transport } = this.#config.interconnect;
    const kept = Object.fromEntries(FIXED.map((field) => [field, this.#config[field]]));
    const refused: string[] = [...fixed];
    if (JSON.stringify(transports) !== JSON.stringify(next.signalling.transports)) {
      refused.push('signalling.transports');
    }
    if (transport !== next.interconnect.transport) refused.push('interconnect.transport');
    const { otp, tokenLifetimeMs } = this.#config.acs;
    if (JSON.stringify(otp) !== JSON.stringify(next.acs.otp)) refused.push('acs.otp');
    if (tokenLifetimeMs !== next.acs.tokenLifetimeMs) refused.push('acs.tokenLifetime');
    const { limits: _, ...before } = this.#config;
    Object.assign(this.#config, before, { limits: {} }, next, kept, {
      signalling: { ...next.signalling, transports },
      interconnect: { ...next.interconnect, transport },
    });
    for (const name of new Set([...this.#active, ...next.quirks])) {
      this.setQuirk(name, next.quirks.includes(name));
    }
    this.#acs.reload();
    const { bindings } = this.#registrar;
    for (const binding of bindings.all()) {
      const stays = next.subscribers.some(({ msisdn, rcs }) => rcs && msisdn === binding.msisdn);
      if (!stays) bindings.remove(binding);
    }
    return refused;
  }

  /** Takes no new work; resolves when what is in hand is answered. */
  async drain(): Promise<void> {
    await Promise.all([this.#edge.drain(), this.#interconnect.drain()]);
  }

  /** Ends everything: listeners, streams, timers; what was accepted waits in the store. */
  close(): void {
    for (const listener of this.#http.splice(0)) listener.close();
    this.#messaging.close();
    this.#largeMode.close();
    this.#interconnect.close();
    this.#smsc.close();
    this.#presence.close();
    this.#applicationServer.close();
    this.#edge.close();
    this.#registrar.close();
    this.#deadlines.close();
  }

  async #serve(asked: SipRequest, from: Caller): Promise<Answer> {
    const request = this.#dereferenced(asked);
    if (request === undefined) return answer(404);
    return request.method === 'OPTIONS'
      ? this.#capabilities.handle(request, from.origin)
      : this.#messaging.handle(request, from);
  }

  /** RFC 5627 section 5.5: a GRUU becomes the device that it stands for; undefined when it leads nowhere. */
  #dereferenced(request: SipRequest): SipRequest | undefined {
    const device = this.#registrar.deviceOf(request.uri);
    if (device === undefined) return request;
    if (device === 'unknown' || !this.#registrar.knows(device)) return undefined;
    return { ...request, uri: this.#registrar.gruuOf(device) };
  }

  #reachable({ binding, moved }: Bound): void {
    this.#messaging.deviceReachable(binding, moved);
    this.#presence.changed(binding.msisdn);
    this.#smsc.subscriberReachable(binding.msisdn);
  }

  #interwork(message: PagerMessage): Answer {
    return interwork(message, {
      config: this.#config,
      smsc: this.#smsc,
      observe: (event) => this.#ports.observe(event),
      notify: (about, status) => this.#messaging.notify(about, status),
    });
  }

  /** Told 202 already: a text for someone without RCS can still go as SMS, anything else has failed. */
  #undeliverableAbroad(message: PagerMessage, why: { readonly status: number } | 'expired'): void {
    if (why !== 'expired' && why.status === 404 && isSuccess(statusOf(this.#interwork(message)))) return;
    this.#messaging.failed(message, why === 'expired' ? 'expired' : 'refused');
  }

  #cheats(): Misbehaviour[] {
    return [...this.#misbehaviour].filter(([name]) => this.#active.has(name)).map(([, cheat]) => cheat);
  }

  #misbehaviourCalled(name: string): Misbehaviour {
    const { clock, random, crypto, observe } = this.#ports;
    if (name === 'forge-receipts') {
      return new ForgeReceipts({
        notify: (about, status) => this.#messaging.notify(about, status),
        observe,
      });
    }
    if (name !== 'substitute-key-packages') throw new RangeError(`no carrier has a quirk called ${name}`);
    if (crypto === undefined) throw new RangeError(`${name} needs the crypto port`);
    return new SubstituteKeyPackages({ clock, random: random.fork(name), crypto, observe });
  }
}
