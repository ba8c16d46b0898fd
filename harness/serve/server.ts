/** Carriers on real sockets, with durable state: what `parley serve` runs. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { Carrier } from '../../emulators/carrier/carrier.ts';
import type { CarrierEvent } from '../../emulators/carrier/ports.ts';
import { systemClock } from '../../emulators/network/sockets/system-clock.ts';
import { systemRandom } from '../../emulators/network/sockets/system-random.ts';
import type { TappedFrame } from '../../emulators/network/tap.ts';
import type { Carrier as CarrierFile } from '../../matrix/schema/carrier.ts';
import { livePage } from '../../reports/live/live-page.ts';
import { createNativeProvider } from '../../stack/crypto/index.ts';
import { serveFeed } from '../ports/feed-server.ts';
import { appendLine, writePrivate } from '../ports/private-file.ts';
import { SqliteStore } from '../ports/sqlite-store.ts';
import { changes } from './changes.ts';
import { choosePlace, forgetPlace, type ServerPlace } from './choose-place.ts';
import { describeServer } from './describe-server.ts';
import { DESCRIPTOR_FILE, type ServedDescriptor } from './descriptor.ts';
import { hostSides } from './host-sides.ts';
import { LiveFeed } from './live-feed.ts';
import { liveRegistrations } from './live-registrations.ts';
import { Recording } from './recording.ts';
import { type ServedCarrier, servedCarriers } from './served-carriers.ts';
import { servedNetwork } from './served-network.ts';
import { storeUnder } from './store-under.ts';

export interface ServeOptions {
  readonly carriers: readonly CarrierFile[];
  /** Folder for the store, the certificate authority and `served.json`. */
  readonly state: string;
  /** Addresses to listen at: one, or one of each family. */
  readonly bind: readonly string[];
  /** The address that phones are told. */
  readonly address: string;
  /** First port; 0 takes free ones, the same again at the next start; the well-known ones when absent. */
  readonly portBase?: number | undefined;
  /** Folder for `trace.jsonl`. */
  readonly record?: string | undefined;
  /** File that gets the keys of all TLS connections. */
  readonly keyLog?: string | undefined;
}

export interface RunningServer {
  readonly descriptor: ServedDescriptor;
  /** Takes changed files without dropping registrations. Returns what changed, a line each. Throws UsageError. */
  reload(files: readonly CarrierFile[]): string[];
  /** Ends what is in hand, for a bounded time, and closes. */
  stop(): Promise<void>;
}

/** Work in hand gets this long to end when the server stops: a phone's own transaction may take 32 s. */
const DRAIN_MS = 5_000;
const STATE_FILE = 'state.sqlite';
const CA_FILE = 'ca.pem';

/** Free ports may be taken by somebody else before they are bound: then others are tried, so many times. */
const PLACES_TRIED = 5;

/** Rejects with StoreError, UsageError, or NetworkError when a port is taken. */
export async function startServer(options: ServeOptions): Promise<RunningServer> {
  mkdirSync(options.state, { recursive: true });
  const store = new SqliteStore(join(options.state, STATE_FILE));
  for (let tries = 1; ; tries += 1) {
    const place = await choosePlace(options, store);
    const opened: (() => unknown)[] = [];
    try {
      return await open(options, store, place, opened);
    } catch (error) {
      store.commit();
      for (const close of opened.reverse()) await close();
      if (place.isNew && isPortInUse(error) && tries < PLACES_TRIED) {
        forgetPlace(store);
        continue;
      }
      store.close();
      throw error;
    }
  }
}

/** Everything that is opened is put on `opened`, with what closes it. */
async function open(
  options: ServeOptions,
  store: SqliteStore,
  { ports, firstBearer }: ServerPlace,
  opened: (() => unknown)[],
): Promise<RunningServer> {
  const { state, bind, address } = options;
  const place = { ports, address, firstBearer };
  let served = servedCarriers(options.carriers, place);
  const sides = hostSides(served);
  const recording =
    options.record === undefined ? undefined : new Recording(systemClock, sides, options.record);
  if (recording !== undefined) opened.push(() => recording.close());
  const live: LiveFeed = new LiveFeed({
    clock: systemClock,
    hosts: sides,
    carriers: () => running.map(({ label, carrier }, i) => summaryOf(label, served[i]!, carrier)),
    registrations: () =>
      running.flatMap(({ label, carrier }, i) => liveRegistrations(label, served[i]!, carrier)),
    tell: (message) => feed.tell(message),
  });
  const tap = (frame: TappedFrame) => {
    recording?.frame(frame);
    live.frame(frame);
  };
  const { keyLog } = options;
  const onKeyLog = keyLog === undefined ? {} : { onKeyLog: (line: Uint8Array) => appendLine(keyLog, line) };
  const net = await servedNetwork({ carriers: served, ports, bind, address, store, tap, ...onKeyLog });
  opened.push(() => net.network.close());
  net.knowPhones(served);
  const running = served.map(({ label, config }) => ({
    label,
    carrier: new Carrier(config, {
      clock: systemClock,
      random: systemRandom,
      store: storeUnder(store, `${label}/`),
      network: (host) => net.host(host),
      observe: (event: CarrierEvent) => {
        recording?.event(`carrier:${label}`, event);
        live.event(label, event);
      },
      stored: () => {},
      crypto: createNativeProvider(),
    }),
  }));
  for (const { carrier } of running) {
    opened.push(() => carrier.close());
    carrier.start();
  }
  await net.network.ready();
  const feed = await serveFeed({
    host: bind.includes('::1') && !bind.includes('127.0.0.1') ? '::1' : '127.0.0.1',
    port: ports.status,
    page: livePage(),
    onReaders: (any) => live.readers(any),
    greeting: () => JSON.stringify(live.state()),
  });
  opened.push(
    () => live.close(),
    () => feed.close(),
  );
  const ca = join(state, CA_FILE);
  writePrivate(ca, net.ca.certificate);
  const describe = () => {
    const told = describeServer({ served, ports, bind, address, ca, places: net.places });
    writePrivate(join(state, DESCRIPTOR_FILE), `${JSON.stringify(told, null, 2)}\n`);
    return told;
  };
  const descriptor = describe();
  let stopped: Promise<void> | undefined;
  const stop = async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const patience = systemClock.setTimer(DRAIN_MS, resolve);
    await Promise.race([Promise.all(running.map(({ carrier }) => carrier.drain())), promise]);
    patience.cancel();
    for (const close of opened.toReversed()) {
      await close();
      store.commit();
    }
    store.close();
  };
  return {
    descriptor,
    reload: (files) => {
      const next = servedCarriers(files, place);
      const told = next.flatMap(({ file, config, accounts, label }, i) => {
        const before = served[i]!;
        const later = running[i]!.carrier.reconfigure(config);
        return changes(
          `carrier ${label}`,
          { file: before.file, accounts: before.accounts },
          { file, accounts },
          later,
        );
      });
      served = next;
      net.knowPhones(served);
      describe();
      return told;
    },
    stop: () => {
      stopped ??= stop();
      return stopped;
    },
  };
}

function summaryOf(label: string, { file }: ServedCarrier, carrier: Carrier) {
  const { bindings, messages } = carrier.status();
  return { label, name: file.name, registered: bindings.length, waiting: messages };
}

function isPortInUse(error: unknown): boolean {
  const { code } = error as { code?: unknown };
  return code === 'port-in-use' || code === 'EADDRINUSE';
}
