import { Link } from '../../../emulators/network/link.ts';
import { SeededRandom } from '../../../emulators/network/seeded-random.ts';
import { SimulatedNetwork } from '../../../emulators/network/simulated-network.ts';
import type { TappedFrame } from '../../../emulators/network/tap.ts';
import { VirtualClock } from '../../../emulators/network/virtual-clock.ts';
import {
  MsrpEndpoint,
  type MsrpEndpointOptions,
  type MsrpMessage,
  type MsrpReport,
  type MsrpSession,
  type MsrpSessionOptions,
  type MsrpVerdict,
} from '../../../stack/rcs/msrp/index.ts';

export interface TwoEnds {
  readonly clock: VirtualClock;
  readonly random: SeededRandom;
  readonly network: SimulatedNetwork;
  readonly link: Link;
  readonly frames: TappedFrame[];
  readonly client: MsrpEndpoint;
  readonly server: MsrpEndpoint;
  readonly deviations: string[];
}

export const SERVER = { host: 'server.example', port: 2855 } as const;

/** A client that only opens connections, and a server that takes them on port 2855, over a link of 10 ms. */
export function twoEnds(limits?: MsrpEndpointOptions['limits']): TwoEnds {
  const clock = new VirtualClock();
  const random = new SeededRandom('two ends');
  const frames: TappedFrame[] = [];
  const link = new Link('access', { latencyMs: 10, jitterMs: 0, loss: 0 }, random.fork('access'));
  const network = new SimulatedNetwork({
    clock,
    tap: (frame) => frames.push(frame),
    interconnect: new Link('interconnect', { latencyMs: 1, jitterMs: 0, loss: 0 }, random.fork('i')),
  });
  const deviations: string[] = [];
  const end = (host: string, access: readonly Link[]) =>
    new MsrpEndpoint({
      clock,
      random: random.fork(host),
      network: network.addHost(host, { access, zone: 'A' }),
      onDeviation: ({ what }) => deviations.push(what),
      ...(limits && { limits }),
    });
  const client = end('client.example', [link]);
  const server = end(SERVER.host, []);
  server.listen(SERVER.port, { secure: false });
  return { clock, random, network, link, frames, client, server, deviations };
}

export interface Bound {
  readonly near: MsrpSession;
  readonly far: MsrpSession;
  readonly messages: MsrpMessage[];
  readonly reports: MsrpReport[];
}

/** A session between the two, the client active, with an empty SEND behind it. */
export async function bound(
  ends: TwoEnds,
  options: Partial<MsrpSessionOptions> & { verdict?: MsrpVerdict; near?: Partial<MsrpSessionOptions> } = {},
): Promise<Bound> {
  const messages: MsrpMessage[] = [];
  const reports: MsrpReport[] = [];
  const both = { acceptTypes: ['message/cpim', 'text/*'], maxSize: 100_000 };
  const { verdict, near: ofNear, ...ofFar } = options;
  const far = ends.server.session(
    { secure: false, port: SERVER.port },
    {
      ...both,
      onMessage: (message) => {
        messages.push(message);
        return verdict;
      },
      ...ofFar,
    },
  );
  const near = ends.client.session(
    { secure: false, port: 9 },
    { ...both, onReport: (report) => reports.push(report), ...ofNear },
  );
  far.expect([near.localUri]);
  const reply = await inTime(ends, near.connect([far.localUri], SERVER, { secure: false }));
  if (reply.status !== 200) throw new Error(`not bound: ${reply.status}`);
  return { near, far, messages, reports };
}

/** What `promise` gives, within ten minutes of virtual time. */
export async function inTime<T>({ clock }: Pick<TwoEnds, 'clock'>, promise: Promise<T>): Promise<T> {
  let done = false;
  promise.then(
    () => {
      done = true;
    },
    () => {
      done = true;
    },
  );
  await clock.runUntil(() => done, 600_000);
  return promise;
}

/** The MSRP that one side wrote, as text. */
export function written({ frames }: TwoEnds, host: string): string {
  const decoder = new TextDecoder();
  return frames
    .filter((frame) => frame.from.host === host && frame.bytes !== undefined)
    .map((frame) => decoder.decode(frame.bytes))
    .join('');
}
