import { MessageChannel } from 'node:worker_threads';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Link, type LinkProfile } from '../../emulators/network/link.ts';
import { SeededRandom } from '../../emulators/network/seeded-random.ts';
import { SimulatedNetwork } from '../../emulators/network/simulated-network.ts';
import type { TappedFrame } from '../../emulators/network/tap.ts';
import { VirtualClock } from '../../emulators/network/virtual-clock.ts';
import type { ByteStream } from '../../stack/platform.ts';

const PERFECT: LinkProfile = { latencyMs: 10, jitterMs: 0, loss: 0 };
const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
const bytes = (value: string) => new TextEncoder().encode(value);

function twoHosts(profile: LinkProfile = PERFECT, seed = 'test') {
  const clock = new VirtualClock();
  const random = new SeededRandom(seed);
  const frames: TappedFrame[] = [];
  const link = (name: string) => new Link(name, profile, random.fork(name));
  const access = link('access');
  const interconnect = link('interconnect');
  const network = new SimulatedNetwork({ clock, tap: (frame) => frames.push(frame), interconnect });
  const phone = network.addHost('phone.example', { access: [access], zone: 'A' });
  const server = network.addHost('server.example', { access: [link('core')], zone: 'B' });
  return { clock, network, frames, access, interconnect, phone, server };
}

async function connected(world: ReturnType<typeof twoHosts>) {
  let far: ByteStream | undefined;
  world.server.listen(5061, { secure: true }, (stream) => {
    far = stream;
  });
  let near: ByteStream | undefined;
  void world.phone.connect({ host: 'server.example', port: 5061 }, { secure: true }).then((stream) => {
    near = stream;
  });
  await world.clock.runUntil(() => near !== undefined, 600_000);
  return { near: near!, far: far! };
}

describe('the virtual clock', () => {
  it('jumps to the next timer and fires timers of one instant in the order they were set', async () => {
    const clock = new VirtualClock();
    const fired: string[] = [];
    clock.setTimer(86_400_000, () => fired.push('tomorrow'));
    clock.setTimer(5, () => fired.push('first'));
    clock.setTimer(5, () => fired.push('second'));
    await clock.runUntil(() => fired.length === 3, 100_000_000);
    expect(fired).toEqual(['first', 'second', 'tomorrow']);
    expect(clock.elapsed()).toBe(86_400_000);
  });

  it('finishes all promise work of one timer before the next fires', async () => {
    const clock = new VirtualClock();
    const order: string[] = [];
    clock.setTimer(1, () => {
      void (async () => {
        for (let i = 0; i < 50; i += 1) await null;
        order.push('work of the first');
      })();
    });
    clock.setTimer(1, () => order.push('second'));
    await clock.advance(1);
    expect(order).toEqual(['work of the first', 'second']);
  });

  it('stands still for work outside, however many turns of the event loop that takes, also when it fails', async () => {
    const clock = new VirtualClock();
    const order: string[] = [];
    const channel = new MessageChannel();
    const answer = new Promise<void>((resolve) => {
      channel.port1.once('message', () => resolve());
    });
    clock.setTimer(1, () => {
      void clock.standStillFor(answer).then(() => {
        order.push(`answered at ${clock.elapsed()}`);
        clock.standStillFor(Promise.reject(new Error('lost'))).catch(() => order.push('failed'));
      });
      channel.port2.postMessage('');
    });
    clock.setTimer(2, () => order.push('next timer'));
    await clock.advance(5);
    channel.port1.close();
    expect(order).toEqual(['answered at 1', 'failed', 'next timer']);
  });

  it('begins where it is told to', () => {
    const clock = new VirtualClock(1_000);
    expect([clock.now(), clock.elapsed()]).toEqual([1_000, 0]);
  });

  it('counts the timers that nobody cancelled', () => {
    const clock = new VirtualClock();
    const timer = clock.setTimer(10, () => {});
    clock.setTimer(10, () => {});
    timer.cancel();
    timer.cancel();
    expect(clock.pendingTimers).toBe(1);
  });
});

describe('seeded randomness', () => {
  it('gives the same stream under the same seed and name, and another under another', () => {
    const draw = (seed: string, name: string) => new SeededRandom(seed).fork(name).bytes(16);
    expect(draw('1', 'mls')).toEqual(draw('1', 'mls'));
    expect(draw('1', 'mls')).not.toEqual(draw('1', 'sip'));
    expect(draw('1', 'mls')).not.toEqual(draw('2', 'mls'));
  });

  it('does not shift one consumer when another draws', () => {
    const quiet = new SeededRandom('1');
    const busy = new SeededRandom('1');
    busy.bytes(1000);
    busy.fork('new consumer').bytes(10);
    expect(busy.fork('mls').bytes(32)).toEqual(quiet.fork('mls').bytes(32));
  });

  it('does not depend on how the bytes are asked for', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 3000 }), { maxLength: 8 }), (sizes) => {
        const whole = new SeededRandom('x').bytes(sizes.reduce((a, b) => a + b, 0));
        const source = new SeededRandom('x');
        expect(Buffer.concat(sizes.map((size) => source.bytes(size)))).toEqual(Buffer.from(whole));
      }),
    );
  });
});

describe('streams', () => {
  it('deliver every byte once and in order, whatever the loss and jitter', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.uint8Array({ minLength: 1, maxLength: 40 }), { maxLength: 20 }),
        fc.double({ min: 0, max: 0.5, noNaN: true }),
        fc.string(),
        async (chunks, loss, seed) => {
          const world = twoHosts({ latencyMs: 20, jitterMs: 50, loss }, seed);
          const { near, far } = await connected(world);
          const received: Uint8Array[] = [];
          far.onData = (chunk) => received.push(chunk);
          for (const chunk of chunks) near.write(chunk);
          await world.clock.advance(600_000);
          expect(Buffer.concat(received)).toEqual(Buffer.concat(chunks));
        },
      ),
      { numRuns: 30 },
    );
  });

  it('hold what is written while a link is cut, and deliver it after it heals', async () => {
    const world = twoHosts();
    const { near, far } = await connected(world);
    const received: string[] = [];
    far.onData = (chunk) => received.push(text(chunk));
    near.write(bytes('before '));
    await world.clock.advance(100);
    world.interconnect.cut();
    near.write(bytes('during '));
    await world.clock.advance(20_000);
    expect(received.join('')).toBe('before ');
    world.interconnect.heal();
    near.write(bytes('after'));
    await world.clock.advance(1_000);
    expect(received.join('')).toBe('before during after');
  });

  it('break with a time-out when the cut lasts', async () => {
    const world = twoHosts();
    const { near } = await connected(world);
    let error: unknown;
    near.onClose = (e) => {
      error = e;
    };
    world.access.cut();
    near.write(bytes('lost'));
    await world.clock.advance(120_000);
    expect(error).toMatchObject({ code: 'timeout' });
  });

  it('are reset when data reaches an end whose host lost its radio', async () => {
    const world = twoHosts();
    const { near, far } = await connected(world);
    let error: unknown;
    far.onClose = (e) => {
      error = e;
    };
    near.onData = () => expect.unreachable('the end is gone');
    world.access.cut();
    world.network.abandonStreams('phone.example');
    await world.clock.advance(1_000);
    world.access.heal();
    far.write(bytes('are you there?'));
    await world.clock.advance(1_000);
    expect(error).toMatchObject({ code: 'reset' });
    expect(world.network.use().streams).toBe(0);
  });

  it('refuse plain TCP on a TLS port', async () => {
    const world = twoHosts();
    world.server.listen(5061, { secure: true }, () => {});
    const attempt = world.phone.connect({ host: 'server.example', port: 5061 }, { secure: false });
    const refused = expect(attempt).rejects.toMatchObject({ code: 'refused' });
    await world.clock.advance(1_000);
    await refused;
  });
});

describe('datagrams', () => {
  it('are lost about as often as the links say', async () => {
    const world = twoHosts({ latencyMs: 1, jitterMs: 0, loss: 0.1 });
    let received = 0;
    world.server.datagram(5060).onMessage = () => {
      received += 1;
    };
    const socket = world.phone.datagram(0);
    for (let i = 0; i < 1000; i += 1) socket.send({ host: 'server.example', port: 5060 }, bytes('x'));
    await world.clock.advance(1_000);
    // Three links in a row: 0.9 cubed is 0.729.
    expect(received).toBeGreaterThan(680);
    expect(received).toBeLessThan(780);
    expect(world.frames.filter((frame) => frame.fate === 'lost')).toHaveLength(1000 - received);
  });
});

describe('HTTP', () => {
  it('carries a request to a web-standard handler and its response back, both seen by the tap', async () => {
    const world = twoHosts();
    world.server.serveHttp({ secure: true }, async (request, remote) => {
      return Response.json({ from: remote.host, body: await request.text() }, { status: 201 });
    });
    const request = new Request('https://server.example/keys?a=1', { method: 'POST', body: 'marker' });
    let response: Response | undefined;
    void world.phone.fetch(request).then((r) => {
      response = r;
    });
    await world.clock.runUntil(() => response !== undefined, 10_000);
    expect(response?.status).toBe(201);
    expect(await response?.json()).toEqual({ from: 'phone.example', body: 'marker' });
    const [asked, answered] = world.frames.map((frame) => text(frame.bytes!));
    expect(asked).toMatch(/^POST \/keys\?a=1 HTTP\/1\.1\r\nhost: server\.example\r\n[\s\S]*\r\n\r\nmarker$/);
    expect(answered).toMatch(/^HTTP\/1\.1 201\r\n/);
  });

  it.each([
    ['unknown-host', 'https://nobody.example/'],
    ['refused', 'http://server.example/'],
  ])('rejects with %s', async (code, url) => {
    const world = twoHosts();
    world.server.serveHttp({ secure: true }, () => new Response('never'));
    const outcome = expect(world.phone.fetch(new Request(url))).rejects.toMatchObject({ code });
    await world.clock.advance(1_000);
    await outcome;
  });

  it('gives up behind a cut link, and leaves no request behind', async () => {
    const world = twoHosts();
    world.server.serveHttp({ secure: true }, () => new Response('never'));
    world.access.cut();
    const outcome = expect(world.phone.fetch(new Request('https://server.example/'))).rejects.toMatchObject({
      code: 'timeout',
    });
    await world.clock.advance(60_000);
    await outcome;
    expect(world.network.use().requests).toBe(0);
  });
});

it('the same seed gives the same frames at the same times', async () => {
  const run = async () => {
    const world = twoHosts({ latencyMs: 30, jitterMs: 40, loss: 0.2 }, 'twice');
    const { near, far } = await connected(world);
    const arrivals: number[] = [];
    far.onData = () => arrivals.push(world.clock.elapsed());
    for (let i = 0; i < 50; i += 1) near.write(bytes(`message ${i}`));
    await world.clock.advance(100_000);
    return arrivals;
  };
  expect(await run()).toEqual(await run());
});
