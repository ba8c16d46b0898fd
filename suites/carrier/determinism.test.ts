import { expect, test } from 'vitest';
import { configurationOf } from './acs-client.ts';
import { ALICE, BOB, OPERATOR_A, openBench } from './bench.ts';

async function oneRun(seed: string): Promise<string> {
  const lossy = { latencyMs: 30, jitterMs: 20, loss: 0.1 };
  const bench = openBench({ seed, accessLink: lossy, interconnectLink: lossy });
  await configurationOf(bench, ALICE, OPERATOR_A);
  const alice = bench.phone(ALICE, { transport: 'udp' });
  const bob = bench.phone(BOB, { transport: 'tcp' });
  await bench.run(alice.register());
  await bench.run(bob.register());
  await bench.run(alice.options(BOB.msisdn));
  await bench.run(bob.register(0));
  await bench.run(alice.text(BOB.msisdn, 'Mx-1', 'later', { dispositions: ['processing'] }));
  await bench.run(bob.register());
  await bench.clock.advance(600_000);
  const log = bench.frames.map(({ bytes, ...frame }) => ({
    ...frame,
    bytes: Buffer.from(bytes ?? []).toString('base64'),
  }));
  await bench.close();
  return JSON.stringify([log, bench.events, bench.clock.elapsed()]);
}

test('the same seed gives the same bytes on every wire at the same times', async () => {
  const [first, again, other] = [await oneRun('7'), await oneRun('7'), await oneRun('8')];
  expect(first === again, 'two runs of seed 7 are equal').toBe(true);
  expect(first === other, 'a run of seed 8 is another one').toBe(false);
});
