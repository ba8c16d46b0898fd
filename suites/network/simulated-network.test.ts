import { MessageChannel } from 'node:worker_threads';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SeededRandom } from '../../emulators/network/seeded-random.ts';
import { VirtualClock } from '../../emulators/network/virtual-clock.ts';
import { bytes, connected, twoHosts } from './support/two-networks.ts';

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

it('a TLS port refuses plain TCP', async () => {
  const world = await twoHosts('simulated');
  world.server.listen(5061, { secure: true }, () => {});
  const attempt = world.phone.connect({ host: 'server.example', port: 5061 }, { secure: false });
  const refused = expect(attempt).rejects.toMatchObject({ code: 'refused' });
  await world.clock.advance(1_000);
  await refused;
});

it('the same seed gives the same frames at the same times', async () => {
  const run = async () => {
    const world = await twoHosts('simulated', { latencyMs: 30, jitterMs: 40, loss: 0.2 }, 'twice');
    const { near, far } = await connected(world);
    const arrivals: number[] = [];
    far.onData = () => arrivals.push(world.clock.elapsed());
    for (let i = 0; i < 50; i += 1) near.write(bytes(`message ${i}`));
    await world.clock.advance(100_000);
    return arrivals;
  };
  expect(await run()).toEqual(await run());
});
