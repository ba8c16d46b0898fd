import { existsSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { FinishedRun } from '../../harness/run/finish-run.ts';
import { runPlan } from '../../harness/run/run-plan.ts';
import { caseHash, loadCaseFile, loadMatrix } from '../../matrix/index.ts';
import type { CellResult } from '../../reports/result.ts';
import { parseResults } from '../../reports/results-lines.ts';
import { parseTrace } from '../../reports/trace-lines.ts';
import { fateOf } from './fake-runtime.ts';
import { smallPlan as plan } from './small-plan.ts';

const runtime = new URL('./fake-runtime.ts', import.meta.url).href;
const matrix = loadMatrix();
const out = mkdtempSync(join(tmpdir(), 'parley-run-'));
const ran = ({ outcome }: CellResult) => outcome !== 'skipped';
afterAll(() => rmSync(out, { recursive: true, force: true }));

describe('A run over workers that fail in every way', () => {
  let run: FinishedRun;
  const seen: string[] = [];
  beforeAll(async () => {
    run = await runPlan({
      matrix,
      plan,
      runtime,
      out,
      jobs: 2,
      timeoutMs: 3_000,
      onCell: ({ id }) => void seen.push(id),
    });
  }, 90_000);

  const withFate = (fate: ReturnType<typeof fateOf>): readonly CellResult[] => {
    const found = run.results.filter(
      (result) => ran(result) && result.canary === undefined && fateOf(result) === fate,
    );
    expect(found.length, `the plan has no cell of the fate "${fate}"`).toBeGreaterThan(0);
    return found;
  };
  const reasons = (results: readonly CellResult[]) =>
    new Set(results.map(({ outcome, reason }) => `${outcome}: ${reason}`));

  test('every cell gets exactly one result', () => {
    expect(new Set(seen).size).toBe(seen.length);
    expect([...seen].sort()).toEqual(run.results.filter(ran).map(({ id }) => id));
  });

  test('an error, a crash and a hang cost their own cell only and say what happened', () => {
    expect(reasons(withFate('throws'))).toEqual(
      new Set(['infra-error: the harness could not run the case: RangeError: the world has no such carrier']),
    );
    expect(reasons(withFate('crashes'))).toEqual(new Set(['infra-error: the worker exited with code 3']));
    expect(reasons(withFate('hangs'))).toEqual(new Set(['infra-error: no result after 3 s']));
    expect(reasons(withFate(undefined))).toEqual(new Set(['passed: undefined']));
  });

  test('an incomplete run ends with 2 even though it has news too', () => {
    expect(run.summary.news.map(({ id }) => id)).toEqual(withFate('fails').map(({ id }) => id));
    expect(run.summary.exitCode).toBe(2);
  });

  test('canaries are counted apart from the cells', () => {
    expect(run.summary.canaries).toEqual({ planted: matrix.canaries.size, caught: matrix.canaries.size });
    expect(run.summary.cells).toBe(run.results.length - matrix.canaries.size);
    expect(Object.values(run.summary.counts).reduce((sum, count) => sum + count)).toBe(run.summary.cells);
  });

  test('latest is a link to the run, whose files say what the result says', () => {
    expect(readlinkSync(join(out, 'latest'))).toBe(run.summary.run);
    expect(run.summary.run).toMatch(/^\d{8}T\d{6}Z-small$/);
    expect(parseResults(readFileSync(join(run.folder, 'results.jsonl'), 'utf8'))).toEqual(run.results);
    expect(JSON.parse(readFileSync(join(run.folder, 'summary.json'), 'utf8'))).toEqual(run.summary);
    expect(existsSync(join(run.folder, 'index.html'))).toBe(true);
  });

  test('every cell has its case file, also one whose worker was lost, and a trace where there is one', () => {
    for (const result of run.results.filter(ran)) {
      expect(caseHash(loadCaseFile(join(run.folder, result.casePath!))), result.id).toBe(result.hash);
      if (result.tracePath === undefined) expect(result.outcome).toBe('infra-error');
      else
        expect(parseTrace(readFileSync(join(run.folder, result.tracePath), 'utf8')).at(-1)?.kind).toBe('end');
    }
    expect(readdirSync(join(run.folder, 'cases')).sort()).toEqual(
      run.results.filter(ran).map(({ id }) => id),
    );
  });

  test('a cell that the plan skips is in the results with its reason', () => {
    const skipped = run.results.filter((result) => !ran(result));
    expect(skipped).toHaveLength(4);
    expect(reasons(skipped)).toEqual(new Set(['skipped: a phone that is left out on purpose']));
  });
});

test('an interrupted run reports the cells it did not come to as not-run and ends with 2', async () => {
  const interruption = new AbortController();
  let cells = 0;
  const run = await runPlan({
    matrix,
    plan,
    runtime,
    out,
    jobs: 1,
    filter: 'recipient=pixel-up30',
    signal: interruption.signal,
    onCell: () => {
      cells += 1;
      if (cells === 2) interruption.abort();
    },
  });
  expect(run.summary.counts.passed).toBe(2);
  expect(run.summary.counts['not-run']).toBe(run.summary.cells - 2);
  expect(run.summary.exitCode).toBe(2);
  const stopped = run.results.find(({ outcome }) => outcome === 'not-run');
  expect(stopped?.reason).toBe('the run was interrupted');
  expect(readdirSync(join(run.folder, 'cases'))).toHaveLength(2);
  expect(existsSync(join(run.folder, 'index.html'))).toBe(true);
}, 60_000);

test('a runtime that cannot be loaded is told once a cell and does not start a worker for each', async () => {
  const broken = new URL('./no-such-runtime.ts', import.meta.url).href;
  const run = await runPlan({ matrix, plan, runtime: broken, out, jobs: 2 });
  expect(new Set(run.results.filter(ran).map(({ outcome }) => outcome))).toEqual(new Set(['infra-error']));
  expect(run.results[0]?.reason).toContain('no-such-runtime.ts');
}, 60_000);
