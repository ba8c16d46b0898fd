import type { Combination } from '../facts/case-facts.ts';
import { type Matrix, named } from '../load.ts';
import type { Plan } from '../schema/plan.ts';
import { withMls } from './with-mls.ts';

/** The axes of every case id, sorted. */
export const ALL_AXES = [
  'carrierA',
  'carrierB',
  'network',
  'policy',
  'recipient',
  'scenario',
  'sender',
] as const;
/** Axes that only plans have which vary them. */
export const MLS_AXES = ['cipherSuite', 'recipientEngine', 'senderEngine'] as const;
export type Axis = (typeof ALL_AXES)[number] | (typeof MLS_AXES)[number];

type OverAxes<T> = Readonly<
  Record<(typeof ALL_AXES)[number], T> & Partial<Record<(typeof MLS_AXES)[number], T>>
>;

/** One value for each axis. */
export type Axes = OverAxes<string>;

/** The values each axis may take, in the order of the plan, or of the names where the plan says `all`. */
export type Dimensions = OverAxes<readonly string[]>;

/** The axes that a plan has, sorted. */
export function axesOf(dimensions: Dimensions): readonly Axis[] {
  return [...ALL_AXES, ...MLS_AXES].filter((axis) => dimensions[axis] !== undefined).sort();
}

export function planDimensions(matrix: Matrix, plan: Plan): Dimensions {
  const { sender, recipient, carrierA, carrierB, network, policy, cipherSuite } = plan.dimensions;
  return {
    ...(cipherSuite && { cipherSuite: [...new Set(cipherSuite.map(String))] }),
    ...(recipient.engines && { recipientEngine: [...new Set(recipient.engines)] }),
    ...(sender.engines && { senderEngine: [...new Set(sender.engines)] }),
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
  const phone = (name: string, engine: Axis) =>
    withMls(matrix, named(matrix.devices, name, 'device'), axes[engine], axes['cipherSuite']);
  return {
    scenario: named(matrix.scenarios, at('scenario'), 'scenario').name,
    sender: phone(at('sender'), 'senderEngine'),
    recipient: phone(at('recipient'), 'recipientEngine'),
    carrierA: named(matrix.carriers, at('carrierA'), 'carrier'),
    carrierB: named(matrix.carriers, at('carrierB'), 'carrier'),
    network: named(matrix.networks, at('network'), 'network'),
    policy: named(matrix.policies, at('policy'), 'policy'),
  };
}

/** Every combination, the last axis turning fastest. */
export function* product(dimensions: Dimensions): Generator<Axes> {
  const all = axesOf(dimensions);
  const sizes = all.map((axis) => dimensions[axis]!.length);
  const total = sizes.reduce((product, size) => product * size, 1);
  for (let index = 0; index < total; index += 1) {
    let rest = index;
    const axes: Record<string, string> = {};
    for (let at = all.length - 1; at >= 0; at -= 1) {
      const size = sizes[at]!;
      axes[all[at]!] = dimensions[all[at]!]![rest % size]!;
      rest = Math.floor(rest / size);
    }
    yield axes as Axes;
  }
}
