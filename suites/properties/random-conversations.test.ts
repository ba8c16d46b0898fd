/**
 * Random conversations between two random phones on random carriers and networks, with phones that lose their radio
 * and an interconnect that is cut: once all is healed, the oracle must find nothing.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { judge } from '../../harness/oracle/judge.ts';
import { runCase } from '../../harness/world/run-case.ts';
import { loadMatrix, writeCase } from '../../matrix/index.ts';
import type { Case } from '../../matrix/schema/case.ts';
import type { Step } from '../../matrix/schema/step.ts';

const matrix = loadMatrix();
/** Any of them, but half of the time one that can encrypt: pairs of those are few. */
const biased = <T>(map: ReadonlyMap<string, T>, encrypts: (each: T) => boolean) =>
  fc.oneof(fc.constantFrom(...map.values()), fc.constantFrom(...[...map.values()].filter(encrypts)));
const devices = biased(matrix.devices, (device) => device.mls !== undefined);
const carriers = biased(matrix.carriers, (carrier) => carrier.e2ee.enabled);

type Move =
  | { readonly kind: 'send' | 'read'; readonly who: 'alice' | 'bob' }
  | { readonly kind: 'offline' | 'online'; readonly who: 'alice' | 'bob' }
  | { readonly kind: 'cut' | 'heal' | 'wait' };

const who = fc.constantFrom('alice' as const, 'bob' as const);
const move: fc.Arbitrary<Move> = fc.oneof(
  { weight: 5, arbitrary: fc.record({ kind: fc.constant('send' as const), who }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('read' as const), who }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constantFrom('offline' as const, 'online' as const), who }) },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constantFrom('cut' as const, 'heal' as const, 'wait' as const) }),
  },
);

/** Moves become steps; then everything heals, comes back and is read. */
function stepsOf(moves: readonly Move[]): Step[] {
  const steps: Step[] = (['alice', 'bob'] as const).flatMap((role) => [
    { provision: { who: role } },
    { register: { who: role } },
  ]);
  const online = { alice: true, bob: true };
  const sent: { readonly message: string; readonly to: 'alice' | 'bob' }[] = [];
  const otherOf = (role: 'alice' | 'bob') => (role === 'alice' ? 'bob' : 'alice');
  const setOnline = (role: 'alice' | 'bob', value: boolean) => {
    if (online[role] === value) return;
    online[role] = value;
    steps.push(value ? { 'go-online': { who: role } } : { 'go-offline': { who: role } });
  };
  for (const next of moves) {
    if (next.kind === 'send') {
      const message = `m${sent.length}`;
      const to = otherOf(next.who);
      sent.push({ message, to });
      steps.push({
        send: { message, from: next.who, to, text: 'note {marker}', requirement: 'prefer-encrypted' },
      });
    } else if (next.kind === 'read') {
      const last = sent.findLast(({ to }) => to === next.who);
      if (last) steps.push({ read: { who: next.who, message: last.message } });
    } else if (next.kind === 'offline' || next.kind === 'online') setOnline(next.who, next.kind === 'online');
    else if (next.kind === 'wait') steps.push({ advance: { by: '45s' as never } });
    else
      steps.push(
        next.kind === 'cut' ? { cut: { link: 'interconnect' } } : { heal: { link: 'interconnect' } },
      );
  }
  steps.push({ heal: { link: 'interconnect' } });
  setOnline('alice', true);
  setOnline('bob', true);
  steps.push({ advance: { by: '30m' as never } });
  for (const { message, to } of sent) steps.push({ read: { who: to, message } });
  for (const { message } of sent) steps.push({ expect: { message, when: 'final' } });
  return steps;
}

const conversations: fc.Arbitrary<Case> = fc
  .record({
    alice: devices,
    bob: devices,
    A: carriers,
    B: carriers,
    network: fc.constantFrom(...matrix.networks.values()),
    policy: fc.constantFrom(...matrix.policies.values()),
    moves: fc.array(move, { minLength: 3, maxLength: 20 }),
    seed: fc.string({ minLength: 1, maxLength: 8 }),
  })
  .filter(({ alice, bob }) => alice.signalling !== undefined || bob.signalling !== undefined)
  .filter(({ moves }) => moves.some(({ kind }) => kind === 'send'))
  .map(({ alice, bob, A, B, network, policy, moves, seed }) => ({
    id: 'scenario=random',
    seed,
    axes: { scenario: 'random' },
    scenario: { name: 'random', title: 'A random conversation' },
    roles: {
      alice: { device: alice, carrier: 'A', msisdn: '+999900100001' },
      bob: { device: bob, carrier: 'B', msisdn: '+999900200002' },
    },
    carriers: { A, B },
    network,
    policy,
    steps: stepsOf(moves),
  }));

describe('random conversations', () => {
  it('break no rule and no invariant, on any pair of phones, carriers and networks', {
    timeout: 120_000,
  }, async () => {
    await fc.assert(
      fc.asyncProperty(conversations, async (cell) => {
        const { trace } = await runCase(cell);
        const verdict = judge(cell, trace, matrix.expectations);
        const first = verdict.failures[0];
        // The case file alone replays it: `npx parley replay case.yaml`.
        const what = first
          ? `${first.rule}: ${first.actual} (${first.blame.side})\n${writeCase(cell)}`
          : verdict.reason;
        expect(['passed', 'unsupported'], what).toContain(verdict.outcome);
      }),
      {
        numRuns: Number(process.env['PARLEY_RUNS'] ?? 60),
      },
    );
  });
});
