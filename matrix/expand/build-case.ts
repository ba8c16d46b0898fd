import { caseId } from '../case-id.ts';
import { type Matrix, named } from '../load.ts';
import type { Carrier } from '../schema/carrier.ts';
import type { Case } from '../schema/case.ts';
import type { Canary } from '../schema/plan.ts';
import { resolve } from './dimensions.ts';

/** Numbers of the country code +999, which is assigned to nobody: carrier A's begin +9999001, carrier B's +9999002. */
const NUMBER_PREFIX = { A: '+9999001', B: '+9999002' } as const;

/** Writes one combination out in full. Throws RangeError for names that are not in the matrix. */
export function buildCase(matrix: Matrix, axes: Readonly<Record<string, string>>, planSeed: string): Case {
  const { sender, recipient, carrierA, carrierB, network, policy } = resolve(matrix, axes);
  const scenario = named(matrix.scenarios, axes['scenario'] ?? '', 'scenario');
  const id = caseId(axes);
  const roles = Object.entries(scenario.roles).map(
    ([role, dimension], index): [string, Case['roles'][string]] => {
      const carrier = dimension === 'sender' ? 'A' : 'B';
      const msisdn = `${NUMBER_PREFIX[carrier]}${String(index + 1).padStart(5, '0')}`;
      return [role, { device: dimension === 'sender' ? sender : recipient, carrier, msisdn }];
    },
  );
  return {
    id,
    seed: `${planSeed}/${id}`,
    axes,
    scenario: { name: scenario.name, title: scenario.title },
    roles: Object.fromEntries(roles),
    carriers: { A: withoutAccounts(carrierA), B: withoutAccounts(carrierB) },
    network,
    policy,
    steps: scenario.steps,
  };
}

/** The subscribers of a case are its roles. */
function withoutAccounts({ accounts: _, ...carrier }: Carrier): Carrier {
  return carrier;
}

/** The case of a canary: its combination with the quirk planted and the failure it must meet. Throws RangeError. */
export function buildCanary(matrix: Matrix, canary: Canary, planSeed: string): Case {
  const testCase = buildCase(matrix, { ...canary.axes, canary: canary.name }, planSeed);
  return { ...plant(testCase, canary), canary: { rule: canary.expect.rule, side: canary.expect.side } };
}

function plant(testCase: Case, { plant: { side, quirk } }: Canary): Case {
  const [kind, who = ''] = side.split(':');
  if (kind === 'carrier' && (who === 'A' || who === 'B')) {
    const carrier = withQuirk(testCase.carriers[who], quirk);
    return { ...testCase, carriers: { ...testCase.carriers, [who]: carrier } };
  }
  const role = testCase.roles[who];
  if (kind !== 'device' || role === undefined)
    throw new RangeError(`no side is called "${side}" in ${testCase.id}`);
  return {
    ...testCase,
    roles: { ...testCase.roles, [who]: { ...role, device: withQuirk(role.device, quirk) } },
  };
}

function withQuirk<T extends { readonly quirks: readonly string[] }>(thing: T, quirk: string): T {
  return { ...thing, quirks: [...new Set([...thing.quirks, quirk])] };
}
