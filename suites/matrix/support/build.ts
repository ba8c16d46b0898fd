import { buildCase } from '../../../matrix/expand/build-case.ts';
import { type Expansion, expandPlan, loadMatrix, named } from '../../../matrix/index.ts';
import type { Case } from '../../../matrix/schema/case.ts';

export const matrix = loadMatrix();

/** One-to-one between two UP 3.0 phones with MLS on carriers with E2EE, but for what `axes` says. */
export function caseWith(axes: Readonly<Record<string, string>>): Case {
  const base = {
    scenario: 'one-to-one',
    sender: 'pixel-up30',
    recipient: 'iphone-up30',
    carrierA: 'up30-e2ee',
    carrierB: 'up30-e2ee',
    network: 'lte',
    policy: 'default',
  };
  return buildCase(matrix, { ...base, ...axes }, '1');
}

const expansions = new Map<string, Expansion>();

/** A plan of the repository, expanded once. */
export function expansionOf(plan: string): Expansion {
  const known = expansions.get(plan) ?? expandPlan(matrix, named(matrix.plans, plan, 'plan'));
  expansions.set(plan, known);
  return known;
}
