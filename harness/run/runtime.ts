import type { Case } from '../../matrix/schema/case.ts';
import type { Expectations } from '../../matrix/schema/plan.ts';
import type { Verdict } from '../../reports/result.ts';
import type { TraceEntry } from '../../reports/trace.ts';
import { type Explanation, explain } from '../oracle/explain.ts';
import { judge } from '../oracle/judge.ts';
import { type CaseOptions, runCase } from '../world/run-case.ts';

/** What executing a cell needs; a worker thread imports a module that exports one as `runtime`. */
export interface Runtime {
  runCase(
    cell: Case,
    options?: CaseOptions,
  ): Promise<{
    readonly trace: readonly TraceEntry[];
    readonly virtualMs: number;
    readonly cryptoNs: bigint;
    readonly nondeterministic?: string;
  }>;
  judge(cell: Case, trace: readonly TraceEntry[], expectations: Expectations): Verdict;
  /** Which rule judges each message and device of a case, and why those above it do not. */
  explain(cell: Case, expectations: Expectations): readonly Explanation[];
}

export const runtime: Runtime = { runCase, judge, explain };
