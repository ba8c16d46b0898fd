/** The matrix as tests: one a cell, named by its stable id, which is also its history id in Allure. */
import * as allure from 'allure-js-commons';
import { describe, expect, it } from 'vitest';
import { judge } from '../../harness/oracle/judge.ts';
import { runCase } from '../../harness/world/run-case.ts';
import { expandPlan, loadMatrix, named } from '../../matrix/index.ts';
import type { Case } from '../../matrix/schema/case.ts';
import type { Verdict } from '../../reports/result.ts';

const matrix = loadMatrix();
const { cells } = expandPlan(matrix, named(matrix.plans, 'pull-request', 'plan'));

describe('plan pull-request', () => {
  it.for(cells)('$id', async (cell, { skip }) => {
    const verdict = await judged(cell);
    if (cell.canary) return expectCaught(cell.canary, verdict);
    // What a side declares that it lacks is neither a success nor a failure; the reason goes with it.
    if (verdict.outcome === 'unsupported') return skip(verdict.reason);
    expect(story(verdict), `npx parley replay of ${cell.id}`).toEqual('passed');
    expect(verdict.evidence).toBeGreaterThan(0);
  });
});

async function judged(cell: Case): Promise<Verdict> {
  await allure.historyId(cell.id);
  for (const [axis, value] of Object.entries(cell.axes)) await allure.parameter(axis, value);
  const { trace } = await runCase(cell);
  const verdict = judge(cell, trace, matrix.expectations);
  await allure.label('outcome', verdict.outcome);
  if (verdict.reason) await allure.description(verdict.reason);
  return verdict;
}

/** A planted fault must be found, and nobody but its side be blamed. */
function expectCaught(canary: NonNullable<Case['canary']>, verdict: Verdict): void {
  expect(verdict.failures.map((failure) => failure.rule)).toContain(canary.rule);
  expect([...new Set(verdict.failures.map((failure) => failure.blame.side))]).toEqual([canary.side]);
}

/** One line that says what failed, what was expected, and who is to blame. */
function story({ outcome, failures, reason }: Verdict): string {
  const first = failures[0];
  if (!first) return reason ? `${outcome}: ${reason}` : outcome;
  const { rule, clause, expected, actual, blame } = first;
  return `${outcome} by ${rule} (${clause}): expected ${expected}, got ${actual}; ${blame.side}: ${blame.evidence} (entry ${blame.entry})`;
}
