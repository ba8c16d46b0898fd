/** Random histories of a group: whoever acts, all members agree, and those who left are blind. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createNativeProvider } from '../../stack/crypto/index.ts';
import { History, step } from './history.ts';
import { suites } from './members.ts';
import { watchSealing } from './sealing-watch.ts';

describe.each(suites)('any history of a group of suite %i', (suite) => {
  it('keeps members in agreement, those removed blind, late messages readable, keys and nonces used once, though any member dies and comes back between any two steps', () => {
    fc.assert(
      fc.property(fc.array(step, { minLength: 12, maxLength: 36 }), (steps) => {
        const group = new History(suite);
        for (const action of steps) {
          group.run(action);
          group.checkAgreement();
        }
        group.drain();
      }),
      { numRuns: suite <= 2 ? 16 : 3 },
    );
  }, 120_000);
});

it('a key and nonce that seal two messages are noticed', () => {
  const suite = watchSealing(createNativeProvider()).suite(1);
  const [key, nonce, none] = [new Uint8Array(16), new Uint8Array(12), new Uint8Array()];
  suite.aeadSeal(key, nonce, none, Uint8Array.of(1));
  expect(() => suite.aeadSeal(key, nonce, none, Uint8Array.of(2))).toThrow('sealed two messages');
});
