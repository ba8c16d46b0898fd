import { createServer, type Socket } from 'node:net';
import { connect } from 'node:tls';
import { onTestFinished } from 'vitest';

const ADDRESS = '127.0.0.1';

/** A port at which TCP is taken and carried on over TLS to `port` of this machine, byte for byte, whose certificate must hold under `ca`. */
export async function tlsBridge(port: number, ca: string): Promise<number> {
  const open = new Set<Socket>();
  const server = createServer((plain) => {
    const secure = connect({ host: ADDRESS, port, ca });
    for (const [one, other] of [
      [plain, secure],
      [secure, plain],
    ] as const) {
      open.add(one);
      one.pipe(other);
      one.on('error', () => other.destroy());
      one.on('close', () => open.delete(one));
    }
  });
  onTestFinished(
    () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        for (const socket of open) socket.destroy();
      }),
  );
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, ADDRESS, () => resolve((server.address() as { port: number }).port));
  });
}
