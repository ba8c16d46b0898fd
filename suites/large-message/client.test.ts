import { describe, expect, test } from 'vitest';
import { runCase } from '../../harness/world/run-case.ts';
import { buildCase } from '../../matrix/expand/build-case.ts';
import { loadMatrix } from '../../matrix/index.ts';
import type { Case } from '../../matrix/schema/case.ts';

const matrix = loadMatrix();

/** Alice sends Bob a text of so many octets; what she then sees of it, what she is told, and which methods she used. */
async function sent(octets: number, change: (cell: Case) => Case = (cell) => cell) {
  const axes = {
    scenario: 'one-to-one',
    sender: 'galaxy-up30-no-mls',
    recipient: 'pixel-up30',
    carrierA: 'up30-e2ee',
    carrierB: 'up30-e2ee',
    network: 'lte',
    policy: 'default',
  };
  const cell = change(buildCase(matrix, axes, '1'));
  const [registering, rest] = [cell.steps.slice(0, 4), 'x'.repeat(octets)];
  const send = { message: 'big', from: 'alice', to: 'bob', text: rest, requirement: 'any' as const };
  const { trace } = await runCase({ ...cell, steps: [...registering, { send }] });
  const last = (role: string) =>
    trace.findLast((entry) => entry.kind === 'state' && entry.side === `device:${role}`) as Extract<
      (typeof trace)[number],
      { kind: 'state' }
    >;
  const told = trace.flatMap((entry) =>
    entry.kind === 'event' && entry.side === 'device:alice' && entry.name === 'notification'
      ? [String(entry.data['text'])]
      : [],
  );
  const starts = trace.flatMap((entry) =>
    entry.kind === 'frame' && entry.from.startsWith('alice') && entry.bytes && 'text' in entry.bytes
      ? [entry.bytes.text.split(' ', 1)[0]!]
      : [],
  );
  return {
    bubble: last('alice').view.bubbles[0]!,
    received: last('bob').view.bubbles.map(({ text }) => text.length),
    told,
    invited: starts.includes('INVITE'),
  };
}

const withoutLargeMode = (cell: Case): Case => {
  const A = cell.carriers.A;
  const services = { ...A.services, largeMode: false, pagerMaxSize: 2_000 };
  return { ...cell, carriers: { ...cell.carriers, A: { ...A, services } } };
};

describe('a client and the sizes of its configuration (docs/rcs-signalling.md 4.4)', () => {
  test.each([
    [500, false],
    [3_000, true],
    [40_000, true],
  ])('%d octets arrive; by INVITE: %s', async (octets, invited) => {
    const { bubble, received, ...way } = await sent(octets);
    expect(bubble).toMatchObject({ channel: 'rcs', badge: 'plain', state: 'delivered' });
    expect(received).toEqual([expect.any(Number)]);
    expect(received[0]).toBeGreaterThanOrEqual(octets);
    expect(way).toEqual({ told: [], invited });
  });

  test('what is beyond MaxSize stays on the phone, and its owner is told why', async () => {
    const { bubble, received, told, invited } = await sent(70_000);
    expect(bubble).toMatchObject({ channel: 'none', badge: 'none', state: 'failed' });
    expect(told[0]).toMatch(/too large/);
    expect([received, invited]).toEqual([[], false]);
  });

  test('without large mode pager mode carries what the network takes, and nothing more', async () => {
    const fits = await sent(1_500, withoutLargeMode);
    expect([fits.bubble.state, fits.invited]).toEqual(['delivered', false]);
    const tooLarge = await sent(3_000, withoutLargeMode);
    expect(tooLarge).toMatchObject({
      bubble: { channel: 'none', state: 'failed' },
      received: [],
      invited: false,
    });
  });
});
