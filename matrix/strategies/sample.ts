import { caseId, hashText } from '../case-id.ts';
import { uncovered } from '../expand/coverage.ts';
import type { Axes, Dimensions } from '../expand/dimensions.ts';

/**
 * `cells` of the feasible combinations in the order of the SHA-256 of seed and id: first those that bring a value
 * which none before them has, so that each value of each axis is there if `cells` allows it, then the rest. A
 * combination's place in that order depends on nothing else, so a matrix that grows moves few cells in or out.
 */
export function sample(
  dimensions: Dimensions,
  feasible: readonly Axes[],
  cells: number,
  seed: string,
): Axes[] {
  const ranked = feasible
    .map((axes) => ({ axes, rank: hashText(`${seed}/${caseId(axes)}`) }))
    .sort((a, b) => (a.rank < b.rank ? -1 : 1))
    .map(({ axes }) => axes);
  return [...new Set([...uncovered(dimensions, ranked, [], 1), ...ranked])].slice(0, cells);
}
