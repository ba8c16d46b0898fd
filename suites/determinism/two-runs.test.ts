import { describe, expect, it } from 'vitest';
import { runCase } from '../../harness/world/run-case.ts';
import { expandPlan, loadMatrix, named, parseCase, writeCase } from '../../matrix/index.ts';
import type { Case } from '../../matrix/schema/case.ts';

const matrix = loadMatrix();
const { cells } = expandPlan(matrix, named(matrix.plans, 'default', 'plan'));

/** One cell of each kind: every scenario, with every pair of universal profiles that it meets. */
function oneOfEachKind(all: readonly Case[]): Case[] {
  const kinds = new Map<string, Case>();
  for (const cell of all) {
    const profiles = Object.values(cell.roles).map(
      (role) => `${role.device.universalProfile}${role.device.mls ? '+mls' : ''}`,
    );
    const kind = `${cell.scenario.name} ${profiles.join(' to ')} ${cell.canary ? cell.id : ''}`;
    if (!kinds.has(kind)) kinds.set(kind, cell);
  }
  return [...kinds.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, cell]) => cell);
}

const lines = async (cell: Case) =>
  (await runCase(cell)).trace.map((entry) => JSON.stringify(entry)).join('\n');

describe('the same case gives the same trace, byte for byte', () => {
  it.each(oneOfEachKind(cells).map((cell) => [cell.id, cell] as const))('%s', async (_, cell) => {
    const first = await lines(cell);
    expect(await lines(cell)).toBe(first);
  });

  it('also when the case was written to YAML and read back', async () => {
    const cell = cells[0]!;
    expect(await lines(parseCase(writeCase(cell), 'case.yaml'))).toBe(await lines(cell));
  });

  it('and another seed gives other bytes', async () => {
    const cell = cells[0]!;
    expect(await lines({ ...cell, seed: 'another' })).not.toBe(await lines(cell));
  });
});
