import { createSocket } from 'node:dgram';
import { createServer } from 'node:net';

/** `count` ports that are free at `address` now, for TCP and UDP. */
export async function freePorts(count: number, address: string): Promise<number[]> {
  const held: (() => Promise<void>)[] = [];
  const ports: number[] = [];
  try {
    while (ports.length < count) {
      const server = createServer();
      const port = await new Promise<number>((resolve, reject) => {
        server.once('error', reject);
        server.listen(0, address, () => resolve((server.address() as { port: number }).port));
      });
      held.push(() => new Promise((resolve) => server.close(() => resolve())));
      if (await isFreeForDatagrams(port, address)) ports.push(port);
    }
    return ports;
  } finally {
    await Promise.all(held.map((release) => release()));
  }
}

function isFreeForDatagrams(port: number, address: string): Promise<boolean> {
  const socket = createSocket(address.includes(':') ? 'udp6' : 'udp4');
  return new Promise((resolve) => {
    socket.once('error', () => resolve(false));
    socket.bind({ port, address, exclusive: true }, () => socket.close(() => resolve(true)));
  });
}
