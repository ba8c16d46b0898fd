/** RFC 9420 section 12.1.4: PreSharedKey proposals, to be sent by `createProposal` or put into a commit by value. */
import { type MlsContext, suiteOf } from './context.ts';
import type { GroupState } from './group-state.ts';
import { type PreSharedKeyProposal, proposalType } from './proposal.ts';
import type { ResumptionUsage } from './psk.ts';

/** Of the PSK called `id`, with a fresh nonce for a group of `cipherSuite`. */
export function externalPskProposal(
  context: MlsContext,
  cipherSuite: number,
  id: Uint8Array,
): PreSharedKeyProposal {
  const nonce = context.random.bytes(suiteOf(context, cipherSuite).hashLength);
  return { type: proposalType.preSharedKey, psk: { type: 'external', id, nonce } };
}

/** Of an epoch of the group itself (usage application), with a fresh nonce. */
export function resumptionPskProposal(
  context: MlsContext,
  state: GroupState,
  epoch: bigint,
): PreSharedKeyProposal {
  const { groupId, cipherSuite } = state.groupContext;
  return resumption(context, cipherSuite, 'application', groupId, epoch);
}

/** For a group of `cipherSuite` that takes up `predecessor` at its present epoch (sections 11.2 and 11.3). */
export function successorPskProposal(
  context: MlsContext,
  cipherSuite: number,
  usage: 'reinit' | 'branch',
  predecessor: GroupState,
): PreSharedKeyProposal {
  const { groupId, epoch } = predecessor.groupContext;
  return resumption(context, cipherSuite, usage, groupId, epoch);
}

function resumption(
  context: MlsContext,
  cipherSuite: number,
  usage: ResumptionUsage,
  groupId: Uint8Array,
  epoch: bigint,
): PreSharedKeyProposal {
  const nonce = context.random.bytes(suiteOf(context, cipherSuite).hashLength);
  return { type: proposalType.preSharedKey, psk: { type: 'resumption', usage, groupId, epoch, nonce } };
}
