import { connect, type Socket } from 'node:net';
import { HostDirectory } from '../../../emulators/network/sockets/host-directory.ts';
import {
  SocketNetwork,
  type SocketNetworkOptions,
} from '../../../emulators/network/sockets/socket-network.ts';
import { systemClock } from '../../../emulators/network/sockets/system-clock.ts';
import { type LeafOptions, TestCa } from '../../../emulators/network/sockets/test-ca.ts';
import type { TappedFrame } from '../../../emulators/network/tap.ts';
import type { ByteStream, ListenOptions, Network } from '../../../stack/platform.ts';
import { nextBlock } from './blocks.ts';

/** One in a process: making it costs more than a test. */
export const testCa = TestCa.open({ now: systemClock.now });

export interface RealNetwork {
  readonly network: SocketNetwork;
  readonly frames: TappedFrame[];
  readonly server: Network;
  readonly client: Network;
}

/** Real sockets on real time, without links: as carriers are served. `leaf` is what `server.example` shows. */
export async function realNetwork(
  options: Partial<SocketNetworkOptions> = {},
  leaf: LeafOptions = { names: ['server.example'] },
  issuer?: TestCa,
): Promise<RealNetwork> {
  const ca = await testCa;
  const frames: TappedFrame[] = [];
  const network = new SocketNetwork({
    clock: systemClock,
    tap: (frame) => void frames.push(frame),
    directory: new HostDirectory(),
    block: nextBlock(),
    authorities: [ca.certificate],
    credentials: () => (issuer ?? ca).issue(leaf),
    ...options,
  });
  return {
    network,
    frames,
    server: network.addHost('server.example'),
    client: network.addHost('client.example'),
  };
}

/** Listens; resolves with each stream in turn. */
export function accepting(
  host: Network,
  port: number,
  options: ListenOptions,
): { next(): Promise<ByteStream>; readonly count: number } {
  const streams: ByteStream[] = [];
  const waiting: ((stream: ByteStream) => void)[] = [];
  let count = 0;
  host.listen(port, options, (stream) => {
    count += 1;
    const first = waiting.shift();
    if (first) first(stream);
    else streams.push(stream);
  });
  return {
    next: () =>
      new Promise((resolve) => {
        const stream = streams.shift();
        if (stream) resolve(stream);
        else waiting.push(resolve);
      }),
    get count() {
      return count;
    },
  };
}

export function closed(stream: ByteStream): Promise<string> {
  return new Promise((resolve) => {
    stream.onClose = (error) => resolve(error?.code ?? 'well');
  });
}

/** A socket of somebody else, who knows nothing of the network. */
export async function stranger(network: SocketNetwork, host: string, port: number): Promise<Socket> {
  await network.ready();
  const place = network.directory.find({ host, port })!;
  const socket = connect(place.port, place.address);
  socket.on('error', () => {});
  await new Promise((resolve) => socket.once('connect', resolve));
  return socket;
}

export function readAll(socket: Socket): Promise<string> {
  let text = '';
  socket.on('data', (bytes) => {
    text += bytes.toString('latin1');
  });
  return new Promise((resolve) => socket.once('close', () => resolve(text)));
}
