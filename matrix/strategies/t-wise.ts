import { createRequire } from 'node:module';
import { uncovered } from '../expand/coverage.ts';
import { type Axes, type Axis, axesOf, type Dimensions } from '../expand/dimensions.ts';

/** CommonJS that calls itself an ES module: what `import` makes of it differs between Node and bundlers. */
const covertable = createRequire(import.meta.url)('covertable') as typeof import('covertable');

type Row = Readonly<Record<Axis, string>>;

/**
 * Few combinations that hold every feasible combination of values of any `strength` axes: covertable's greedy
 * algorithm with a hash of the seed for its ties. What it may leave out under constraints is added from the feasible
 * ones, so that the promise holds whatever the library does.
 */
export function tWise(
  dimensions: Dimensions,
  feasible: readonly Axes[],
  strength: number,
  seed: string,
): Axes[] {
  if (feasible.length === 0) return [];
  const possible = feasibility(dimensions, feasible);
  const rows = covertable.make(factors(dimensions), {
    length: strength,
    seed,
    sorter: covertable.sorters.hash,
    criterion: covertable.criteria.greedy,
    preFilter: (row: Readonly<Record<string, string>>) => possible(row),
  }) as Row[];
  const chosen = rows.map((row) => ordered(dimensions, row)).filter(possible);
  return [...chosen, ...uncovered(dimensions, feasible, chosen, strength)];
}

/** Whether a partial combination can be completed to a feasible one: the axes' bit sets of feasible positions meet. */
function feasibility(dimensions: Dimensions, feasible: readonly Axes[]): (row: Partial<Row>) => boolean {
  const words = Math.ceil(feasible.length / 32);
  const all = axesOf(dimensions);
  const sets = all.map((axis) => new Map(dimensions[axis]!.map((value) => [value, new Uint32Array(words)])));
  feasible.forEach((axes, position) => {
    all.forEach((axis, at) => {
      const set = sets[at]!.get(axes[axis]!)!;
      set[position >>> 5]! |= 1 << (position & 31);
    });
  });
  return (row) => {
    const chosen = all.flatMap((axis, at) => {
      const value = Object.hasOwn(row, axis) ? row[axis] : undefined;
      return value === undefined ? [] : [sets[at]!.get(value)!];
    });
    for (let word = 0; word < words; word += 1) {
      let meet = -1;
      for (const set of chosen) meet &= set[word]!;
      if (meet !== 0) return true;
    }
    return false;
  };
}

function factors(dimensions: Dimensions): Record<Axis, string[]> {
  return Object.fromEntries(axesOf(dimensions).map((axis) => [axis, [...dimensions[axis]!]])) as Record<
    Axis,
    string[]
  >;
}

function ordered(dimensions: Dimensions, row: Row): Axes {
  return Object.fromEntries(axesOf(dimensions).map((axis) => [axis, row[axis]])) as unknown as Axes;
}
