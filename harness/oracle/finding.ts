import type { Failure } from '../../reports/result.ts';
import type { OracleContext } from './context.ts';

/** What a rule or an invariant found. */
export interface Finding {
  readonly failures: readonly Failure[];
  /** Positive facts established: what was seen to be right, never what was merely not seen to be wrong. */
  readonly evidence: number;
}

/** A promise that holds in every cell. */
export interface Invariant {
  readonly id: string;
  readonly title: string;
  readonly clause: string;
  readonly check: (context: OracleContext) => Finding;
}
