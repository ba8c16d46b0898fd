/**
 * Altered inputs against everything that reads bytes from strangers: 5,000 to MLS, 5,000 to the readers of signalling
 * and to a carrier that runs. The drills in matrix/drills do the same with many more; PARLEY_MUTATIONS=N does it here.
 */
import { describe, expect, test } from 'vitest';
import { SeededRandom } from '../../emulators/network/seeded-random.ts';
import { fuzz } from '../../harness/fuzz/fuzz.ts';
import { targetNamed } from '../../harness/fuzz/targets.ts';
import { MUTATION_TARGETS } from '../../matrix/schema/drill.ts';

const inputs = Number(process.env['PARLEY_MUTATIONS'] ?? 5_000);
const seed = process.env['PARLEY_SEED'] ?? '1';
const signalling = MUTATION_TARGETS.filter((name) => name !== 'mls');

async function drilled(name: (typeof MUTATION_TARGETS)[number], count: number) {
  const random = new SeededRandom(`${seed} ${name}`);
  const target = await targetNamed(name, random.fork('target'));
  return fuzz(target, { inputs: count, random: random.fork('mutations') });
}

describe('Mutated inputs are refused by the promised errors alone, or accepted whole', () => {
  test(
    `mls, ${inputs} inputs: hardly any is as good as what it was made of`,
    async () => {
      const report = await drilled('mls', inputs);
      expect(report.findings).toEqual([]);
      expect(report.accepted / report.inputs).toBeLessThan(0.04);
      expect(report.crafted, 'lies that are well formed and signed').toBeGreaterThan(inputs / 100);
    },
    60_000 + inputs * 10,
  );

  test.each(signalling)(
    '%s',
    async (name) => {
      const report = await drilled(name, Math.ceil(inputs / signalling.length));
      expect(report.findings).toEqual([]);
      expect(report.accepted, 'accepted').toBeGreaterThan(0);
      expect(report.accepted, 'accepted').toBeLessThan(report.inputs);
    },
    60_000 + inputs * 10,
  );
});
