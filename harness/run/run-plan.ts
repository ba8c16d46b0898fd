import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { caseFacts, expandPlan, type Matrix, matches, writeCase } from '../../matrix/index.ts';
import type { Case } from '../../matrix/schema/case.ts';
import type { Plan } from '../../matrix/schema/plan.ts';
import type { CellResult, RunSummary } from '../../reports/result.ts';
import { isoTime, nanoseconds, systemClock } from '../ports/system-clock.ts';
import type { NetworkKind } from '../world/network-kind.ts';
import type { CellWorkerData } from './cell-worker.ts';
import { onNetwork, unrunResult } from './execute-cell.ts';
import { expectationText } from './expectation-text.ts';
import { type FinishedRun, finishRun } from './finish-run.ts';
import { ensureEngines, loadEngines } from './load-engines.ts';
import { RUNTIME_URL } from './load-runtime.ts';
import { findNews } from './news.ts';
import { runPool } from './pool.ts';
import { casePath, makeRunFolder } from './run-folder.ts';
import { selectCells } from './select-cells.ts';
import type { Shard } from './shard.ts';

/** Wall milliseconds that one cell may take before it counts as hung. */
export const CELL_TIMEOUT_MS = 60_000;

export interface RunOptions {
  readonly matrix: Matrix;
  readonly plan: Plan;
  /** Folder that gets the run's folder and `latest`. */
  readonly out: string;
  /** Worker threads. */
  readonly jobs: number;
  /** Instead of the plan's own. */
  readonly seed?: string | undefined;
  readonly filter?: string | undefined;
  readonly shard?: Shard | undefined;
  /** What the worlds of the cells run on; `simulated` unless given. */
  readonly network?: NetworkKind | undefined;
  /** URL of a module that exports `runtime`; the real one unless a test brings its own. */
  readonly runtime?: string | undefined;
  /** URL of a module that exports `engines`: MLS implementations besides the stack's own. */
  readonly engines?: string | undefined;
  readonly timeoutMs?: number | undefined;
  /** Aborting ends the run early and leaves a whole report in which the rest is `not-run`. */
  readonly signal?: AbortSignal | undefined;
  readonly onStart?: (cells: number, canaries: number) => void;
  readonly onCell?: (result: CellResult) => void;
}

/** Runs the selected cells of a plan and writes the run's folder. Throws UsageError and EnginesError before anything has run. */
export async function runPlan(options: RunOptions): Promise<FinishedRun> {
  const { matrix, plan } = options;
  const startedAt = systemClock.now();
  const start = nanoseconds();
  const expansion = expandPlan(matrix, plan, { seed: options.seed });
  const { cells, skipped } = selectCells(expansion, options);
  ensureEngines(cells, await loadEngines(options.engines));
  const { run, folder } = makeRunFolder(options.out, plan.name, startedAt);
  const planted = cells.filter(({ canary }) => canary !== undefined).length;
  options.onStart?.(cells.length - planted, planted);

  const ran = await executeAll(cells, folder, options);
  const byId = new Map(cells.map((cell) => [cell.id, cell]));
  const unjudged = [...ran, ...skipped].sort((a, b) => (a.id < b.id ? -1 : 1));
  const { results, news } = findNews(
    unjudged,
    matrix.knownFailures,
    (entry, { id }) => byId.has(id) && matches(entry.match, caseFacts(byId.get(id)!)),
    isoTime(startedAt).slice(0, 10),
  );
  return finishRun(options.out, folder, { at: startedAt, nanoseconds: start }, results, {
    run,
    plan: plan.name,
    seed: options.seed ?? String(plan.seed),
    news,
    rules: rulesOf(results, matrix),
    removed: expansion.removed.map(({ because, combinations }) => ({ because, combinations })),
    ...onNetwork(options.network),
    ...(options.filter === undefined ? {} : { filter: options.filter }),
    ...(options.shard === undefined ? {} : { shard: `${options.shard.index}/${options.shard.of}` }),
  });
}

/** What the rules that judged some cell ask for. */
function rulesOf(results: readonly CellResult[], { expectations }: Matrix): RunSummary['rules'] {
  const used = new Set(
    results.flatMap(({ rules }) =>
      Object.entries(rules).map(([subject, rule]) => `${subject.split(':')[0]}:${rule}`),
    ),
  );
  const all = [
    ...expectations.messages.map((rule) => ({ ...rule, key: `message:${rule.rule}` })),
    ...expectations.devices.map((rule) => ({ ...rule, key: `device:${rule.rule}` })),
  ];
  return Object.fromEntries(
    all
      .filter(({ key }) => used.has(key))
      .map(({ key, clause, then }) => [key, { clause, expected: expectationText(then) }]),
  );
}

/** Every cell has a result afterwards, whatever became of it. */
async function executeAll(
  cells: readonly Case[],
  folder: string,
  options: RunOptions,
): Promise<CellResult[]> {
  const data: CellWorkerData = {
    runtime: options.runtime ?? RUNTIME_URL,
    engines: options.engines,
    expectations: options.matrix.expectations,
    folder,
    network: options.network ?? 'simulated',
  };
  const results: (CellResult | undefined)[] = cells.map(() => undefined);
  await runPool<Case, CellResult>(cells, {
    threads: options.jobs,
    timeoutMs: options.timeoutMs ?? CELL_TIMEOUT_MS,
    start: () => new Worker(new URL('./cell-worker.ts', import.meta.url), { workerData: data }),
    onEnd: (index, end) => {
      const result =
        'output' in end ? end.output : lostResult(cells[index]!, end.lost, folder, options.network);
      results[index] = result;
      options.onCell?.(result);
    },
    ...(options.signal === undefined ? {} : { signal: options.signal }),
  });
  return cells.map((cell, index) => results[index] ?? notRun(cell, folder));
}

/** The case file is what reproduces the crash; the worker may not have come to write it. */
function lostResult(
  cell: Case,
  reason: string,
  folder: string,
  network: NetworkKind | undefined,
): CellResult {
  mkdirSync(join(folder, dirname(casePath(cell.id))), { recursive: true });
  writeFileSync(join(folder, casePath(cell.id)), writeCase(cell));
  return { ...unrunResult(cell, 'infra-error', reason), ...onNetwork(network), casePath: casePath(cell.id) };
}

function notRun(cell: Case, folder: string): CellResult {
  rmSync(join(folder, dirname(casePath(cell.id))), { recursive: true, force: true });
  return unrunResult(cell, 'not-run', 'the run was interrupted');
}
