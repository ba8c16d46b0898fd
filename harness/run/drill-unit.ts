import { createHash } from 'node:crypto';
import type { CellResult } from '../../reports/result.ts';

/** One part of a drill, with a result like that of a cell. */
export interface DrillUnit {
  readonly id: string;
  readonly axes: Readonly<Record<string, string>>;
  readonly seed: string;
  /** All that it follows from, besides its id and seed. */
  readonly size: number;
}

/** Where a drill writes, and who is told. */
export interface DrillRun {
  readonly folder: string;
  readonly jobs: number;
  readonly signal?: AbortSignal | undefined;
  readonly onResult: (result: CellResult) => void;
}

export function unjudged(unit: DrillUnit, outcome: CellResult['outcome'], reason?: string): CellResult {
  const { id, axes, seed, size } = unit;
  return {
    id,
    hash: createHash('sha256').update(`${id} ${size} ${seed}`).digest('hex').slice(0, 16),
    axes,
    outcome,
    ...(reason === undefined ? {} : { reason }),
    failures: [],
    rules: {},
    evidence: 0,
    durationMs: 0,
    virtualMs: 0,
    cryptoMs: 0,
    seed,
  };
}
