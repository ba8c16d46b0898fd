import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { NetworkError } from '../../stack/platform.ts';
import { bytes, connected, NETWORKS, type TwoHosts, text, twoHosts } from './support/two-networks.ts';

const QUICK = { latencyMs: 10, jitterMs: 0, loss: 0 };

/** What stack and emulators rely on, whichever network is below them (stack/platform.ts). */
describe.each(NETWORKS)('on the %s network', (kind) => {
  let world: TwoHosts;
  const start = async (profile = QUICK, seed?: string): Promise<TwoHosts> => {
    world = await twoHosts(kind, profile, seed);
    return world;
  };
  afterEach(async () => {
    world.access.heal();
    world.interconnect.heal();
    await world.close();
  });

  describe.each([
    ['TCP', { secure: false }, 'tcp'],
    ['TLS', { secure: true }, 'tls'],
    ['WS', { secure: false, webSocket: 'sip' }, 'ws'],
    ['WSS', { secure: true, webSocket: 'msrp' }, 'wss'],
  ] as const)('a %s stream', (_, options, protocol) => {
    it('carries every byte both ways in order, and the tap sees each before encryption', async () => {
      const { clock, frames } = await start();
      const { near, far } = await connected(world, options);
      const up: string[] = [];
      const down: string[] = [];
      far.onData = (chunk) => up.push(text(chunk));
      near.onData = (chunk) => down.push(text(chunk));
      for (const word of ['one ', 'two ', 'three']) near.write(bytes(word));
      far.write(bytes('answer'));
      await clock.advance(1_000);
      expect(up.join('')).toBe('one two three');
      expect(down.join('')).toBe('answer');
      const seen = frames.map(({ from, to, event, bytes: octets }) => [
        from.host,
        to.host,
        event,
        octets && text(octets),
      ]);
      expect(seen).toEqual([
        ['phone.example', 'server.example', 'open', undefined],
        ['phone.example', 'server.example', 'data', 'one '],
        ['phone.example', 'server.example', 'data', 'two '],
        ['phone.example', 'server.example', 'data', 'three'],
        ['server.example', 'phone.example', 'data', 'answer'],
      ]);
      expect(frames.every((frame) => frame.protocol === protocol && frame.fate === 'delivered')).toBe(true);
      expect(new Set(frames.map(({ connection }) => connection)).size).toBe(1);
    });

    it('names both ends by host and port', async () => {
      await start();
      const { near, far } = await connected(world, options);
      expect(near.remote).toEqual({ host: 'server.example', port: 5061 });
      expect(far.local).toEqual(near.remote);
      expect(far.remote).toEqual(near.local);
      expect(near.local.host).toBe('phone.example');
      expect([near.secure, far.secure]).toEqual([options.secure, options.secure]);
    });

    it('closes after what was written, and tells only the other side', async () => {
      const { clock } = await start();
      const { near, far } = await connected(world, options);
      const events: string[] = [];
      far.onData = (chunk) => events.push(text(chunk));
      far.onClose = (error) => events.push(`closed ${error?.code ?? 'well'}`);
      near.onClose = () => events.push('told the closer');
      near.write(bytes('last words'));
      near.close();
      near.write(bytes('too late'));
      await clock.advance(1_000);
      expect(events).toEqual(['last words', 'closed well']);
      expect(world.use().streams).toBe(0);
    });

    it('holds what is written while a link is cut, and delivers it after it heals', async () => {
      const { clock, interconnect } = await start();
      const { near, far } = await connected(world, options);
      const received: string[] = [];
      far.onData = (chunk) => received.push(text(chunk));
      near.write(bytes('before '));
      await clock.advance(100);
      interconnect.cut();
      near.write(bytes('during '));
      await clock.advance(20_000);
      expect(received.join('')).toBe('before ');
      interconnect.heal();
      near.write(bytes('after'));
      await clock.advance(1_000);
      expect(received.join('')).toBe('before during after');
    });

    it('holds a close, too, while a link is cut', async () => {
      const { clock, interconnect } = await start();
      const { near, far } = await connected(world, options);
      let closed = false;
      far.onClose = () => {
        closed = true;
      };
      interconnect.cut();
      near.close();
      await clock.advance(20_000);
      expect(closed).toBe(false);
      interconnect.heal();
      await clock.advance(1_000);
      expect(closed).toBe(true);
    });

    it('breaks with a time-out when the cut lasts', async () => {
      const { clock, access } = await start();
      const { near, far } = await connected(world, options);
      const ends: string[] = [];
      near.onClose = (error) => ends.push(`near ${error?.code}`);
      far.onClose = (error) => ends.push(`far ${error?.code}`);
      access.cut();
      near.write(bytes('lost'));
      await clock.advance(120_000);
      expect(ends).toEqual(['near timeout']);
    });

    it('is reset when data reaches an end whose host lost its radio', async () => {
      const { clock, access } = await start();
      const { near, far } = await connected(world, options);
      let error: NetworkError | undefined;
      far.onClose = (e) => {
        error = e;
      };
      near.onData = () => expect.unreachable('the end is gone');
      access.cut();
      world.abandonStreams('phone.example');
      await clock.advance(1_000);
      expect(error).toBeUndefined();
      access.heal();
      far.write(bytes('are you there?'));
      await clock.advance(1_000);
      expect(error?.code).toBe('reset');
      expect(world.use().streams).toBe(0);
    });
  });

  it('a WebSocket keeps the borders of its messages, text or not', async () => {
    const { clock } = await start();
    const { near, far } = await connected(world, { secure: true, webSocket: 'sip' });
    const received: Uint8Array[] = [];
    far.onData = (message) => received.push(message);
    const sent = [bytes('one'), bytes('zwei: äöü'), new Uint8Array([0, 0xff, 0xfe]), new Uint8Array(70_000)];
    for (const message of sent) near.write(message);
    await clock.advance(1_000);
    expect(received).toEqual(sent);
    expect([near.webSocket, far.webSocket]).toEqual(['sip', 'sip']);
  });

  it.each([
    ['another subprotocol', { secure: false, webSocket: 'msrp' }],
    ['none', { secure: false }],
  ] as const)(
    'a WebSocket listener refuses whoever asks for %s (RFC 7118 section 4.1)',
    async (_, options) => {
      await start();
      const accepted: unknown[] = [];
      const asked = { secure: false, webSocket: 'sip' } as const;
      world.server.listen(5066, asked, (stream) => accepted.push(stream));
      const to = { host: 'server.example', port: 5066 };
      const attempt = world.finish(world.phone.connect(to, options)).then(
        // Plain TCP to a real WebSocket server only shows its end when it says something.
        async (stream) => {
          const { promise, resolve, reject } = Promise.withResolvers<never>();
          stream.onData = (answer) => reject(new NetworkError('refused', text(answer)));
          stream.onClose = () => resolve(undefined as never);
          stream.write(bytes('OPTIONS sip:server.example SIP/2.0\r\n\r\n'));
          return world.finish(promise);
        },
      );
      await expect(attempt).rejects.toMatchObject({ code: 'refused' });
      expect(accepted).toEqual([]);
    },
  );

  it('streams deliver every byte once and in order, whatever the loss and jitter', async () => {
    await start();
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.uint8Array({ minLength: 1, maxLength: 40 }), { maxLength: 20 }),
        fc.double({ min: 0, max: 0.5, noNaN: true }),
        fc.string(),
        async (chunks, loss, seed) => {
          const world = await twoHosts(kind, { latencyMs: 20, jitterMs: 50, loss }, seed);
          const { near, far } = await connected(world);
          const received: Uint8Array[] = [];
          far.onData = (chunk) => received.push(chunk);
          for (const chunk of chunks) near.write(chunk);
          await world.clock.advance(600_000);
          expect(Buffer.concat(received)).toEqual(Buffer.concat(chunks));
          await world.close();
        },
      ),
      { numRuns: kind === 'simulated' ? 30 : 10 },
    );
  });

  it('streams deliver a megabyte whole', async () => {
    const { clock } = await start();
    const { near, far } = await connected(world);
    const sent = new Uint8Array(1 << 20).map((_, at) => (at * 31) & 0xff);
    const received: Uint8Array[] = [];
    far.onData = (chunk) => received.push(chunk);
    near.write(sent);
    await clock.advance(5_000);
    expect(Buffer.compare(Buffer.concat(received), sent)).toBe(0);
  });

  it.each([
    ['refused', { host: 'server.example', port: 5999 }],
    ['unknown-host', { host: 'nobody.example', port: 5061 }],
  ])('a connection is answered %s', async (code, to) => {
    await start();
    const attempt = world.finish(world.phone.connect(to, { secure: false }));
    await expect(attempt).rejects.toSatisfy((error) => error instanceof NetworkError && error.code === code);
    expect(world.use()).toEqual({ streams: 0, sockets: 0, listeners: 0, requests: 0 });
  });

  it('a TLS client is refused by a server that speaks none', async () => {
    await start();
    world.server.listen(5060, { secure: false }, (stream) => {
      stream.onData = () => stream.close();
    });
    const attempt = world.finish(
      world.phone.connect({ host: 'server.example', port: 5060 }, { secure: true }),
    );
    await expect(attempt).rejects.toBeInstanceOf(NetworkError);
  });

  it('a listener that closed takes no connection, and its streams live on', async () => {
    await start();
    const listener = world.server.listen(5060, { secure: false }, (stream) => {
      stream.onData = (chunk) => stream.write(chunk);
    });
    const to = { host: 'server.example', port: 5060 };
    const first = await world.finish(world.phone.connect(to, { secure: false }));
    listener.close();
    await expect(world.finish(world.phone.connect(to, { secure: false }))).rejects.toMatchObject({
      code: 'refused',
    });
    const echoes: string[] = [];
    first.onData = (chunk) => echoes.push(text(chunk));
    first.write(bytes('still here'));
    await world.clock.advance(1_000);
    expect(echoes).toEqual(['still here']);
  });

  it('a port is taken once', async () => {
    await start();
    world.server.listen(5060, { secure: false }, () => {});
    const listenAgain = () => world.server.listen(5060, { secure: false }, () => {});
    expect(listenAgain).toThrow(expect.objectContaining({ code: 'port-in-use' }));
    world.server.datagram(5060);
    expect(() => world.server.datagram(5060)).toThrow(expect.objectContaining({ code: 'port-in-use' }));
    world.server.serveHttp({ secure: true }, () => new Response());
    const serveAgain = () => world.server.serveHttp({ secure: true }, () => new Response());
    expect(serveAgain).toThrow(expect.objectContaining({ code: 'port-in-use' }));
  });

  it('datagrams arrive with the name and port of their sender', async () => {
    await start();
    const server = world.server.datagram(5060);
    const phone = world.phone.datagram(0);
    const seen: unknown[] = [];
    server.onMessage = (from, octets) => {
      seen.push([from, text(octets)]);
      server.send(from, bytes('pong'));
    };
    phone.onMessage = (from, octets) => seen.push([from, text(octets)]);
    phone.send({ host: 'server.example', port: 5060 }, bytes('ping'));
    await world.clock.advance(1_000);
    expect(seen).toEqual([
      [phone.local, 'ping'],
      [{ host: 'server.example', port: 5060 }, 'pong'],
    ]);
    expect(phone.local.port).toBeGreaterThan(1023);
    phone.close();
    server.close();
    expect(world.use().sockets).toBe(0);
  });

  it('datagrams to nobody, and those that the links lose, are seen by the tap with their fate', async () => {
    await start({ latencyMs: 1, jitterMs: 0, loss: 0.1 });
    let received = 0;
    world.server.datagram(5060).onMessage = () => {
      received += 1;
    };
    const socket = world.phone.datagram(0);
    for (let i = 0; i < 200; i += 1) socket.send({ host: 'server.example', port: 5060 }, bytes('x'));
    socket.send({ host: 'server.example', port: 5999 }, bytes('to nobody'));
    socket.send({ host: 'nobody.example', port: 5060 }, bytes('to nobody'));
    await world.clock.advance(1_000);
    expect(world.frames.map(({ fate }) => fate).filter((fate) => fate === 'lost')).toHaveLength(
      200 - received,
    );
    expect(world.frames.slice(200).map(({ fate }) => fate)).toEqual(['unreachable', 'unreachable']);
    // Three links in a row: 0.9 cubed is 0.729.
    expect(received).toBeGreaterThan(110);
    expect(received).toBeLessThan(180);
  });

  it.each([true, false])(
    'HTTP carries a request and its response, both seen by the tap (secure: %s)',
    async (secure) => {
      await start();
      world.server.serveHttp({ secure }, async (request, remote) => {
        const body = { from: remote.host, url: request.url, body: await request.text() };
        const headers = new Headers({ 'x-answer': 'yes' });
        headers.append('set-cookie', 'a=1; Path=/');
        headers.append('set-cookie', 'b=2');
        return Response.json(body, { status: 201, headers });
      });
      const url = `${secure ? 'https' : 'http'}://server.example/keys?a=1`;
      const request = new Request(url, { method: 'POST', body: 'marker' });
      const response = await world.finish(world.phone.fetch(request));
      expect(response.status).toBe(201);
      expect(response.headers.getSetCookie()).toEqual(['a=1; Path=/', 'b=2']);
      expect(response.headers.get('x-answer')).toBe('yes');
      expect(await response.json()).toEqual({ from: 'phone.example', url, body: 'marker' });
      const [asked, answered] = world.frames.map((frame) => text(frame.bytes!));
      expect(asked).toMatch(
        /^POST \/keys\?a=1 HTTP\/1\.1\r\nhost: server\.example\r\n[\s\S]*\r\n\r\nmarker$/,
      );
      expect(answered).toMatch(/^HTTP\/1\.1 201[^\r]*\r\n/);
      expect(
        world.frames.map(({ from, to, event }) => [from.host, from.port > 1023, to.host, event]),
      ).toEqual([
        ['phone.example', true, 'server.example', 'request'],
        ['server.example', false, 'phone.example', 'response'],
      ]);
      expect(world.use().requests).toBe(0);
    },
  );

  it('an HTTP answer without content has none', async () => {
    await start();
    world.server.serveHttp({ secure: true }, () => new Response(null, { status: 204 }));
    const response = await world.finish(world.phone.fetch(new Request('https://server.example/')));
    expect([response.status, response.body]).toEqual([204, null]);
  });

  it.each([
    ['unknown-host', 'https://nobody.example/'],
    ['refused', 'http://server.example/'],
  ])('HTTP rejects with %s', async (code, url) => {
    await start();
    world.server.serveHttp({ secure: true }, () => new Response('never'));
    await expect(world.finish(world.phone.fetch(new Request(url)))).rejects.toMatchObject({ code });
  });

  it('HTTP gives up behind a cut link, and leaves no request behind', async () => {
    await start();
    world.server.serveHttp({ secure: true }, () => new Response('never'));
    world.access.cut();
    await expect(
      world.finish(world.phone.fetch(new Request('https://server.example/'))),
    ).rejects.toMatchObject({
      code: 'timeout',
    });
    expect(world.use().requests).toBe(0);
  });

  it('a handler may itself wait for time to pass and ask other hosts', async () => {
    await start();
    world.phone.serveHttp({ secure: true }, () => new Response('from the phone'));
    world.server.serveHttp({ secure: true }, async () => {
      await new Promise<void>((resolve) => world.clock.setTimer(300_000, resolve));
      return world.server.fetch(new Request('https://phone.example/'));
    });
    const response = await world.finish(world.phone.fetch(new Request('https://server.example/')));
    expect(await response.text()).toBe('from the phone');
    expect(world.clock.elapsed()).toBeGreaterThan(300_000);
  });
});
