import { type Axes, type Axis, axesOf, type Dimensions } from './dimensions.ts';

/** How many feasible t-tuples (values of any `strength` axes that occur together) there are, and how many a plan's cells hold. */
export interface Coverage {
  readonly strength: number;
  readonly feasible: number;
  readonly covered: number;
}

/** Counts t-tuples with nothing of the generator: from the feasible combinations and the cells alone. */
export function coverage(
  dimensions: Dimensions,
  feasible: readonly Axes[],
  cells: readonly Axes[],
  strength: number,
): Coverage {
  const possible = new TupleSet(dimensions, strength);
  for (const axes of feasible) possible.add(axes);
  const reached = new TupleSet(dimensions, strength);
  for (const axes of cells) reached.add(axes);
  return { strength, feasible: possible.size, covered: reached.countIn(possible) };
}

/** Feasible combinations that, added in this order, bring what `cells` still lack; none when they lack nothing. */
export function uncovered(
  dimensions: Dimensions,
  feasible: readonly Axes[],
  cells: readonly Axes[],
  strength: number,
): Axes[] {
  const reached = new TupleSet(dimensions, strength);
  for (const axes of cells) reached.add(axes);
  return feasible.filter((axes) => reached.add(axes) > 0);
}

/** A set of t-tuples: for each choice of axes one byte a tuple, at its mixed-radix number. */
class TupleSet {
  size = 0;
  readonly #choices: readonly (readonly Axis[])[];
  readonly #ranks: Readonly<Record<string, ReadonlyMap<string, number>>>;
  readonly #marks: readonly Uint8Array[];

  constructor(dimensions: Dimensions, strength: number) {
    const axes = axesOf(dimensions);
    this.#choices = choose(axes, Math.min(strength, axes.length));
    this.#ranks = Object.fromEntries(
      axes.map((axis) => [axis, new Map(dimensions[axis]!.map((value, rank) => [value, rank]))]),
    );
    this.#marks = this.#choices.map(
      (choice) => new Uint8Array(choice.reduce((all, axis) => all * dimensions[axis]!.length, 1)),
    );
  }

  /** How many tuples of `axes` were new. */
  add(axes: Axes): number {
    let fresh = 0;
    this.#choices.forEach((choice, index) => {
      const marks = this.#marks[index]!;
      const at = this.#number(choice, axes);
      if (marks[at] === 0) fresh += 1;
      marks[at] = 1;
    });
    this.size += fresh;
    return fresh;
  }

  countIn(other: TupleSet): number {
    return this.#marks.reduce(
      (all, marks, index) =>
        all + marks.filter((mark, at) => mark === 1 && other.#marks[index]![at] === 1).length,
      0,
    );
  }

  #number(choice: readonly Axis[], axes: Axes): number {
    let at = 0;
    for (const axis of choice) {
      const ranks = this.#ranks[axis]!;
      at = at * ranks.size + ranks.get(axes[axis]!)!;
    }
    return at;
  }
}

function choose<T>(from: readonly T[], count: number): T[][] {
  if (count === 0) return [[]];
  return from.flatMap((first, index) =>
    choose(from.slice(index + 1), count - 1).map((rest) => [first, ...rest]),
  );
}
