import { createSocket } from 'node:dgram';
import { createServer } from 'node:net';
import { systemRandom } from './system-random.ts';

/**
 * Where ports are looked for: below those that systems give to outgoing connections, so that a server that was killed
 * finds its ports free when it comes back.
 */
const FIRST = 20_000;
const RANGE = 10_000;
const MOST_TRIES = 5_000;

/** `count` ports that are free at `address` now, for TCP and UDP. Throws when so many are not to be found. */
export async function freePorts(count: number, address: string): Promise<number[]> {
  const ports = new Set<number>();
  for (let tries = 0; ports.size < count; tries += 1) {
    if (tries === MOST_TRIES) throw new Error(`no ${count} free ports at ${address}`);
    const [high = 0, low = 0] = systemRandom.bytes(2);
    const port = FIRST + (((high << 8) | low) % RANGE);
    if (ports.has(port)) continue;
    if ((await isFreeForStreams(port, address)) && (await isFreeForDatagrams(port, address))) ports.add(port);
  }
  return [...ports];
}

function isFreeForStreams(port: number, address: string): Promise<boolean> {
  const server = createServer();
  return new Promise((resolve) => {
    server.once('error', () => resolve(false));
    server.listen({ port, host: address, exclusive: true }, () => server.close(() => resolve(true)));
  });
}

function isFreeForDatagrams(port: number, address: string): Promise<boolean> {
  const socket = createSocket(address.includes(':') ? 'udp6' : 'udp4');
  return new Promise((resolve) => {
    socket.once('error', () => resolve(false));
    socket.bind({ port, address, exclusive: true }, () => socket.close(() => resolve(true)));
  });
}
