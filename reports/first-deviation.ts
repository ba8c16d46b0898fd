import type { Failure } from './result.ts';
import type { TraceEntry } from './trace.ts';

/**
 * The step that was running when the earliest failure's evidence was written: where the case left its path, which may
 * be long before the step that judged it. Undefined without failures.
 */
export function firstDeviation(
  trace: readonly TraceEntry[],
  failures: readonly Failure[],
): number | undefined {
  const first = failures[0];
  if (first === undefined) return undefined;
  const running = trace.findLast((entry) => entry.kind === 'step' && entry.n <= first.blame.entry);
  return running?.kind === 'step' ? running.index : first.stepIndex;
}
