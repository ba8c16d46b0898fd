import type { Failure } from '../../../reports/result.ts';
import type { OracleContext } from '../context.ts';
import type { Finding, Invariant } from '../finding.ts';

/** Phones look their peers up the way that the configuration of their network says, and publish only where it takes it. */
export const discovery: Invariant = {
  id: 'I12-discovery',
  title: 'capabilities are discovered as the network says',
  clause: 'rcs-signalling 3.4; RCC.14 defaultDisc, presenceDisc',
  check,
};

/** What a phone may not send in a network of that kind. */
const FORBIDDEN = { options: 'PUBLISH', presence: 'OPTIONS', both: undefined } as const;

function check(context: OracleContext): Finding {
  const failures: Failure[] = [];
  let evidence = 0;
  const told = new Set<string>();
  for (const { entry, facts } of context.wire.sip) {
    const side = context.sideOf(entry.from);
    const role = side.startsWith('device:')
      ? context.testCase.roles[side.slice('device:'.length)]
      : undefined;
    if (role === undefined || facts.status !== undefined) continue;
    const { capabilityDiscovery } = context.testCase.carriers[role.carrier];
    if (facts.method !== FORBIDDEN[capabilityDiscovery]) {
      if (facts.method === 'OPTIONS' || facts.method === 'SUBSCRIBE') evidence += 1;
      continue;
    }
    if (told.has(side)) continue;
    told.add(side);
    const actual = `${facts.method} in a network of ${capabilityDiscovery}`;
    failures.push({
      rule: discovery.id,
      clause: discovery.clause,
      stepIndex: context.stepAt(entry.n),
      expected: `discovery by ${capabilityDiscovery}`,
      actual,
      blame: { side, entry: entry.n, evidence: `${side}: ${actual}` },
    });
  }
  return { failures, evidence };
}
