import { caseHash } from '../../matrix/index.ts';
import type { Case } from '../../matrix/schema/case.ts';
import type { Expectations } from '../../matrix/schema/plan.ts';
import type { CellResult, Outcome, Verdict } from '../../reports/result.ts';
import type { TraceEntry } from '../../reports/trace.ts';
import { millisecondsSince, nanoseconds } from '../ports/system-clock.ts';
import type { NetworkKind } from '../world/network-kind.ts';
import type { CaseOptions } from '../world/run-case.ts';
import { UnsupportedByEngine } from '../world/unsupported-by-engine.ts';
import type { Runtime } from './runtime.ts';

export interface ExecutedCell {
  readonly result: CellResult;
  /** Empty when the case could not be run. */
  readonly trace: readonly TraceEntry[];
}

/** Runs and judges one case. Never rejects: what the harness couldn't do is an `infra-error` with the reason. */
export async function executeCell(
  cell: Case,
  expectations: Expectations,
  runtime: Runtime,
  how: Omit<CaseOptions, 'nanoseconds'> = {},
): Promise<ExecutedCell> {
  const start = nanoseconds();
  let trace: readonly TraceEntry[] = [];
  let virtualMs = 0;
  let cryptoMs = 0;
  let nondeterministic: string | undefined;
  let verdict: Verdict;
  try {
    const run = await runtime.runCase(cell, { ...how, nanoseconds });
    trace = run.trace;
    nondeterministic = run.nondeterministic;
    virtualMs = run.virtualMs;
    cryptoMs = Number(run.cryptoNs) / 1e6;
    verdict = runtime.judge(cell, trace, expectations);
  } catch (error) {
    verdict =
      error instanceof UnsupportedByEngine
        ? unestablished('unsupported', error.message)
        : unestablished(
            'infra-error',
            `the harness could not ${trace.length === 0 ? 'run' : 'judge'} the case: ${describe(error)}`,
          );
  }
  const times = { durationMs: rounded(millisecondsSince(start)), virtualMs, cryptoMs: rounded(cryptoMs) };
  const result = { ...cellResult(cell, verdict, times), ...onNetwork(how.network) };
  return { result: nondeterministic === undefined ? result : { ...result, nondeterministic }, trace };
}

/** Only a network other than the simulated one is named. */
export function onNetwork(network: NetworkKind | undefined): Pick<CellResult, 'network'> {
  return network === 'sockets' ? { network } : {};
}

interface Times {
  readonly durationMs: number;
  readonly virtualMs: number;
  readonly cryptoMs: number;
}

export function cellResult(cell: Case, verdict: Verdict, times: Times): CellResult {
  const first = verdict.failures[0];
  const rule = first?.rule ?? Object.values(verdict.rules)[0];
  return {
    id: cell.id,
    hash: caseHash(cell),
    axes: cell.axes,
    outcome: verdict.outcome,
    ...(rule === undefined ? {} : { rule }),
    ...(first === undefined ? {} : { blame: first.blame }),
    ...(verdict.reason === undefined ? {} : { reason: verdict.reason }),
    failures: verdict.failures,
    rules: verdict.rules,
    evidence: verdict.evidence,
    ...times,
    seed: cell.seed,
    ...(cell.canary === undefined
      ? {}
      : { canary: { ...cell.canary, caught: caught(cell.canary, verdict) } }),
  };
}

/** A cell that did not run to its end. */
export function unrunResult(
  cell: Case,
  outcome: 'infra-error' | 'not-run' | 'skipped',
  reason: string,
): CellResult {
  return cellResult(cell, unestablished(outcome, reason), { durationMs: 0, virtualMs: 0, cryptoMs: 0 });
}

/** The verdict must lead with the planted rule, and blame nobody but the planted side for anything. */
function caught(canary: NonNullable<Case['canary']>, { failures }: Verdict): boolean {
  return failures[0]?.rule === canary.rule && failures.every((failure) => failure.blame.side === canary.side);
}

/** A verdict that rests on no trace. */
function unestablished(outcome: Outcome, reason: string): Verdict {
  return { outcome, rules: {}, reason, failures: [], evidence: 0 };
}

export function describe(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
}

/** Microseconds are as fine as a report needs. */
const rounded = (ms: number): number => Math.round(ms * 1000) / 1000;
