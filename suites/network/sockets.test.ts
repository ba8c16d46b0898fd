import { createSocket } from 'node:dgram';
import { connect as tlsConnect } from 'node:tls';
import { afterEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { HostDirectory } from '../../emulators/network/sockets/host-directory.ts';
import { systemClock } from '../../emulators/network/sockets/system-clock.ts';
import { TestCa } from '../../emulators/network/sockets/test-ca.ts';
import {
  accepting,
  closed,
  type RealNetwork,
  readAll,
  realNetwork,
  stranger,
  testCa,
} from './support/real-network.ts';
import { bytes, text } from './support/two-networks.ts';

const TCP = { secure: false } as const;
const TLS = { secure: true } as const;
const WS = { secure: false, webSocket: 'sip' } as const;

let world: RealNetwork;
async function start(...given: Parameters<typeof realNetwork>): Promise<RealNetwork> {
  world = await realNetwork(...given);
  return world;
}
afterEach(() => world.network.close());

describe('hosts and addresses', () => {
  it('each host has a loopback address of its own, under which strangers are known too', async () => {
    const directory = new HostDirectory();
    const { network, server } = await start({ directory });
    const { address } = directory.find({ host: 'client.example', port: 1 })!;
    expect(address).not.toBe(directory.find({ host: 'SERVER.example', port: 1 })?.address);
    expect(directory.nameOf(address)).toBe('client.example');
    const accepted = accepting(server, 5060, TCP);
    const socket = await stranger(network, 'server.example', 5060);
    expect((await accepted.next()).remote).toEqual({ host: '127.0.0.1', port: socket.localPort });
    socket.destroy();
  });

  it('an address that two hosts share names neither', () => {
    const directory = new HostDirectory();
    directory.set('a.example', { address: '127.0.0.1' });
    expect(directory.nameOf('127.0.0.1')).toBe('a.example');
    directory.set('b.example', { address: '127.0.0.1' });
    expect(directory.nameOf('127.0.0.1')).toBeUndefined();
  });

  it('ports that need rights are moved, and keep their names', async () => {
    const { network, server, client } = await start();
    expect(network.directory.find({ host: 'server.example', port: 443 })?.port).toBe(8443);
    expect(network.directory.find({ host: 'server.example', port: 5061 })?.port).toBe(5061);
    const listener = server.serveHttp(TCP, (request) => new Response(request.url));
    expect(listener.local.port).toBe(80);
    const response = await client.fetch(new Request('http://server.example/x'));
    expect(await response.text()).toBe('http://server.example/x');
  });

  it('two hosts may share one address, by port', async () => {
    const { network, client } = await start();
    const address = '127.0.0.1';
    for (const [name, offset] of [
      ['a.example', 20_000],
      ['b.example', 30_000],
    ] as const) {
      const host = network.addHost(name, { address, realPort: (port) => port + offset });
      host.listen(5060, TCP, (stream) => stream.write(bytes(name)));
    }
    for (const host of ['a.example', 'b.example']) {
      const stream = await client.connect({ host, port: 5060 }, TCP);
      const greeting = new Promise<string>((resolve) => {
        stream.onData = (chunk) => resolve(text(chunk));
      });
      expect(await greeting).toBe(host);
    }
  });

  it('IPv6 hosts are served as well', async () => {
    const { network } = await start();
    const six = network.addHost('six.example', { address: '::1', realPort: () => 35_061 });
    accepting(six, 5061, TCP);
    const caller = network.addHost('caller.example', { address: '::1' });
    const stream = await caller.connect({ host: 'six.example', port: 5061 }, TCP);
    expect(stream.remote).toEqual({ host: 'six.example', port: 5061 });
  });

  it('the outside world is reached only when asked for', async () => {
    const { client } = await start();
    const to = { host: 'localhost', port: 9 };
    await expect(client.connect(to, TCP)).rejects.toMatchObject({ code: 'unknown-host' });
    await world.network.close();
    const open = await start({ outside: true });
    await expect(open.client.connect(to, TCP)).rejects.toMatchObject({ code: 'refused' });
  });

  it('a port that another process has is told by ready()', async () => {
    const { network, server } = await start();
    accepting(server, 5060, TCP);
    await network.ready();
    const { address } = network.directory.find({ host: 'server.example', port: 5060 })!;
    const other = await realNetwork();
    other.network.addHost('same.example', { address }).listen(5060, TCP, () => {});
    await expect(other.network.ready()).rejects.toMatchObject({ code: 'port-in-use' });
    expect(() => network.addHost('udp.example', { address }).datagram(5061)).not.toThrow();
    const taken = other.network.addHost('udp.example', { address });
    expect(() => taken.datagram(5061)).toThrow(expect.objectContaining({ code: 'port-in-use' }));
    await other.network.close();
  });
});

describe('strangers', () => {
  it('what they send over TCP and TLS is tapped where it arrives', async () => {
    const { network, server, frames } = await start();
    server.listen(5061, TLS, (stream) => {
      stream.onData = (chunk) => stream.write(chunk);
    });
    await network.ready();
    const { address, port } = network.directory.find({ host: 'server.example', port: 5061 })!;
    const { certificate } = await testCa;
    const socket = tlsConnect({ host: address, port, ca: certificate, servername: 'server.example' });
    const answered = new Promise((resolve) => socket.once('data', resolve));
    socket.write('REGISTER');
    expect(String(await answered)).toBe('REGISTER');
    const seen = frames.map(({ from, to, event, bytes: octets }) => [
      from.host,
      to.host,
      event,
      octets && text(octets),
    ]);
    expect(seen).toEqual([
      ['127.0.0.1', 'server.example', 'open', undefined],
      ['127.0.0.1', 'server.example', 'data', 'REGISTER'],
      ['server.example', '127.0.0.1', 'data', 'REGISTER'],
    ]);
    expect(frames.every(({ protocol }) => protocol === 'tls')).toBe(true);
    socket.destroy();
  });

  it('what they send over UDP is tapped, and they are answered', async () => {
    const { network, server, frames } = await start();
    const port = server.datagram(5060);
    port.onMessage = (from, octets) => port.send(from, octets);
    const { address } = network.directory.find({ host: 'server.example', port: 5060 })!;
    const socket = createSocket('udp4');
    const answered = new Promise((resolve) => socket.once('message', resolve));
    socket.send('OPTIONS', 5060, address);
    expect(String(await answered)).toBe('OPTIONS');
    expect(frames.map(({ from, bytes: octets }) => [from.host, text(octets!)])).toEqual([
      ['127.0.0.1', 'OPTIONS'],
      ['server.example', 'OPTIONS'],
    ]);
    socket.close();
  });

  it('their HTTP is tapped and served; what is no HTTP is answered 400', async () => {
    const { network, server, frames } = await start();
    server.serveHttp(TCP, async (request, remote) =>
      Response.json({ from: remote.host, query: new URL(request.url).search, body: await request.text() }),
    );
    const socket = await stranger(network, 'server.example', 80);
    const all = readAll(socket);
    socket.write(
      'PUT /a?b=c HTTP/1.1\r\nHost: server.example\r\nConnection: close\r\nContent-Length: 4\r\n\r\nbody',
    );
    expect(await all).toMatch(
      /^HTTP\/1\.1 200 [\s\S]*\{"from":"127\.0\.0\.1","query":"\?b=c","body":"body"\}$/,
    );
    expect(frames.map(({ event }) => event)).toEqual(['request', 'response']);
    const junk = await stranger(network, 'server.example', 80);
    const refused = readAll(junk);
    junk.write('MESSAGE sip:x SIP/2.0\r\n\r\n');
    expect(await refused).toMatch(/^HTTP\/1\.1 400 /);
  });

  it('a handler that throws is answered 500', async () => {
    const { server, client } = await start();
    server.serveHttp(TCP, () => {
      throw new Error('a defect');
    });
    expect((await client.fetch(new Request('http://server.example/'))).status).toBe(500);
  });

  it('a WebSocket client that does not offer the subprotocol is answered 400, a plain request 426 (RFC 7118 section 4.1)', async () => {
    const { network, server } = await start();
    const accepted = accepting(server, 5066, WS);
    await network.ready();
    const { address, port } = network.directory.find({ host: 'server.example', port: 5066 })!;
    const refusal = (protocols: string[]) =>
      new Promise((resolve) => {
        const socket = new WebSocket(`ws://${address}:${port}/`, protocols);
        socket.on('error', (error) => resolve(error.message));
        socket.on('open', () => resolve('open'));
      });
    expect(await refusal(['msrp'])).toMatch(/400/);
    expect(await refusal([])).toMatch(/400/);
    expect(accepted.count).toBe(0);
    const plain = await stranger(network, 'server.example', 5066);
    const all = readAll(plain);
    plain.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
    expect(await all).toMatch(/^HTTP\/1\.1 426 /);
  });
});

describe('certificates', () => {
  const to = { host: 'server.example', port: 5061 };
  const DAY_MS = 86_400_000;
  const attempt = async (options: { pins?: string[] } = {}) => {
    accepting(world.server, 5061, TLS);
    return world.client.connect(to, { ...TLS, ...options });
  };

  it.each([
    ['expired', { names: ['server.example'], notAfter: systemClock.now() - DAY_MS, notBefore: 0 }, /expired/],
    ['not yet valid', { names: ['server.example'], notBefore: systemClock.now() + DAY_MS }, /not yet valid/],
    ['for another name', { names: ['old.example'] }, /old\.example/],
  ])('one that is %s is refused, and the error says so', async (_, leaf, why) => {
    await start({}, leaf);
    await expect(attempt()).rejects.toMatchObject({
      code: 'certificate',
      message: expect.stringMatching(why),
    });
    expect(world.network.use().streams).toBe(0);
  });

  it('one of an issuer that nobody trusts is refused, also for HTTPS and WebSocket', async () => {
    const issuer = await TestCa.open({ now: systemClock.now });
    await start({}, undefined, issuer);
    await expect(attempt()).rejects.toMatchObject({ code: 'certificate' });
    world.server.serveHttp(TLS, () => new Response('never'));
    const request = world.client.fetch(new Request('https://server.example/'));
    await expect(request).rejects.toMatchObject({ code: 'certificate' });
    const wss = { secure: true, webSocket: 'sip' } as const;
    accepting(world.server, 7443, wss);
    await expect(world.client.connect({ ...to, port: 7443 }, wss)).rejects.toMatchObject({
      code: 'certificate',
    });
  });

  it('a pinned key is taken, and any other refused (RFC 7469 section 2.6)', async () => {
    const credentials = await (await testCa).issue({ names: ['server.example'] });
    await start({ credentials: async () => credentials });
    accepting(world.server, 5061, TLS);
    const pins = ['AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA='];
    await expect(world.client.connect(to, { ...TLS, pins })).rejects.toMatchObject({
      code: 'certificate',
      message: expect.stringMatching(/pinned/),
    });
    const stream = await world.client.connect(to, { ...TLS, pins: [...pins, credentials.pin] });
    expect(stream.secure).toBe(true);
  });

  it('TLS older than 1.2 is not spoken', async () => {
    const { network, server } = await start();
    accepting(server, 5061, TLS);
    await network.ready();
    const { address, port } = network.directory.find(to)!;
    const old = { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' } as const;
    const socket = tlsConnect({ host: address, port, rejectUnauthorized: false, ...old });
    const failure = await new Promise<Error>((resolve) => socket.once('error', resolve));
    expect(failure.message).toMatch(/alert|version|protocol/i);
  });

  it('the key log has the secrets of both sides when it is asked for', async () => {
    const lines: string[] = [];
    await start({ onKeyLog: (line) => lines.push(text(line)) });
    await attempt();
    expect(lines.some((line) => line.startsWith('CLIENT_TRAFFIC_SECRET_0 '))).toBe(true);
  });
});

describe('limits', () => {
  const to = { host: 'server.example', port: 5060 };

  it('connections of one address, and of all', async () => {
    const { network, server } = await start({ limits: { connectionsPerAddress: 2, connections: 3 } });
    const accepted = accepting(server, 5060, TCP);
    const sockets = [await stranger(network, to.host, 5060), await stranger(network, to.host, 5060)];
    await Promise.all([accepted.next(), accepted.next()]);
    const third = await stranger(network, to.host, 5060);
    await new Promise((resolve) => third.once('close', resolve));
    const other = await world.client.connect(to, TCP);
    await accepted.next();
    const fourth = await network.addHost('fourth.example').connect(to, TCP);
    expect(await closed(fourth)).not.toBe('');
    expect(accepted.count).toBe(3);
    sockets[0]!.destroy();
    other.close();
  });

  it('a reader that leaves too much unread is cut off', async () => {
    const { network, server } = await start({ limits: { queuedOctets: 1 << 16 } });
    const accepted = accepting(server, 5060, TCP);
    const socket = await stranger(network, to.host, 5060);
    socket.pause();
    const stream = await accepted.next();
    const end = closed(stream);
    for (let i = 0; i < 1_000 && network.use().streams > 0; i += 1) stream.write(new Uint8Array(1 << 16));
    expect(await end).toBe('reset');
    expect(network.use().streams).toBe(0);
  });

  it('a stream on which nothing moves is closed', async () => {
    const { network, server } = await start({ limits: { idleMs: 50 } });
    const accepted = accepting(server, 5060, TCP);
    await stranger(network, to.host, 5060);
    expect(await closed(await accepted.next())).toBe('timeout');
  });

  it('a handshake that does not come, on either side', async () => {
    const { network, server, client } = await start({ limits: { handshakeMs: 50 } });
    accepting(server, 5061, TLS);
    const silent = await stranger(network, to.host, 5061);
    await new Promise((resolve) => silent.once('close', resolve));
    server.listen(5062, TCP, () => {});
    await expect(client.connect({ ...to, port: 5062 }, TLS)).rejects.toMatchObject({ code: 'timeout' });
    await expect(client.connect({ ...to, port: 5062 }, WS)).rejects.toMatchObject({ code: 'timeout' });
  });

  it('a WebSocket message that is too large closes its connection', async () => {
    const { server, client } = await start({ limits: { webSocketOctets: 1_000 } });
    const accepted = accepting(server, 5066, WS);
    const stream = await client.connect({ ...to, port: 5066 }, WS);
    const far = await accepted.next();
    const ends = Promise.all([closed(far), closed(stream)]);
    stream.write(new Uint8Array(1_001));
    expect(await ends).not.toContain('');
  });

  it('a WebSocket peer that misses a ping is gone', async () => {
    const { network, server } = await start({ limits: { webSocketPingMs: 40 } });
    const accepted = accepting(server, 5066, WS);
    await network.ready();
    const { address, port } = network.directory.find({ ...to, port: 5066 })!;
    const lively = new WebSocket(`ws://${address}:${port}/`, ['sip']);
    const first = await accepted.next();
    const deaf = new WebSocket(`ws://${address}:${port}/`, ['sip'], { autoPong: false });
    const second = await accepted.next();
    let gone = false;
    first.onClose = () => {
      gone = true;
    };
    expect(await closed(second)).toBe('timeout');
    expect(gone).toBe(false);
    lively.terminate();
    deaf.terminate();
  });

  it('HTTP heads and bodies', async () => {
    const { network, server, client } = await start({
      limits: { httpBodyOctets: 1_000, httpHeadOctets: 2_000 },
    });
    let asked = 0;
    server.serveHttp(TCP, () => {
      asked += 1;
      return new Response('x'.repeat(2_000));
    });
    const post = (body: string) =>
      client.fetch(new Request('http://server.example/', { method: 'POST', body }));
    expect((await post('x'.repeat(1_001))).status).toBe(413);
    expect(asked).toBe(0);
    await expect(post('short')).rejects.toMatchObject({ code: 'reset' });
    const socket = await stranger(network, 'server.example', 80);
    const all = readAll(socket);
    socket.write(`GET / HTTP/1.1\r\nHost: x\r\nX: ${'y'.repeat(3_000)}\r\n\r\n`);
    expect(await all).toMatch(/^HTTP\/1\.1 431 /);
  });

  it('an HTTP request that never ends, and a server that never answers', async () => {
    const { network, server, client } = await start({ limits: { httpMs: 60, handshakeMs: 60 } });
    const never = new Promise<Response>(() => {});
    server.serveHttp(TCP, () => never);
    await expect(client.fetch(new Request('http://server.example/'))).rejects.toMatchObject({
      code: 'timeout',
    });
    expect(network.use().requests).toBe(0);
  });

  it('a datagram that no network carries is unreachable', async () => {
    const { server, client, frames } = await start({ limits: { datagramOctets: 100 } });
    let got = 0;
    const arrived = new Promise<void>((resolve) => {
      server.datagram(5060).onMessage = () => {
        got += 1;
        resolve();
      };
    });
    const socket = client.datagram(0);
    socket.send(to, new Uint8Array(101));
    socket.send(to, new Uint8Array(100));
    await arrived;
    expect([got, frames.map(({ fate }) => fate)]).toEqual([1, ['unreachable', 'delivered']]);
  });
});

describe('the end', () => {
  it('a name can listen again where it did before', async () => {
    const { network, server, client } = await start();
    for (let i = 0; i < 3; i += 1) {
      const listener = server.listen(5060, TCP, (stream) => stream.close());
      await closed(await client.connect({ host: 'server.example', port: 5060 }, TCP));
      listener.close();
    }
    expect(network.use()).toEqual({ streams: 0, sockets: 0, listeners: 0, requests: 0 });
  });
});

it('timers of the machine may be longer than one of node is, and cancelled', async () => {
  await start();
  const fired: string[] = [];
  const far = systemClock.setTimer(30 * 86_400_000, () => fired.push('far'));
  const cancelled = systemClock.setTimer(1, () => fired.push('cancelled'));
  cancelled.cancel();
  await new Promise<void>((resolve) => systemClock.setTimer(5, resolve));
  far.cancel();
  expect(fired).toEqual([]);
});
