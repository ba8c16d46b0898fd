import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { executeCell } from '../../harness/run/execute-cell.ts';
import type { FinishedRun } from '../../harness/run/finish-run.ts';
import { loadRuntime, RUNTIME_URL } from '../../harness/run/load-runtime.ts';
import { runPlan } from '../../harness/run/run-plan.ts';
import { loadCaseFile, loadMatrix } from '../../matrix/index.ts';
import { parseResults } from '../../reports/results-lines.ts';
import type { FrameEntry } from '../../reports/trace.ts';
import { parseTrace } from '../../reports/trace-lines.ts';

const matrix = loadMatrix();
const plan = matrix.plans.get('smoke')!;
const out = mkdtempSync(join(tmpdir(), 'parley-sockets-'));
afterAll(() => rmSync(out, { recursive: true, force: true }));

describe('The smoke plan on real sockets', () => {
  let run: FinishedRun;
  beforeAll(async () => {
    run = await runPlan({ matrix, plan, out, jobs: 2, network: 'sockets' });
  }, 120_000);
  const traceOf = (path: string) => parseTrace(readFileSync(join(run.folder, path), 'utf8'));

  test('has no news, and its canaries are caught', () => {
    expect(run.summary.news).toEqual([]);
    expect(run.results.filter(({ outcome }) => outcome === 'infra-error')).toEqual([]);
    expect(run.summary.canaries.caught).toBe(run.summary.canaries.planted);
    expect(run.summary.exitCode).toBe(0);
  });

  test('every cell comes out as on the simulated network, by the same rules', async () => {
    const runtime = await loadRuntime(RUNTIME_URL);
    for (const { id, casePath, ...result } of run.results.filter((one) => one.casePath !== undefined)) {
      const cell = loadCaseFile(join(run.folder, casePath!));
      const { result: simulated } = await executeCell(cell, matrix.expectations, runtime);
      const told = ({
        outcome,
        rules,
        failures,
      }: Pick<typeof simulated, 'outcome' | 'rules' | 'failures'>) => ({
        outcome,
        rules,
        blamed: failures.map(({ rule, blame }) => `${rule} ${blame.side}`),
      });
      expect(told(result), id).toEqual(told(simulated));
    }
  });

  test('is labelled in results, summary and report, since it does not repeat byte for byte', () => {
    const summary = JSON.parse(readFileSync(join(run.folder, 'summary.json'), 'utf8')) as { network: string };
    expect(summary.network).toBe('sockets');
    const results = parseResults(readFileSync(join(run.folder, 'results.jsonl'), 'utf8'));
    const ran = results.filter(({ outcome }) => outcome !== 'skipped');
    expect(ran.map(({ network }) => network)).toEqual(ran.map(() => 'sockets'));
    expect(readFileSync(join(run.folder, 'index.html'), 'utf8')).toContain('"network":"sockets"');
  });

  test('its traces show every protocol, and worlds that leave nothing behind', () => {
    const traces = run.results.flatMap(({ tracePath }) =>
      tracePath === undefined ? [] : [traceOf(tracePath)],
    );
    const frames = traces.flatMap((trace) =>
      trace.filter((entry): entry is FrameEntry => entry.kind === 'frame'),
    );
    const protocols = new Set(frames.map(({ protocol }) => protocol));
    for (const protocol of ['tcp', 'tls', 'udp', 'http', 'https', 'cs'] as const)
      expect(protocols).toContain(protocol);
    for (const trace of traces) {
      expect(trace.at(-1)).toMatchObject({
        kind: 'end',
        leaks: { timers: 0, streams: 0, sockets: 0, listeners: 0, requests: 0 },
      });
    }
  });
});
