import { caseId } from './case-id.ts';
import { matches } from './condition.ts';
import { buildCanary, buildCase } from './expand/build-case.ts';
import { type Coverage, coverage } from './expand/coverage.ts';
import { type Axes, axesOf, type Dimensions, namesIn } from './expand/dimensions.ts';
import { region } from './expand/region.ts';
import { planSpace, type Removal } from './expand/space.ts';
import { caseFacts } from './facts/case-facts.ts';
import { type Matrix, named } from './load.ts';
import type { Case } from './schema/case.ts';
import type { Plan, Strategy } from './schema/plan.ts';
import { sample } from './strategies/sample.ts';
import { tWise } from './strategies/t-wise.ts';

export interface SkippedCell {
  readonly id: string;
  readonly axes: Readonly<Record<string, string>>;
  readonly because: string;
}

/** A plan written out: every cell it runs, and the reason for every one it does not. */
export interface Expansion {
  /** Sorted by id; the canaries come last. */
  readonly cells: readonly Case[];
  readonly skipped: readonly SkippedCell[];
  readonly removed: readonly Removal[];
  /** Of the cells and the skipped ones together, without the canaries. */
  readonly coverage: Coverage;
}

/** The strength that is counted for a sample, which promises none. */
const COUNTED_STRENGTH = 2;

/** Expands `plan` with its own seed or another. Same matrix, plan and seed: same cells. Throws RangeError and ConditionError. */
export function expandPlan(
  matrix: Matrix,
  plan: Plan,
  options: { readonly seed?: string | undefined } = {},
): Expansion {
  const seed = options.seed ?? String(plan.seed);
  const { dimensions, feasible, removed } = planSpace(matrix, plan);
  const chosen = new Map<string, Axes>();
  const take = (part: readonly Axes[], strategy: Strategy): void => {
    for (const axes of choose(dimensions, part, strategy, seed)) chosen.set(caseId(axes), axes);
  };
  take(feasible, plan.strategy);
  for (const { match, strategy } of plan.focus) take(feasible.filter(region(matrix, match)), strategy);
  const all = [...chosen.values()].map((axes) => buildCase(matrix, axes, seed)).sort(byId);
  const reasons = new Map(all.map((testCase) => [testCase, skipReason(plan, testCase)]));
  return {
    cells: [
      ...all.filter((testCase) => reasons.get(testCase) === undefined),
      ...canaryCases(matrix, plan, seed),
    ],
    skipped: all.flatMap((testCase) => {
      const because = reasons.get(testCase);
      return because === undefined ? [] : [{ id: testCase.id, axes: testCase.axes, because }];
    }),
    removed,
    coverage: coverage(
      dimensions,
      feasible,
      [...chosen.values()],
      countedStrength(plan.strategy, dimensions),
    ),
  };
}

function choose(
  dimensions: Dimensions,
  feasible: readonly Axes[],
  strategy: Strategy,
  seed: string,
): readonly Axes[] {
  switch (strategy.kind) {
    case 'full':
      return feasible;
    case 't-wise':
      return tWise(dimensions, feasible, strategy.strength, seed);
    case 'sample':
      return sample(dimensions, feasible, strategy.cells, seed);
  }
}

function countedStrength(strategy: Strategy, dimensions: Dimensions): number {
  if (strategy.kind === 'full') return axesOf(dimensions).length;
  return strategy.kind === 't-wise' ? strategy.strength : COUNTED_STRENGTH;
}

function skipReason(plan: Plan, testCase: Case): string | undefined {
  if (plan.skip.length === 0) return undefined;
  const facts = caseFacts(testCase);
  return plan.skip.find((one) => matches(one.match, facts))?.because;
}

function canaryCases(matrix: Matrix, plan: Plan, seed: string): Case[] {
  return namesIn(plan.canaries, matrix.canaries)
    .map((name) => buildCanary(matrix, named(matrix.canaries, name, 'canary'), seed))
    .sort(byId);
}

function byId(a: Case, b: Case): number {
  return a.id < b.id ? -1 : 1;
}
