/** How long the secrets of past epochs are held (RFC 9420 sections 9.2 and 16.6): by count and by age. */
import { type MlsContext, policyOf } from './context.ts';
import type { GroupState, PastEpoch } from './group-state.ts';

/** The past epochs once the current one has ended: it first, then as many as the policy allows. */
export function withPastEpoch(context: MlsContext, state: GroupState): readonly PastEpoch[] {
  const past: PastEpoch = {
    epoch: state.groupContext.epoch,
    groupContext: state.groupContextBytes,
    signatureKeys: state.tree.leaves.map((leaf) => leaf?.signatureKey),
    secretTree: state.secretTree,
    senderData: state.secrets.senderData,
    resumptionPsk: state.secrets.resumptionPsk,
    endedAt: context.now(),
  };
  return retained(context, [past, ...state.pastEpochs]);
}

/** Those of `past`, latest first, that the policy keeps at this moment. */
export function retained(context: MlsContext, past: readonly PastEpoch[]): readonly PastEpoch[] {
  const { pastEpochs, pastEpochSeconds } = policyOf(context);
  const oldest = context.now() - pastEpochSeconds;
  return past.slice(0, pastEpochs).filter(({ endedAt }) => endedAt >= oldest);
}

/**
 * The state without the secrets of epochs that the policy no longer keeps. Epoch changes prune by themselves; a member
 * of a quiet group calls this from time to time, and stores what it returns.
 */
export function prune(context: MlsContext, state: GroupState): GroupState {
  const pastEpochs = retained(context, state.pastEpochs);
  return pastEpochs.length === state.pastEpochs.length ? state : { ...state, pastEpochs };
}
