import type { Carrier } from '../schema/carrier.ts';
import type { Case } from '../schema/case.ts';
import type { Device } from '../schema/device.ts';
import type { NetworkProfile } from '../schema/network.ts';
import type { Policy } from '../schema/policy.ts';
import { carrierSheet, deviceSheet, type FactSheet, networkSheet, policySheet } from './entity-facts.ts';
import { pairSheet, seatSheet } from './usable.ts';

/** What a combination of axis values stands for. */
export interface Combination {
  readonly scenario: string;
  readonly sender: Device;
  readonly recipient: Device;
  readonly carrierA: Carrier;
  readonly carrierB: Carrier;
  readonly network: NetworkProfile;
  readonly policy: Policy;
}

/** Every fact that constraints, skips and known failures may name, of one combination. */
export function combinationFacts(combination: Combination): FactSheet {
  const { scenario, sender, recipient, carrierA, carrierB, network, policy } = combination;
  const a = { device: sender, carrier: carrierA };
  const b = { device: recipient, carrier: carrierB };
  return {
    scenario,
    ...deviceSheet('sender', sender),
    ...deviceSheet('recipient', recipient),
    ...carrierSheet('carrierA', carrierA),
    ...carrierSheet('carrierB', carrierB),
    ...networkSheet('network', network),
    ...policySheet('policy', policy),
    ...seatSheet('sender', a, policy),
    ...seatSheet('recipient', b, policy),
    ...pairSheet(a, b, policy, network),
  };
}

/**
 * The facts of a whole case, flat: the axes, then `sender.*` and `recipient.*` (the phones on carrier A and B),
 * `carrierA.*`, `carrierB.*`, `network.*`, `policy.*`, what they come to together (`both.mlsUsable`), and `canary`
 * (its name, or `none`).
 */
export function caseFacts(testCase: Case): FactSheet {
  return {
    ...combinationFacts({
      scenario: testCase.scenario.name,
      sender: phoneOn(testCase, 'A'),
      recipient: phoneOn(testCase, 'B'),
      carrierA: testCase.carriers.A,
      carrierB: testCase.carriers.B,
      network: testCase.network,
      policy: testCase.policy,
    }),
    canary: testCase.axes['canary'] ?? 'none',
  };
}

function phoneOn(testCase: Case, carrier: 'A' | 'B'): Device {
  const role = Object.values(testCase.roles).find((one) => one.carrier === carrier);
  if (!role) throw new RangeError(`case ${testCase.id} has no phone on carrier ${carrier}`);
  return role.device;
}
