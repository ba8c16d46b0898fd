import { expect, it } from 'vitest';
import { accepting, realNetwork, stranger } from './support/real-network.ts';

const TCP = { secure: false } as const;
const TLS = { secure: true } as const;
const WS = { secure: false, webSocket: 'sip' } as const;

// Alone in its file, and so in its process: what is open there is its own.
it('close() leaves nothing open, whatever was going on', async () => {
  const { network, server, client } = await realNetwork();
  const resources = () => process.getActiveResourcesInfo().filter((name) => /TCP|TLS|UDP/.test(name));
  expect(resources()).toEqual([]);
  const peers = [5060, 5061, 5066].map((port, i) => {
    const options = [TCP, TLS, WS][i]!;
    return { port, options, accepted: accepting(server, port, options) };
  });
  const never = new Promise<Response>(() => {});
  server.serveHttp(TLS, () => never);
  server.datagram(5070);
  client.datagram(0);
  for (const { port, options, accepted } of peers) {
    await client.connect({ host: 'server.example', port }, options);
    await accepted.next();
  }
  const pending = client.fetch(new Request('https://server.example/')).catch((error: Error) => error.name);
  const silent = await stranger(network, 'server.example', 5061);
  expect(network.use()).toEqual({ streams: 6, sockets: 2, listeners: 4, requests: 1 });
  await network.close();
  expect(await pending).toBe('NetworkError');
  if (!silent.closed) await new Promise((resolve) => silent.once('close', resolve));
  expect(network.use().streams + network.use().sockets).toBe(0);
  expect(resources()).toEqual([]);
});
