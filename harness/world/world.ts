import { Carrier } from '../../emulators/carrier/carrier.ts';
import { carrierHosts } from '../../emulators/carrier/config.ts';
import type { Transit } from '../../emulators/carrier/interconnect/transit.ts';
import { createPhone } from '../../emulators/devices/create-phone.ts';
import type { Phone } from '../../emulators/devices/phone.ts';
import { EmulatedSim } from '../../emulators/devices/sim.ts';
import { Link, type LinkProfile } from '../../emulators/network/link.ts';
import { MemoryStore } from '../../emulators/network/memory-store.ts';
import { SeededRandom } from '../../emulators/network/seeded-random.ts';
import { VIRTUAL_EPOCH_MS, type VirtualClock } from '../../emulators/network/virtual-clock.ts';
import type { Case } from '../../matrix/schema/case.ts';
import { durationMs } from '../../matrix/schema/common.ts';
import { type CryptoProvider, createNativeProvider, createNobleProvider } from '../../stack/crypto/index.ts';
import type { Network } from '../../stack/platform.ts';
import { carrierConfig, handsetHost, imsiOf, type Label, MCC, MNC, simKey } from './carrier-config.ts';
import { certificatesOf } from './certificates.ts';
import { type SeatedEngines, watched } from './mls-engines.ts';
import { TraceRecorder } from './trace-recorder.ts';
import { buildTransit, transitOf } from './transit.ts';
import type { WorldBase, WorldNetwork } from './world-network.ts';

export interface Handset {
  readonly role: string;
  readonly carrier: Label;
  readonly side: string;
  readonly host: string;
  readonly msisdn: string;
  readonly phone: Phone;
  readonly access: Link;
  online: boolean;
}

/** Everything a case needs, running in virtual time. */
export interface World {
  readonly clock: VirtualClock;
  readonly recorder: TraceRecorder;
  readonly network: WorldNetwork;
  readonly interconnect: Link;
  readonly handsets: ReadonlyMap<string, Handset>;
  readonly carriers: ReadonlyMap<string, Carrier>;
  readonly transit?: Transit;
  /** Markers planted in the content of each message, by the scenario's name for it. */
  readonly markers: Readonly<Record<string, string>>;
  /** The scenario's name of a message, once it has a wire id. */
  readonly messageNames: Map<string, string>;
  readonly cryptoProviders: readonly CryptoProvider[];
}

/** Between the hosts of one carrier. */
const CORE_LINK: LinkProfile = { latencyMs: 1, jitterMs: 0, loss: 0 };

export interface WorldOptions {
  /** Feeds the providers' account of their own time, and nothing else. */
  readonly nanoseconds?: (() => bigint) | undefined;
  /** Of phones that have another MLS than the stack's own. */
  readonly engines?: SeatedEngines;
}

export function buildWorld(cell: Case, base: WorldBase, options: WorldOptions = {}): World {
  const { nanoseconds, engines } = options;
  const { clock } = base;
  const random = new SeededRandom(cell.seed);
  const recorder = new TraceRecorder(clock);
  const link = (name: string, profile: LinkProfile) => new Link(name, profile, random.fork(`link ${name}`));
  const interconnect = link('interconnect', linkProfile(cell.network.interconnect));
  const network = base.network({ tap: (frame) => recorder.frame(frame), interconnect });
  const cryptoProviders: CryptoProvider[] = [];
  const crypto = (kind: 'native' | 'noble') => {
    const provider = (kind === 'noble' ? createNobleProvider : createNativeProvider)(
      nanoseconds ? { nanoseconds } : {},
    );
    cryptoProviders.push(provider);
    return provider;
  };
  const messageNames = new Map<string, string>();
  const observer =
    (side: string) =>
    (event: { readonly name: string; readonly data: Readonly<Record<string, unknown>> }) => {
      const message = messageNames.get(String(event.data['wireId']));
      recorder.add({
        kind: 'event',
        side,
        name: event.name,
        data: message ? { ...event.data, message } : event.data,
      });
    };

  const markers = plantMarkers(cell, random);
  recorder.add({
    kind: 'world',
    caseId: cell.id,
    seed: cell.seed,
    ...(clock.now() !== VIRTUAL_EPOCH_MS && { startMs: clock.now() }),
    hosts: hostTable(cell),
    markers,
  });

  const place = transitOf(cell);
  const transit =
    place &&
    buildTransit(cell, place, {
      clock,
      random: random.fork('transit'),
      network: network.addHost(place.host, { access: [], zone: 'transit' }),
    });
  const carriers = new Map<string, Carrier>();
  for (const label of ['A', 'B'] as const) {
    const core = link(`core-${label}`, CORE_LINK);
    const hosts = new Map<string, Network>();
    const names = carrierHosts({ mcc: MCC, mnc: MNC[label] });
    const { certificates, pins } = certificatesOf(cell.carriers[label], names, base.pinOf);
    for (const host of Object.values(names)) {
      const certificate = certificates.get(host);
      hosts.set(
        host,
        network.addHost(host, { access: [core], zone: label, ...(certificate && { certificate }) }),
      );
    }
    const surroundings = { ...(place && { transitHost: place.host }), ...(pins && { pins }) };
    const carrier = new Carrier(carrierConfig(cell, label, surroundings), {
      clock,
      random: random.fork(`carrier ${label}`),
      store: new MemoryStore(),
      network: (host) => hosts.get(host)!,
      observe: observer(`carrier:${label}`),
      stored: (key, bytes) => recorder.store(`carrier:${label}`, key, bytes),
      crypto: crypto('native'),
    });
    carriers.set(label, carrier);
  }
  transit?.start();
  for (const carrier of carriers.values()) carrier.start();

  const handsets = new Map<string, Handset>();
  for (const [role, { device, carrier, msisdn }] of Object.entries(cell.roles)) {
    const side = `device:${role}`;
    const host = handsetHost(role);
    const access = link(`access-${role}`, linkProfile(cell.network.access));
    const port = network.addHost(host, { access: [access], zone: carrier });
    const engine = engines?.get(role);
    const phone = createPhone(
      {
        model: device.name,
        osVersion: device.os.version,
        clientVersion: device.client.version,
        universalProfile: device.universalProfile,
        capabilities: device.capabilities,
        ...(device.mls && { mls: device.mls }),
        ...(device.signalling && { signalling: device.signalling }),
        receipts: device.receipts,
        messageIds: device.messageIds,
        msisdn,
        imsi: imsiOf(carrier, role, cell),
        smscHost: carrierHosts({ mcc: MCC, mnc: MNC[carrier] }).smsc,
        bearer: cell.network.access.bearer,
        policy: cell.policy,
      },
      {
        platform: {
          clock,
          random: random.fork(`device ${role}`),
          network: port,
          store: new MemoryStore(),
          sim: new EmulatedSim(simKey(cell, imsiOf(carrier, role, cell))),
        },
        crypto: crypto(device.mls?.provider ?? 'native'),
        observe: observer(side),
        ...(engine && {
          mlsEngine: (ports) => watched(engine.create(ports), (work) => clock.standStillFor(work)),
        }),
      },
    );
    for (const quirk of device.quirks) phone.setQuirk(quirk, true);
    handsets.set(role, { role, carrier, side, host, msisdn, phone, access, online: true });
  }
  return {
    clock,
    recorder,
    network,
    interconnect,
    handsets,
    carriers,
    ...(transit && { transit }),
    markers,
    messageNames,
    cryptoProviders,
  };
}

/** Unique strings that every message carries in its content, in characters that every bearer can carry. */
function plantMarkers(cell: Case, random: SeededRandom): Record<string, string> {
  const source = random.fork('markers');
  const markers: Record<string, string> = {};
  for (const step of cell.steps) {
    if ('send' in step) markers[step.send.message] = `marker${Buffer.from(source.bytes(9)).toString('hex')}`;
  }
  return markers;
}

function hostTable(cell: Case): { host: string; side: string }[] {
  const carriers = (['A', 'B'] as const).flatMap((label) =>
    Object.values(carrierHosts({ mcc: MCC, mnc: MNC[label] })).map((host) => ({
      host,
      side: `carrier:${label}`,
    })),
  );
  const phones = Object.keys(cell.roles).map((role) => ({ host: handsetHost(role), side: `device:${role}` }));
  const transit = transitOf(cell);
  return [...phones, ...carriers, ...(transit ? [transit] : [])];
}

function linkProfile(
  link: Pick<Case['network']['interconnect'], 'latency' | 'jitter' | 'loss'>,
): LinkProfile {
  return { latencyMs: durationMs(link.latency), jitterMs: durationMs(link.jitter), loss: link.loss };
}
