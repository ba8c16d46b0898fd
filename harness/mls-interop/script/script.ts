import type { Step } from './schema.ts';

/** A step and where it is written. */
export interface PlacedStep {
  readonly step: Step;
  /** Place among the steps that are carried out, from 1. */
  readonly number: number;
  readonly line: number;
  /** `scripts[0].steps[2].commit`. */
  readonly field: string;
}

/** One script, read and checked. */
export interface Script {
  /** `FILE/NAME`, the file without its folder and ending. */
  readonly id: string;
  readonly title: string;
  readonly file: string;
  readonly handshake: readonly ('public' | 'private')[];
  readonly tree: readonly ('inside' | 'beside')[];
  readonly assignments: 'all' | 'rotated';
  /** In the order in which they first act. */
  readonly actors: readonly string[];
  readonly steps: readonly PlacedStep[];
}

/** `commit` of `{ commit: { from: alice } }`. */
export function verbOf(step: Step): string {
  return Object.keys(step)[0]!;
}
