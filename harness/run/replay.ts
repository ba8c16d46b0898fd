import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { caseHash, writeCase } from '../../matrix/index.ts';
import type { Case } from '../../matrix/schema/case.ts';
import type { Expectations } from '../../matrix/schema/plan.ts';
import type { CellResult } from '../../reports/result.ts';
import type { TraceEntry } from '../../reports/trace.ts';
import { writeTrace } from '../../reports/trace-lines.ts';
import type { CaseOptions } from '../world/run-case.ts';
import { caseArgument } from './case-argument.ts';
import { executeCell } from './execute-cell.ts';
import { ensureEngines } from './load-engines.ts';
import type { Runtime } from './runtime.ts';
import { UsageError } from './usage-error.ts';

/** How the new trace stands to the `trace.jsonl` beside the case file; `line` counts from 1. */
export type Comparison =
  | { readonly kind: 'nothing-to-compare' }
  | { readonly kind: 'identical'; readonly bytes: number }
  | { readonly kind: 'different'; readonly line: number; readonly recorded: string; readonly now: string };

export interface Replay {
  readonly cell: Case;
  readonly result: CellResult;
  readonly trace: readonly TraceEntry[];
  readonly tracePath: string;
  readonly comparison: Comparison;
}

/**
 * Runs one case file alone and writes `case.yaml` and `trace.jsonl` to `out`, or to `out/replay/HASH` when that is
 * not given. Throws UsageError for what is no case file, and when `out` would overwrite what it compares with, and
 * EnginesError when a phone's MLS engine is not among `engines`.
 */
export async function replayFile(
  path: string,
  out: string | undefined,
  expectations: Expectations,
  runtime: Runtime,
  how: Omit<CaseOptions, 'nanoseconds'> = {},
): Promise<Replay> {
  const cell = caseArgument(path);
  ensureEngines([cell], how.engines ?? {});
  const folder = out ?? join('out', 'replay', caseHash(cell));
  const recordedPath = join(dirname(path), 'trace.jsonl');
  const tracePath = join(folder, 'trace.jsonl');
  if (join(tracePath) === join(recordedPath)) {
    throw new UsageError(`--out ${folder} holds the recorded trace; choose another folder`);
  }
  const recorded = existsSync(recordedPath) ? readFileSync(recordedPath, 'utf8') : undefined;
  const { result, trace } = await executeCell(cell, expectations, runtime, how);
  const written = writeTrace(trace);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'case.yaml'), writeCase(cell));
  writeFileSync(tracePath, written);
  return { cell, result, trace, tracePath, comparison: compareTraces(recorded, written) };
}

export function compareTraces(recorded: string | undefined, now: string): Comparison {
  if (recorded === undefined) return { kind: 'nothing-to-compare' };
  if (recorded === now) return { kind: 'identical', bytes: Buffer.byteLength(now) };
  const before = recorded.split('\n');
  const after = now.split('\n');
  const at = before.findIndex((line, index) => line !== after[index]);
  const line = at < 0 ? before.length : at;
  return { kind: 'different', line: line + 1, recorded: before[line] ?? '', now: after[line] ?? '' };
}
