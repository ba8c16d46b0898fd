/** RFC 9420 between stack/mls and ts-mls, each in every role of generated histories. */
import fc from 'fast-check';
import { defaultCryptoProvider, getCiphersuiteFromName, getCiphersuiteImpl } from 'ts-mls';
import { decodeRatchetTree } from 'ts-mls/ratchetTree.js';
import { describe, expect, it } from 'vitest';
import type { MlsEngine } from '../../harness/bench/mls-engine.ts';
import { type CipherSuiteId, isSupportedSuite } from '../../stack/crypto/index.ts';
import { testContext } from '../mls/members.ts';
import { anyHistory, everyRole } from './histories.ts';
import { MixedGroup } from './mixed-group.ts';
import { parleyEngine } from './parley-member.ts';
import { suiteName, tsMlsEngine } from './ts-mls-member.ts';
import { refusesValidTree } from './ts-mls-workarounds.ts';

/**
 * Histories a suite, the fixed ones among them: P-521 and P-384 cost ts-mls ten times as much as X25519.
 * PARLEY_PEER_RUNS multiplies them and the time after which no further one begins.
 */
const histories: Partial<Record<number, number>> = { 1: 18, 2: 12, 3: 10, 5: 2, 7: 2 };
const times = Number(process.env['PARLEY_PEER_RUNS'] ?? 1);
const lastStartMs = 5000 * times;

async function engines(suite: CipherSuiteId): Promise<readonly [MlsEngine, MlsEngine]> {
  const cs = await getCiphersuiteImpl(getCiphersuiteFromName(suiteName(suite)), defaultCryptoProvider);
  return [
    parleyEngine(testContext(`parley among peers, suite ${suite}`), suite) as MlsEngine,
    tsMlsEngine('ts-mls', cs) as MlsEngine,
  ];
}

function tsMlsRefuses({ name }: MlsEngine, tree: Uint8Array): boolean {
  return name === 'ts-mls' && refusesValidTree(decodeRatchetTree(tree, 0)![0]);
}

const covered = new Map<string, number>();

describe.each(Object.keys(histories).map(Number).filter(isSupportedSuite))(
  'a group of suite %i whose members run stack/mls and ts-mls',
  (suite) => {
    it(
      'agrees on tree, authenticator and exporter after each step of any history',
      async () => {
        const start = performance.now();
        await fc.assert(
          fc.asyncProperty(anyHistory, async ({ founder, steps }) => {
            if (performance.now() - start > lastStartMs) return;
            const group = new MixedGroup(await engines(suite), tsMlsRefuses);
            await group.found(founder);
            for (const step of steps) {
              await group.run(step);
              await group.checkAgreement();
            }
            for (const [what, count] of group.ran) covered.set(what, (covered.get(what) ?? 0) + count);
          }),
          {
            examples: suite <= 3 ? [[everyRole(0)], [everyRole(1)]] : [],
            numRuns: histories[suite]! * times,
          },
        );
      },
      60_000 * times,
    );
  },
);

describe('these histories', () => {
  const deeds = [
    'add',
    'remove',
    'update',
    'update-by-reference',
    'psk',
    'join',
    'join-externally',
    'resync',
    'reinit',
    'reinit group created',
    'branch group created',
    'restart',
    'send',
  ];

  it.each(['parley', 'ts-mls'])('had %s in every role', (name) => {
    const missing = deeds.filter((deed) => !covered.has(`${deed} by ${name}`));
    expect(missing, `never done by ${name}`).toEqual([]);
  });
});
