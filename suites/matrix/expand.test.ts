import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { buildCase } from '../../matrix/expand/build-case.ts';
import { ALL_AXES, type Axes, planDimensions, product } from '../../matrix/expand/dimensions.ts';
import { caseFacts, type FactSheet } from '../../matrix/facts/index.ts';
import { expandPlan, matches, messageFacts } from '../../matrix/index.ts';
import type { Matrix } from '../../matrix/load.ts';
import type { Case } from '../../matrix/schema/case.ts';
import { type Plan, planSchema } from '../../matrix/schema/plan.ts';
import { expansionOf, matrix } from './support/build.ts';

/** All phones with all, on enough carriers and networks: all of those too would be millions of combinations. */
const carriers = ['no-rcs', 'tls-only', 'up24', 'up30-e2ee', 'up30-e2ee-off'];
const everything = {
  sender: { devices: 'all' },
  recipient: { devices: 'all' },
  carrierA: { carriers },
  carrierB: { carriers },
  network: ['lte', 'roaming-2g', 'wifi-lossy'],
  policy: 'all',
} as const;

function plan(fields: Readonly<Record<string, unknown>>): Plan {
  const base = {
    name: 'test',
    title: '',
    scenarios: ['comes-back', 'must-encrypt', 'onboarding', 'one-to-one'],
    dimensions: everything,
    canaries: 'all',
    strategy: { kind: 'full' },
  };
  return planSchema.parse({ ...base, ...fields });
}

const small = {
  sender: { devices: ['pixel-up30', 'joyn-android', 'aosp-sms'] },
  recipient: { devices: ['iphone-up30', 'joyn-ios', 'iphone-17-sms'] },
  carrierA: { carriers: ['up30-e2ee', 'tls-only'] },
  carrierB: { carriers: ['up24', 'up30-e2ee'] },
  network: ['lte', 'roaming-2g'],
  policy: ['default', 'regulated'],
};
const noSmsToSms = {
  if: { 'sender.rcs': 'no' },
  // biome-ignore lint/suspicious/noThenProperty: plain data, its value is never callable
  then: { 'recipient.rcs': 'yes' },
  because: 'no SMS to SMS',
};

const planted = (cells: readonly Case[]) => cells.filter((cell) => cell.canary !== undefined);
const plain = (cells: readonly Case[]) => cells.filter((cell) => cell.canary === undefined);
const ids = (cells: readonly { readonly id: string }[]) => cells.map((cell) => cell.id);

describe('the plans of the repository', () => {
  test.each([...matrix.plans.values()].map((one) => [one.name, one] as const))(
    '%s covers what it promises',
    (_name, one) => {
      const { coverage, cells } = expansionOf(one.name);
      if (one.strategy.kind !== 'sample') expect(coverage.covered).toBe(coverage.feasible);
      expect(new Set(ids(cells)).size).toBe(cells.length);
    },
  );

  test('default is a run of at least 320 cells', () => {
    expect(plain(expansionOf('default').cells).length).toBeGreaterThanOrEqual(320);
  });

  test('smoke is a matter of 20 to 30 cells, with every value of every axis in one', () => {
    const { cells } = expansionOf('smoke');
    expect(cells.length).toBeGreaterThanOrEqual(20);
    expect(cells.length).toBeLessThanOrEqual(30);
    const dimensions = planDimensions(matrix, matrix.plans.get('smoke')!);
    for (const axis of ALL_AXES) {
      expect([...new Set(plain(cells).map((cell) => cell.axes[axis]))].sort(), axis).toEqual(
        [...dimensions[axis]].sort(),
      );
    }
  });
});

describe('the same matrix, plan and seed', () => {
  test.each(['t-wise', 'sample'])('give the same cells, byte for byte (%s)', (kind) => {
    const one = plan({ strategy: kind === 't-wise' ? { kind, strength: 2 } : { kind, cells: 40 } });
    const [first, second, other] = ['a', 'a', 'b'].map((seed) => expandPlan(matrix, one, { seed }));
    expect(JSON.stringify(second)).toBe(JSON.stringify(first));
    expect(ids(other!.cells)).not.toEqual(ids(first!.cells));
  });

  test('a seed of the caller goes before that of the plan, into the seed of every cell', () => {
    const one = plan({ strategy: { kind: 'sample', cells: 2 }, seed: 'mine' });
    for (const cell of expandPlan(matrix, one).cells) expect(cell.seed).toBe(`mine/${cell.id}`);
    for (const cell of expandPlan(matrix, one, { seed: 'yours' }).cells)
      expect(cell.seed).toBe(`yours/${cell.id}`);
  });
});

describe('full', () => {
  test('is the product of all axes', () => {
    const { cells, coverage } = expandPlan(
      matrix,
      plan({ dimensions: small, scenarios: ['one-to-one'], canaries: 'all' }),
    );
    expect(plain(cells)).toHaveLength(3 * 3 * 2 * 2 * 2 * 2);
    expect(coverage).toEqual({ strength: 7, feasible: 144, covered: 144 });
    expect(ids(plain(cells))).toEqual(ids(plain(cells)).sort());
  });
});

describe('constraints, skips and focus', () => {
  test('a constraint removes what it forbids, counted once and with its reason', () => {
    const again = { ...noSmsToSms, because: 'said before' };
    const { cells, removed } = expandPlan(
      matrix,
      plan({ dimensions: small, scenarios: ['one-to-one'], constraints: [noSmsToSms, again] }),
    );
    expect(removed).toEqual([
      { because: 'no SMS to SMS', combinations: 16 },
      { because: 'said before', combinations: 0 },
    ]);
    expect(plain(cells)).toHaveLength(144 - 16);
    expect(
      cells.some((cell) => cell.axes['sender'] === 'aosp-sms' && cell.axes['recipient'] === 'iphone-17-sms'),
    ).toBe(false);
  });

  test('a skipped cell is no cell, and is told with its reason', () => {
    const skip = [{ match: { network: 'roaming-2g' }, because: 'slow' }];
    const { cells, skipped } = expandPlan(
      matrix,
      plan({ dimensions: small, scenarios: ['onboarding'], skip }),
    );
    expect(plain(cells)).toHaveLength(72);
    expect(skipped).toHaveLength(72);
    for (const cell of skipped)
      expect(cell).toMatchObject({ because: 'slow', axes: { network: 'roaming-2g' } });
  });

  test('a focus adds the cells that its strategy chooses in its region', () => {
    const match = { 'both.mlsUsable': true };
    const focus = [{ match, strategy: { kind: 'full' }, because: 'MLS' }];
    const { cells } = expandPlan(
      matrix,
      plan({ dimensions: small, scenarios: 'all', strategy: { kind: 'sample', cells: 1 }, focus }),
    );
    const inside = plain(cells).filter((cell) => matches(match, caseFacts(cell)));
    // pixel-up30 to iphone-up30, from either E2EE carrier to up30-e2ee, 2 networks, 2 policies, every scenario
    expect(inside).toHaveLength(2 * 2 * 2 * matrix.scenarios.size);
    expect(plain(cells).length - inside.length).toBeLessThanOrEqual(1);
  });
});

describe('t-wise', () => {
  test('holds every feasible tuple, counted here by brute force, under any constraints', () => {
    const values = (axis: 'sender' | 'recipient' | 'carrierA' | 'network' | 'policy') =>
      fc.constantFrom(
        ...(axis === 'sender' || axis === 'recipient'
          ? small[axis].devices
          : axis === 'carrierA'
            ? small.carrierA.carriers
            : small[axis]),
      );
    const condition = fc
      .constantFrom('sender', 'recipient', 'carrierA', 'network', 'policy')
      .chain((axis) => values(axis as 'sender').map((value) => ({ [axis]: value })));
    const derived = fc.constantFrom(
      { 'both.mlsUsable': true },
      { 'sender.rcsUsable': false },
      { 'carriers.e2ee': 'all' },
    );
    const constraint = fc.record({
      if: fc.oneof(condition, derived),
      // biome-ignore lint/suspicious/noThenProperty: plain data, its value is never callable
      then: condition.map((one) =>
        Object.fromEntries(Object.entries(one).map(([key, value]) => [key, { not: value }])),
      ),
      because: fc.constant('so'),
    });
    fc.assert(
      fc.property(
        fc.array(constraint, { maxLength: 4 }),
        fc.integer({ min: 1, max: 3 }),
        fc.string(),
        (constraints, strength, seed) => {
          const one = plan({
            dimensions: small,
            scenarios: ['onboarding'],
            constraints,
            strategy: { kind: 't-wise', strength },
            seed,
          });
          const { cells, coverage } = expandPlan(matrix, one);
          const wanted = tuples(feasible(matrix, one), strength);
          const found = tuples(
            plain(cells).map((cell) => cell.axes as Axes),
            strength,
          );
          expect(found).toEqual(wanted);
          expect(coverage).toEqual({ strength, feasible: wanted.size, covered: wanted.size });
        },
      ),
      { numRuns: 25 },
    );
  });

  test('needs few cells', () => {
    const { cells } = expandPlan(matrix, plan({ strategy: { kind: 't-wise', strength: 2 } }));
    // The pairs of phones alone need the square.
    expect(plain(cells).length).toBeLessThanOrEqual(matrix.devices.size ** 2 * 1.2);
  });
});

describe('sample', () => {
  test('a device more moves no cell but those whose place it takes', () => {
    const one = plan({ strategy: { kind: 'sample', cells: 200 } });
    const { 'joyn-ios': _gone, ...rest } = Object.fromEntries(matrix.devices);
    const fewer: Matrix = { ...matrix, devices: new Map(Object.entries(rest)) };
    const before = ids(plain(expandPlan(fewer, one).cells));
    const after = ids(plain(expandPlan(matrix, one).cells));
    const brought = after.filter((id) => id.includes('joyn-ios')).length;
    const lost = before.filter((id) => !after.includes(id)).length;
    expect(brought).toBeGreaterThan(0);
    expect(lost).toBeLessThanOrEqual(brought);
  });

  test('of more cells than there are is all of them', () => {
    const { cells } = expandPlan(
      matrix,
      plan({ dimensions: small, scenarios: ['onboarding'], strategy: { kind: 'sample', cells: 10_000 } }),
    );
    expect(plain(cells)).toHaveLength(144);
  });
});

describe('a cell', () => {
  test('is written out in full: phones, numbers, carriers, network, policy, steps', () => {
    const [cell] = plain(expandPlan(matrix, plan({ dimensions: small, scenarios: ['one-to-one'] })).cells);
    expect(cell!.id).toBe(
      'carrierA=tls-only,carrierB=up24,network=lte,policy=default,recipient=iphone-17-sms,scenario=one-to-one,sender=aosp-sms',
    );
    expect(cell!.roles).toEqual({
      alice: { device: matrix.devices.get('aosp-sms'), carrier: 'A', msisdn: '+999900100001' },
      bob: { device: matrix.devices.get('iphone-17-sms'), carrier: 'B', msisdn: '+999900200002' },
    });
    expect(cell!.carriers).toEqual({ A: matrix.carriers.get('tls-only'), B: matrix.carriers.get('up24') });
    expect(cell!.network).toEqual(matrix.networks.get('lte'));
    expect(cell!.policy).toEqual(matrix.policies.get('default'));
    expect(cell!.steps).toEqual(matrix.scenarios.get('one-to-one')!.steps);
  });
});

describe('the canaries', () => {
  const canaries = planted(expansionOf('smoke').cells);

  test('stand behind the other cells, with their name as an axis of their own', () => {
    const { cells } = expansionOf('smoke');
    expect(cells.slice(-canaries.length)).toEqual(canaries);
    for (const cell of canaries) expect(cell.id).toMatch(/^canary=[a-z-]+,carrierA=/);
  });

  test('carry their fault on the planted side alone', () => {
    const [leak, downgrade] = canaries;
    expect(leak!.canary).toEqual({ rule: 'I1-confidentiality', side: 'carrier:B' });
    expect(leak!.carriers.B.quirks).toEqual(['substitute-key-packages']);
    expect(leak!.carriers.A.quirks).toEqual([]);
    expect(downgrade!.canary).toEqual({ rule: 'I2-no-silent-downgrade', side: 'device:alice' });
    expect(downgrade!.roles['alice']!.device.quirks).toEqual(['silent-downgrade']);
    expect(downgrade!.roles['bob']!.device.quirks).toEqual([]);
  });

  test('are cells in which, but for the fault, everything would be encrypted', () => {
    for (const cell of canaries)
      expect(caseFacts(cell)).toMatchObject({ 'both.mlsUsable': true, canary: cell.axes['canary'] });
    const send = canaries[0]!.steps.flatMap((step) => ('send' in step ? [step.send] : []))[0]!;
    expect(messageFacts(canaries[0]!, send)).toMatchObject({
      'recipient.carrier.quirks.substitute-key-packages': true,
    });
  });
});

/** The product filtered by the constraints as they are written, with the facts of whole cases. */
function feasible(from: Matrix, one: Plan): Axes[] {
  return [...product(planDimensions(from, one))].filter((axes) => {
    const facts: FactSheet = caseFacts(buildCase(from, axes, ''));
    return one.constraints.every(
      (constraint) => !matches(constraint.if, facts) || matches(constraint.then, facts),
    );
  });
}

function tuples(cells: readonly Axes[], strength: number): Set<string> {
  const found = new Set<string>();
  const extend = (axes: Axes, from: number, tuple: string[]): void => {
    if (tuple.length === strength) found.add(tuple.join(','));
    else
      for (let at = from; at < ALL_AXES.length; at += 1)
        extend(axes, at + 1, [...tuple, `${ALL_AXES[at]}=${axes[ALL_AXES[at]!]}`]);
  };
  for (const axes of cells) extend(axes, 0, []);
  return new Set([...found].sort());
}
