import { combinationFacts } from '../facts/case-facts.ts';
import type { FactSheet } from '../facts/entity-facts.ts';
import { deviceFacts, messageFacts } from '../facts/message-facts.ts';
import type { Matrix } from '../load.ts';
import { buildCase } from './build-case.ts';
import { resolve } from './dimensions.ts';

/** The facts of an arbitrary case of the matrix: which there are and of what type. Undefined when it can build none. */
export function probeFacts(
  matrix: Matrix,
): { readonly combination: FactSheet; readonly message: FactSheet; readonly device: FactSheet } | undefined {
  const scenario = [...matrix.scenarios.values()][0];
  const device = first(matrix.devices);
  const carrier = first(matrix.carriers);
  const network = first(matrix.networks);
  const policy = first(matrix.policies);
  if (!scenario || !device || !carrier || !network || !policy) return undefined;
  const axes = {
    scenario: scenario.name,
    sender: device,
    recipient: device,
    carrierA: carrier,
    carrierB: carrier,
    network,
    policy,
  };
  const testCase = buildCase(matrix, axes, 'probe');
  const [alice, bob] = Object.keys(testCase.roles);
  if (alice === undefined || bob === undefined) return undefined;
  const send = { message: 'probe', from: alice, to: bob, text: '', requirement: 'any' } as const;
  return {
    combination: combinationFacts(resolve(matrix, axes)),
    message: messageFacts(testCase, send),
    device: deviceFacts(testCase, alice),
  };
}

function first(map: ReadonlyMap<string, unknown>): string | undefined {
  return map.keys().next().value;
}
