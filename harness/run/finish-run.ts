import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeReport } from '../../reports/html/write-report.ts';
import type { CellResult, RunSummary } from '../../reports/result.ts';
import { countOutcomes, writeResults } from '../../reports/results-lines.ts';
import { isoTime, millisecondsSince } from '../ports/system-clock.ts';
import { exitCode } from './news.ts';
import { pointLatest } from './run-folder.ts';
import { shownPath } from './shown-path.ts';
import { versions } from './versions.ts';

export interface FinishedRun {
  readonly folder: string;
  readonly summary: RunSummary;
  /** Sorted by id. */
  readonly results: readonly CellResult[];
}

type Told = 'run' | 'plan' | 'seed' | 'news' | 'rules' | 'removed' | 'network' | 'filter' | 'shard';

/** Writes `results.jsonl`, `summary.json` and the report into the run's folder, and points `latest` at it. */
export function finishRun(
  out: string,
  folder: string,
  started: { readonly at: number; readonly nanoseconds: bigint },
  results: readonly CellResult[],
  told: Pick<RunSummary, Told>,
): FinishedRun {
  const canaries = results.flatMap(({ canary }) => (canary === undefined ? [] : [canary]));
  const { run, plan, seed, ...rest } = told;
  const summary: RunSummary = {
    run,
    plan,
    seed,
    versions: versions(),
    startedAt: isoTime(started.at),
    wallMs: Math.round(millisecondsSince(started.nanoseconds)),
    cells: results.length - canaries.length,
    counts: countOutcomes(results),
    canaries: { planted: canaries.length, caught: canaries.filter(({ caught }) => caught).length },
    ...rest,
    exitCode: exitCode(results, told.news),
  };
  writeFileSync(join(folder, 'summary.json'), `${JSON.stringify(summary, null, 2)}\n`);
  writeFileSync(join(folder, 'results.jsonl'), writeResults(results));
  writeReport(folder, shownPath(folder));
  pointLatest(out, run);
  return { folder, summary, results };
}
