import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ANSWER, bytes, TwoAgents } from './support/two-agents.ts';

const SDP = [{ name: 'Content-Type', value: 'application/sdp' }];

/** What happens to one datagram: lost, or the delays with which its copies arrive. */
const fate = fc.oneof(
  { weight: 2, arbitrary: fc.constant<number[] | 'lost'>('lost') },
  { weight: 6, arbitrary: fc.array(fc.integer({ min: 1, max: 3000 }), { minLength: 1, maxLength: 3 }) },
);

const action = fc.record({
  at: fc.integer({ min: 0, max: 6000 }),
  what: fc.constantFrom('ring', 'accept', 'refuse', 'cancel', 'bye A', 'bye B', 'change A', 'change B'),
});

describe('whatever is lost, delayed, doubled and reordered', () => {
  it('a call ends the same way on both sides, and nothing is left of it', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fate, { maxLength: 60 }),
        fc.array(action, { minLength: 1, maxLength: 8 }),
        async (fates, actions) => {
          const world = new TwoAgents();
          world.wire.loses = (index) => fates[index] === 'lost';
          world.wire.arrivals = (index) => {
            const given = fates[index];
            return given === undefined || given === 'lost' ? [10] : given;
          };
          const taken = { onChange: () => ({ status: 200, headers: SDP, body: ANSWER }) };
          const call = world.invite({ sessionExpires: { seconds: 90 }, handlers: taken });
          const mine = call.outcome.then((outcome) =>
            outcome.kind === 'answered' ? outcome.session : undefined,
          );
          let theirs: ReturnType<(typeof world.bob.calls)[number]['accept']> | undefined;
          for (const { at, what } of actions) {
            world.clock.setTimer(at, () => {
              const incoming = world.bob.calls[0];
              if (what === 'ring') incoming?.progress(180, { reliable: true });
              else if (what === 'accept' && incoming?.isWaiting)
                theirs = incoming.accept({ headers: SDP, body: ANSWER }, taken);
              else if (what === 'refuse' && incoming?.isWaiting) incoming.reject(486);
              else if (what === 'cancel') call.cancel();
              else if (what === 'bye A') void mine.then((session) => session?.bye());
              else if (what === 'bye B') void theirs?.bye();
              else if (what === 'change A')
                void mine.then((session) => session?.reinvite({ headers: SDP, body: bytes('a') }));
              else if (what === 'change B') void theirs?.reinvite({ headers: SDP, body: bytes('b') });
            });
          }
          // Long enough for every time-out, with session refreshes on a wire that works by then.
          await world.clock.advance(400_000);
          const outcome = await call.outcome;
          const alices = outcome.kind === 'answered' ? outcome.session : undefined;
          const alive = [alices !== undefined && !alices.isOver, theirs !== undefined && !theirs.isOver];
          expect(alive[0]).toBe(alive[1]);
          if (!alive[0]) expect(world.dialogs).toBe(0);
          world.close();
          expect(world.clock.timersRunning).toBe(0);
        },
      ),
      { numRuns: 120 },
    );
  });
});
