import type { Matrix } from '../load.ts';
import type { Plan } from '../schema/plan.ts';
import { type Axes, type Dimensions, planDimensions, product } from './dimensions.ts';
import { region } from './region.ts';

export interface Removal {
  readonly because: string;
  readonly combinations: number;
}

/** All that a plan could run, and what its constraints took away. */
export interface Space {
  readonly dimensions: Dimensions;
  /** Combinations that no constraint removes, in the order of the product. */
  readonly feasible: readonly Axes[];
  /** In the order of the constraints; each removed combination counts once, for the first that removes it. */
  readonly removed: readonly Removal[];
}

/** Throws ConditionError for a constraint over facts that there are not. */
export function planSpace(matrix: Matrix, plan: Plan): Space {
  const dimensions = planDimensions(matrix, plan);
  const constraints = plan.constraints.map((one) => ({
    applies: region(matrix, one.if),
    allows: region(matrix, one.then),
    because: one.because,
    combinations: 0,
  }));
  const feasible: Axes[] = [];
  for (const axes of product(dimensions)) {
    const broken = constraints.find((one) => one.applies(axes) && !one.allows(axes));
    if (broken === undefined) feasible.push(axes);
    else broken.combinations += 1;
  }
  const removed = constraints.map(({ because, combinations }) => ({ because, combinations }));
  return { dimensions, feasible, removed };
}
