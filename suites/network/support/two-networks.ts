import { Link, type LinkProfile } from '../../../emulators/network/link.ts';
import type { NetworkUse } from '../../../emulators/network/network-use.ts';
import { SeededRandom } from '../../../emulators/network/seeded-random.ts';
import { SimulatedNetwork } from '../../../emulators/network/simulated-network.ts';
import { SocketNetwork } from '../../../emulators/network/sockets/socket-network.ts';
import { systemClock } from '../../../emulators/network/sockets/system-clock.ts';
import { TestCa } from '../../../emulators/network/sockets/test-ca.ts';
import type { TappedFrame } from '../../../emulators/network/tap.ts';
import { VirtualClock } from '../../../emulators/network/virtual-clock.ts';
import type { ByteStream, ListenOptions, Network } from '../../../stack/platform.ts';
import { nextBlock } from './blocks.ts';

export const NETWORKS = ['simulated', 'sockets'] as const;
export type NetworkKind = (typeof NETWORKS)[number];

export interface TwoHosts {
  readonly clock: VirtualClock;
  readonly frames: TappedFrame[];
  readonly access: Link;
  readonly interconnect: Link;
  readonly phone: Network;
  readonly server: Network;
  abandonStreams(host: string): void;
  use(): NetworkUse;
  /** The outcome of something that needs time to pass. */
  finish<T>(promise: Promise<T>): Promise<T>;
  close(): Promise<void>;
}

/** One in a process: making it costs more than a test. */
const testCa = TestCa.open({ now: systemClock.now });

const PERFECT: LinkProfile = { latencyMs: 10, jitterMs: 0, loss: 0 };

/** `phone.example` on carrier A, `server.example` on carrier B. */
export async function twoHosts(kind: NetworkKind, profile = PERFECT, seed = 'test'): Promise<TwoHosts> {
  const random = new SeededRandom(seed);
  const frames: TappedFrame[] = [];
  const tap = (frame: TappedFrame) => void frames.push(frame);
  const link = (name: string) => new Link(name, profile, random.fork(name));
  const access = link('access');
  const core = link('core');
  const interconnect = link('interconnect');
  const finishOn =
    (clock: VirtualClock) =>
    async <T>(promise: Promise<T>): Promise<T> => {
      let settled = false;
      const done = () => {
        settled = true;
      };
      promise.then(done, done);
      await clock.runUntil(() => settled, 600_000);
      return promise;
    };
  const hosts = { access: { access: [access], zone: 'A' }, core: { access: [core], zone: 'B' } };
  if (kind === 'simulated') {
    const clock = new VirtualClock();
    const network = new SimulatedNetwork({ clock, tap, interconnect });
    return {
      clock,
      frames,
      access,
      interconnect,
      phone: network.addHost('phone.example', hosts.access),
      server: network.addHost('server.example', hosts.core),
      abandonStreams: (host) => network.abandonStreams(host),
      use: () => network.use(),
      finish: finishOn(clock),
      close: async () => {},
    };
  }
  const ca = await testCa;
  const clock = new VirtualClock(undefined, () => network.traffic.idle());
  const network: SocketNetwork = new SocketNetwork({
    clock,
    tap,
    interconnect,
    block: nextBlock(),
    authorities: [ca.certificate],
    credentials: ({ name }) => ca.issue({ names: [name] }),
  });
  return {
    clock,
    frames,
    access,
    interconnect,
    phone: network.addHost('phone.example', hosts.access),
    server: network.addHost('server.example', hosts.core),
    abandonStreams: (host) => network.abandonStreams(host),
    use: () => network.use(),
    finish: finishOn(clock),
    close: () => network.close(),
  };
}

/** Both ends of a stream from the phone to the server. */
export async function connected(
  world: TwoHosts,
  options: ListenOptions = { secure: true },
): Promise<{ near: ByteStream; far: ByteStream }> {
  let far: ByteStream | undefined;
  world.server.listen(5061, options, (stream) => {
    far = stream;
  });
  const near = await world.finish(world.phone.connect({ host: 'server.example', port: 5061 }, options));
  await world.clock.runUntil(() => far !== undefined, 1_000);
  return { near, far: far! };
}

export const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);
export const bytes = (value: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(value);
