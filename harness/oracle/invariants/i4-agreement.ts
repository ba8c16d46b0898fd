import type { Failure } from '../../../reports/result.ts';
import type { GroupView, StateEntry } from '../../../reports/trace.ts';
import type { OracleContext } from '../context.ts';
import type { Finding, Invariant } from '../finding.ts';
import { firstTampering } from '../tampering.ts';
import { isHealed, isReachable } from '../world-facts.ts';

/** Members at one epoch agree on everything public; once the network is whole, all are at the same epoch. */
export const agreement: Invariant = {
  id: 'I4-agreement',
  title: 'members of a group at one epoch hold the same state',
  clause: 'RFC 9420 sections 8, 8.5 and 8.7',
  check,
};

interface Stated {
  readonly state: StateEntry;
  readonly group: GroupView;
}

function check(context: OracleContext): Finding {
  const divergent = divergences(context);
  const lag = divergent.failures.length === 0 ? laggards(context) : { failures: [], evidence: 0 };
  return { failures: [...divergent.failures, ...lag.failures], evidence: divergent.evidence + lag.evidence };
}

/** An epoch never changes once it is there, so views of it are compared whenever they were taken. */
function divergences(context: OracleContext): Finding {
  const failures: Failure[] = [];
  const first = new Map<string, Stated>();
  const told = new Set<string>();
  const agreed = new Set<string>();
  for (const state of context.states) {
    for (const group of state.view.groups) {
      const epoch = `${group.groupId} era ${group.era} epoch ${group.epoch}`;
      const known = first.get(epoch);
      if (!known) {
        first.set(epoch, { state, group });
        continue;
      }
      const different = differingFields(known.group, group);
      const key = `${epoch} ${state.side}`;
      if (different.length === 0) {
        if (known.state.side !== state.side) agreed.add(key);
      } else if (!told.has(key)) {
        told.add(key);
        failures.push({
          rule: agreement.id,
          clause: agreement.clause,
          stepIndex: state.stepIndex,
          expected: `${state.side} and ${known.state.side} agree on group ${epoch}`,
          actual: `they differ in ${different.join(', ')}`,
          blame: firstTampering(context) ?? {
            side: state.side,
            entry: state.n,
            evidence: `its ${different[0]} is not what ${known.state.side} showed in entry ${known.state.n}`,
          },
        });
      }
    }
  }
  return { failures, evidence: agreed.size };
}

function differingFields(a: GroupView, b: GroupView): string[] {
  const fields = ['treeHash', 'epochAuthenticator', 'exporterDigest'] as const;
  const different: string[] = fields.filter((field) => a[field] !== b[field]);
  if ([...a.roster].sort().join('\n') !== [...b.roster].sort().join('\n')) different.push('roster');
  return different;
}

/** Members that can be reached at the end and are behind another one. */
function laggards(context: OracleContext): Finding {
  if (!isHealed(context)) return { failures: [], evidence: 0 };
  const failures: Failure[] = [];
  let evidence = 0;
  const ahead = new Map<string, Stated>();
  const members: Stated[] = [];
  for (const role of Object.keys(context.testCase.roles)) {
    const state = context.stateOf(`device:${role}`);
    if (!state || !isReachable(context, state.side)) continue;
    for (const group of state.view.groups) {
      members.push({ state, group });
      const furthest = ahead.get(group.groupId);
      if (!furthest || isBehind(furthest.group, group)) ahead.set(group.groupId, { state, group });
    }
  }
  for (const { state, group } of members) {
    const furthest = ahead.get(group.groupId)!;
    if (furthest.state === state) continue;
    if (!isBehind(group, furthest.group)) {
      evidence += 1;
      continue;
    }
    failures.push({
      rule: agreement.id,
      clause: agreement.clause,
      stepIndex: state.stepIndex,
      expected: `${state.side} is at era ${furthest.group.era} epoch ${furthest.group.epoch} of group ${group.groupId}, like ${furthest.state.side}`,
      actual: `it is at era ${group.era} epoch ${group.epoch}`,
      blame: firstTampering(context) ?? {
        side: state.side,
        entry: state.n,
        evidence: `its last view is behind ${furthest.state.side}`,
      },
    });
  }
  return { failures, evidence };
}

function isBehind(a: GroupView, b: GroupView): boolean {
  if (a.era !== b.era) return a.era < b.era;
  return a.epoch.length === b.epoch.length ? a.epoch < b.epoch : a.epoch.length < b.epoch.length;
}
