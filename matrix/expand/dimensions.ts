import type { Combination } from '../facts/case-facts.ts';
import { type Matrix, named } from '../load.ts';
import type { Plan } from '../schema/plan.ts';

/** The axes of a case id, sorted. */
export const ALL_AXES = [
  'carrierA',
  'carrierB',
  'network',
  'policy',
  'recipient',
  'scenario',
  'sender',
] as const;
export type Axis = (typeof ALL_AXES)[number];

/** One value for each axis. */
export type Axes = Readonly<Record<Axis, string>>;

/** The values each axis may take, in the order of the plan, or of the names where the plan says `all`. */
export type Dimensions = Readonly<Record<Axis, readonly string[]>>;

export function planDimensions(matrix: Matrix, plan: Plan): Dimensions {
  const { sender, recipient, carrierA, carrierB, network, policy } = plan.dimensions;
  return {
    carrierA: namesIn(carrierA.carriers, matrix.carriers),
    carrierB: namesIn(carrierB.carriers, matrix.carriers),
    network: namesIn(network, matrix.networks),
    policy: namesIn(policy, matrix.policies),
    recipient: namesIn(recipient.devices, matrix.devices),
    scenario: namesIn(plan.scenarios, matrix.scenarios),
    sender: namesIn(sender.devices, matrix.devices),
  };
}

export function namesIn(
  written: 'all' | readonly string[],
  known: ReadonlyMap<string, unknown>,
): readonly string[] {
  return written === 'all' ? [...known.keys()] : [...new Set(written)];
}

/** What the names on the axes stand for. Throws RangeError for a name that is not in the matrix. */
export function resolve(matrix: Matrix, axes: Readonly<Record<string, string>>): Combination {
  const at = (axis: Axis): string => axes[axis] ?? '';
  return {
    scenario: named(matrix.scenarios, at('scenario'), 'scenario').name,
    sender: named(matrix.devices, at('sender'), 'device'),
    recipient: named(matrix.devices, at('recipient'), 'device'),
    carrierA: named(matrix.carriers, at('carrierA'), 'carrier'),
    carrierB: named(matrix.carriers, at('carrierB'), 'carrier'),
    network: named(matrix.networks, at('network'), 'network'),
    policy: named(matrix.policies, at('policy'), 'policy'),
  };
}

/** Every combination, the last axis turning fastest. */
export function* product(dimensions: Dimensions): Generator<Axes> {
  const sizes = ALL_AXES.map((axis) => dimensions[axis].length);
  const total = sizes.reduce((all, size) => all * size, 1);
  for (let index = 0; index < total; index += 1) {
    let rest = index;
    const axes: Record<string, string> = {};
    for (let at = ALL_AXES.length - 1; at >= 0; at -= 1) {
      const size = sizes[at]!;
      axes[ALL_AXES[at]!] = dimensions[ALL_AXES[at]!][rest % size]!;
      rest = Math.floor(rest / size);
    }
    yield axes as Axes;
  }
}
