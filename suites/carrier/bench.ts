/** Two emulated carriers on the simulated network, and phones that are nothing but a SIP endpoint. */
import { Carrier } from '../../emulators/carrier/carrier.ts';
import {
  type CarrierConfig,
  carrierHosts,
  homeDomain,
  INTERCONNECT_PORT,
  type PeerCarrier,
  type Subscriber,
} from '../../emulators/carrier/config.ts';
import type { CarrierEvent } from '../../emulators/carrier/ports.ts';
import { Link, type LinkProfile } from '../../emulators/network/link.ts';
import { MemoryStore } from '../../emulators/network/memory-store.ts';
import { SeededRandom } from '../../emulators/network/seeded-random.ts';
import { SimulatedNetwork } from '../../emulators/network/simulated-network.ts';
import type { TappedFrame } from '../../emulators/network/tap.ts';
import { VirtualClock } from '../../emulators/network/virtual-clock.ts';
import { createNobleProvider } from '../../stack/crypto/index.ts';
import type { Network } from '../../stack/platform.ts';
import { BarePhone, type BarePhoneOptions } from './bare-phone.ts';

export const MCC = '999';
export const OPERATOR_A = { mcc: MCC, mnc: '001' };
export const OPERATOR_B = { mcc: MCC, mnc: '002' };
const LAN: LinkProfile = { latencyMs: 5, jitterMs: 0, loss: 0 };

export const ALICE = subscriber('+999001000001', '999001000000001', 'alice.ue.example');
export const AMY = subscriber('+999001000002', '999001000000002', 'amy.ue.example');
export const SMS_ANN = subscriber('+999001000003', '999001000000003', 'ann.ue.example', false);
export const BOB = subscriber('+999002000001', '999002000000001', 'bob.ue.example');
export const SMS_BEN = subscriber('+999002000002', '999002000000002', 'ben.ue.example', false);

function subscriber(msisdn: string, imsi: string, host: string, rcs = true): Subscriber {
  return { msisdn, imsi, password: `secret of ${imsi}`, host, rcs };
}

export type Settings = Partial<Omit<CarrierConfig, 'label' | 'mcc' | 'mnc' | 'peers'>>;

export interface Bench {
  readonly clock: VirtualClock;
  readonly a: Carrier;
  readonly b: Carrier;
  /** Ends a carrier and starts another one on what it stored. */
  restart(label: 'A' | 'B'): void;
  readonly interconnect: Link;
  readonly frames: TappedFrame[];
  readonly events: (CarrierEvent & { readonly carrier: string })[];
  readonly stored: { readonly key: string; readonly bytes: Uint8Array }[];
  readonly network: SimulatedNetwork;
  readonly random: SeededRandom;
  /** The access link of a subscriber's host, by host name. */
  access(host: string): Link;
  net(host: string): Network;
  phone(subscriber: Subscriber, options?: Partial<BarePhoneOptions>): BarePhone;
  /** Lets the world run until `done` or for `ms`. */
  until(done: () => boolean, ms?: number): Promise<boolean>;
  /** Runs the world until the promise has settled. */
  run<T>(promise: Promise<T>, ms?: number): Promise<T>;
  close(): Promise<void>;
}

export interface BenchOptions {
  readonly a?: Settings;
  readonly b?: Settings;
  readonly accessLink?: LinkProfile;
  readonly interconnectLink?: LinkProfile;
  readonly seed?: string;
}

export function openBench(options: BenchOptions = {}): Bench {
  const clock = new VirtualClock();
  const random = new SeededRandom(options.seed ?? 'carrier');
  const frames: TappedFrame[] = [];
  const events: Bench['events'][number][] = [];
  const stored: { key: string; bytes: Uint8Array }[] = [];
  const link = (name: string, profile: LinkProfile) => new Link(name, profile, random.fork(name));
  const interconnect = link('interconnect', options.interconnectLink ?? LAN);
  const network = new SimulatedNetwork({ clock, tap: (frame) => void frames.push(frame), interconnect });
  const hosts = new Map<string, Network>();
  const links = new Map<string, Link>();
  const configs = [
    configOf('A', OPERATOR_A, [ALICE, AMY, SMS_ANN], OPERATOR_B, options.a, options.b),
    configOf('B', OPERATOR_B, [BOB, SMS_BEN], OPERATOR_A, options.b, options.a),
  ];
  const lives = configs.map((config) => {
    const core = link(`core ${config.label}`, { ...LAN, latencyMs: 1 });
    for (const host of Object.values(carrierHosts(config))) {
      hosts.set(host, network.addHost(host, { access: [core], zone: config.label }));
    }
    for (const { host } of config.subscribers) {
      const access = link(`access ${host}`, options.accessLink ?? LAN);
      links.set(host, access);
      hosts.set(host, network.addHost(host, { access: [access], zone: config.label }));
    }
    const store = new MemoryStore();
    return (life: string) =>
      new Carrier(config, {
        clock,
        random: random.fork(`carrier ${config.label}${life}`),
        store,
        network: (host) => hosts.get(host)!,
        observe: (event) => void events.push({ ...event, carrier: config.label }),
        stored: (key, bytes) => void stored.push({ key, bytes }),
        crypto: createNobleProvider(),
      });
  });
  const carriers = lives.map((live) => live(''));
  const [a, b] = carriers as [Carrier, Carrier];
  for (const carrier of carriers) carrier.start();
  const phones: BarePhone[] = [];
  const until: Bench['until'] = (done, ms = 60_000) => clock.runUntil(done, ms);
  return {
    clock,
    a,
    b,
    restart: (label) => {
      const index = label === 'A' ? 0 : 1;
      carriers[index]!.close();
      carriers[index] = lives[index]!(` ${clock.now()}`);
      carriers[index].start();
    },
    interconnect,
    frames,
    events,
    stored,
    network,
    random,
    access: (host) => links.get(host)!,
    net: (host) => hosts.get(host)!,
    phone: (who, more) => {
      const operator = who.imsi.startsWith('999001') ? OPERATOR_A : OPERATOR_B;
      const phone = new BarePhone({
        clock,
        random: random.fork(`phone ${who.msisdn} ${phones.length}`),
        network: hosts.get(who.host)!,
        subscriber: who,
        operator,
        ...more,
      });
      phones.push(phone);
      return phone;
    },
    until,
    run: async (promise, ms = 120_000) => {
      let settled = false;
      const watched = promise.finally(() => {
        settled = true;
      });
      watched.catch(() => undefined);
      if (!(await until(() => settled, ms)))
        throw new Error(`nothing came of it within ${ms / 1_000} virtual seconds`);
      return watched;
    },
    close: async () => {
      for (const phone of phones) phone.close();
      for (const carrier of carriers) carrier.close();
      await clock.advance(0);
      const left = { timers: clock.pendingTimers, ...network.use() };
      if (Object.values(left).some((count) => count > 0))
        throw new Error(`left behind: ${JSON.stringify(left)}`);
    },
  };
}

function configOf(
  label: string,
  operator: { mcc: string; mnc: string },
  subscribers: Subscriber[],
  other: { mcc: string; mnc: string },
  settings: Settings = {},
  others: Settings = {},
): CarrierConfig {
  const hosts = carrierHosts(other);
  const peer: PeerCarrier = {
    label: label === 'A' ? 'B' : 'A',
    domain: homeDomain(other),
    ibcf: { host: hosts.ibcf, port: INTERCONNECT_PORT },
    ...(others.interconnect && { transport: others.interconnect.transport }),
    smscHost: hosts.smsc,
    kdsUri: `https://${hosts.kds}`,
    numberPrefix: `+${other.mcc}${other.mnc}`,
  };
  return {
    label,
    ...operator,
    universalProfile: '3.0',
    e2ee: { enabled: true },
    acs: { version: 7, validityMs: 86_400_000 },
    signalling: { transports: ['tls', 'tcp', 'udp'], expiresMs: 3_600_000 },
    media: 'all',
    services: { chat: true, storeAndForwardMs: 7 * 86_400_000, pagerMaxSize: 8_000 },
    interworking: { sms: true },
    interconnect: { transport: 'tls', middleboxes: [] },
    quirks: [],
    subscribers,
    peers: [peer],
    ...settings,
  };
}
