import { ConditionError, checkCondition } from './condition.ts';
import type { Problem } from './error.ts';
import { ALL_AXES } from './expand/dimensions.ts';
import { probeFacts } from './expand/probe.ts';
import type { LoadedMatrix, Matrix } from './load.ts';
import { CARRIER_QUIRKS } from './schema/carrier.ts';
import type { Condition } from './schema/condition.ts';
import { DEVICE_QUIRKS } from './schema/device.ts';
import { engineFile } from './schema/engine.ts';
import { stepProblems } from './step-references.ts';
import { suggest } from './suggest.ts';
import type { Source } from './yaml-source.ts';

/** What the files of a matrix say of each other: names that exist, roles that are there, facts that are facts. */
export function checkReferences({ matrix, sources }: LoadedMatrix): Problem[] {
  const problems: Problem[] = [];
  for (const [name, scenario] of matrix.scenarios) {
    problems.push(...stepProblems(scenario.steps, Object.keys(scenario.roles), source(`scenarios/${name}`)));
  }
  for (const [name, { mls }] of matrix.devices) {
    if (mls)
      problems.push(...unknownEngine(matrix, mls.engine, ['mls', 'engine'], source(`devices/${name}`)));
  }
  for (const name of matrix.plans.keys())
    problems.push(...planProblems(matrix, name, source(`plans/${name}`)));
  for (const name of matrix.drills.keys()) {
    if (!matrix.plans.has(name)) continue;
    const message = `a plan is called "${name}" too, and --plan takes either`;
    problems.push(source(`drills/${name}`).problemAt(['name'], { message }));
  }
  for (const name of matrix.canaries.keys())
    problems.push(...canaryProblems(matrix, name, source(`canaries/${name}`)));
  if (problems.length === 0) problems.push(...conditionProblems({ matrix, sources }));
  return problems;

  function source(key: string): Source {
    return sources.get(key)!;
  }
}

/** Path in a plan file, names written there, names there are. */
type NameList = readonly [
  path: readonly PropertyKey[],
  written: 'all' | readonly string[],
  known: ReadonlyMap<string, unknown>,
  kind: string,
];

function planProblems(matrix: Matrix, name: string, source: Source): Problem[] {
  const plan = matrix.plans.get(name)!;
  const { sender, recipient, carrierA, carrierB, network, policy } = plan.dimensions;
  const lists: NameList[] = [
    [['scenarios'], plan.scenarios, matrix.scenarios, 'scenario'],
    [['dimensions', 'sender', 'devices'], sender.devices, matrix.devices, 'device'],
    [['dimensions', 'recipient', 'devices'], recipient.devices, matrix.devices, 'device'],
    [['dimensions', 'carrierA', 'carriers'], carrierA.carriers, matrix.carriers, 'carrier'],
    [['dimensions', 'carrierB', 'carriers'], carrierB.carriers, matrix.carriers, 'carrier'],
    [['dimensions', 'network'], network, matrix.networks, 'network'],
    [['dimensions', 'policy'], policy, matrix.policies, 'policy'],
    [['canaries'], plan.canaries, matrix.canaries, 'canary'],
  ];
  const named = lists.flatMap(([path, written, known, kind]) => {
    if (written === 'all') return [];
    return written.flatMap((one, index) => unknownName(one, known.keys(), kind, [...path, index], source));
  });
  const engines = (['sender', 'recipient'] as const).flatMap((role) =>
    (plan.dimensions[role].engines ?? []).flatMap((one, index) =>
      unknownEngine(matrix, one, ['dimensions', role, 'engines', index], source),
    ),
  );
  return [...named, ...engines];
}

function unknownEngine(
  { engines }: Matrix,
  reference: string,
  path: readonly PropertyKey[],
  source: Source,
): Problem[] {
  return unknownName(engineFile(reference), engines.keys(), 'MLS engine', path, source);
}

function canaryProblems(matrix: Matrix, name: string, source: Source): Problem[] {
  const { axes, plant, expect } = matrix.canaries.get(name)!;
  const known: Readonly<Record<string, ReadonlyMap<string, unknown>>> = {
    scenario: matrix.scenarios,
    sender: matrix.devices,
    recipient: matrix.devices,
    carrierA: matrix.carriers,
    carrierB: matrix.carriers,
    network: matrix.networks,
    policy: matrix.policies,
  };
  const missing = ALL_AXES.filter((axis) => axes[axis] === undefined);
  const problems = missing.map((axis) =>
    source.problemAt(['axes'], { message: `the axis ${axis} is missing` }),
  );
  for (const [axis, value] of Object.entries(axes)) {
    const values = known[axis];
    if (values === undefined)
      problems.push(...unknownName(axis, ALL_AXES, 'axis', ['axes', axis], source, true));
    else problems.push(...unknownName(value, values.keys(), axis, ['axes', axis], source));
  }
  if (problems.length > 0) return problems;
  const roles = Object.keys(matrix.scenarios.get(axes['scenario']!)!.roles);
  const sides = [...roles.map((role) => `device:${role}`), 'carrier:A', 'carrier:B'];
  const quirks = plant.side.startsWith('carrier:') ? CARRIER_QUIRKS : DEVICE_QUIRKS;
  return [
    ...unknownName(plant.side, sides, 'side', ['plant', 'side'], source),
    ...unknownName(plant.quirk, quirks, 'quirk of such a side', ['plant', 'quirk'], source),
    ...unknownName(expect.side, sides, 'side', ['expect', 'side'], source),
  ];
}

/** Conditions are tried against the facts of one probe case: all cases have the same facts. */
function conditionProblems({ matrix, sources }: LoadedMatrix): Problem[] {
  const probe = probeFacts(matrix);
  if (probe === undefined) return [];
  const problems: Problem[] = [];
  const check = (
    condition: Condition,
    facts: Readonly<Record<string, unknown>>,
    path: readonly PropertyKey[],
    source: Source,
  ) => {
    for (const [key, matcher] of Object.entries(condition)) {
      try {
        checkCondition({ [key]: matcher }, facts);
      } catch (error) {
        if (!(error instanceof ConditionError)) throw error;
        const { message, suggestion } = error;
        problems.push(
          source.problemAt([...path, key], {
            message,
            key: true,
            ...(suggestion === undefined ? {} : { suggestion }),
          }),
        );
      }
    }
  };
  for (const [name, plan] of matrix.plans) {
    const source = sources.get(`plans/${name}`)!;
    plan.constraints.forEach((one, index) => {
      check(one.if, probe.combination, ['constraints', index, 'if'], source);
      check(one.then, probe.combination, ['constraints', index, 'then'], source);
    });
    plan.focus.forEach((one, index) => {
      check(one.match, probe.combination, ['focus', index, 'match'], source);
    });
    plan.skip.forEach((one, index) => {
      check(one.match, probe.combination, ['skip', index, 'match'], source);
    });
  }
  const table = sources.get('expectations')!;
  matrix.expectations.messages.forEach((rule, index) => {
    check(rule.when, probe.message, ['messages', index, 'when'], table);
  });
  matrix.expectations.devices.forEach((rule, index) => {
    check(rule.when, probe.device, ['devices', index, 'when'], table);
  });
  matrix.knownFailures.forEach((entry, index) => {
    check(
      entry.match,
      { ...probe.combination, canary: 'none' },
      [index, 'match'],
      sources.get('known-failures')!,
    );
  });
  return problems;
}

function unknownName(
  written: string,
  known: Iterable<string>,
  kind: string,
  path: readonly PropertyKey[],
  source: Source,
  key = false,
): Problem[] {
  const names = [...known];
  if (names.includes(written)) return [];
  const suggestion = suggest(written, names);
  const message = `no ${kind} is called "${written}"${suggestion === undefined ? `; known are ${names.join(', ')}` : ''}`;
  return [source.problemAt(path, { message, key, ...(suggestion === undefined ? {} : { suggestion }) })];
}
