import { createSocket } from 'node:dgram';
import { createServer } from 'node:net';

/**
 * Where ports are looked for: below those that systems give to outgoing connections, so that a server that was killed
 * finds its ports free when it comes back. Each process begins elsewhere and goes on from there, so that processes side
 * by side hardly ever want the same.
 */
const FIRST = 20_000;
const RANGE = 12_000;
let next = (process.pid * 64) % RANGE;

/** `count` ports that are free at `address` now, for TCP and UDP. Throws when so many are not to be found. */
export async function freePorts(count: number, address: string): Promise<number[]> {
  const ports: number[] = [];
  for (let tries = 0; ports.length < count; tries += 1) {
    if (tries === RANGE) throw new Error(`no ${count} free ports at ${address}`);
    const port = FIRST + next;
    next = (next + 1) % RANGE;
    if ((await isFreeForStreams(port, address)) && (await isFreeForDatagrams(port, address)))
      ports.push(port);
  }
  return ports;
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
