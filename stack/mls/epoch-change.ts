/** RFC 9420 section 12.4.2, the part common to both ends of a commit: from one epoch's state to the next. */
import { sameBytes } from '../crypto/bytes.ts';
import type { CipherSuite } from '../crypto/index.ts';
import type { AppliedProposals } from './apply-proposals.ts';
import { type MlsContext, policyOf } from './context.ts';
import type { AuthenticatedContent } from './framed-content.ts';
import { encodeGroupContext, type GroupContext } from './group-context.ts';
import type { GroupState, PastEpoch } from './group-state.ts';
import { type DerivedEpoch, deriveEpoch, epochSecret, joinerSecret, memberSecret } from './key-schedule.ts';
import { type PreSharedKeyId, type PskLookup, pskSecret } from './psk.ts';
import type { RatchetTree } from './ratchet-tree.ts';
import { createSecretTree } from './secret-tree.ts';
import { confirmationTag, confirmedTranscriptHash, interimTranscriptHash } from './transcript-hash.ts';
import { treeHash } from './tree-hash.ts';
import type { PrivateKeys } from './treekem.ts';

/** The GroupContext of the next epoch but for its transcript hash, once the tree is as the commit leaves it. */
export function provisionalContext(
  suite: CipherSuite,
  before: GroupContext,
  applied: AppliedProposals,
): GroupContext {
  return {
    ...before,
    epoch: before.epoch + 1n,
    treeHash: treeHash(suite, applied.editor),
    extensions: applied.extensions,
  };
}

export interface NextEpoch {
  readonly groupContext: GroupContext;
  readonly groupContextBytes: Uint8Array;
  readonly joiner: Uint8Array;
  /** From which welcome_secret is derived. */
  readonly member: Uint8Array;
  readonly derived: DerivedEpoch;
  readonly confirmationTag: Uint8Array;
  readonly interimTranscriptHash: Uint8Array;
}

/** `context` of the new epoch but for its transcript hash; `commit` signed, its confirmation tag not needed. */
export function nextEpoch(
  suite: CipherSuite,
  interimBefore: Uint8Array,
  provisional: GroupContext,
  commit: AuthenticatedContent,
  initSecret: Uint8Array,
  commitSecret: Uint8Array,
  psk: Uint8Array,
): NextEpoch {
  const confirmed = confirmedTranscriptHash(suite, interimBefore, commit);
  const groupContext = { ...provisional, confirmedTranscriptHash: confirmed };
  const groupContextBytes = encodeGroupContext(groupContext);
  const joiner = joinerSecret(suite, initSecret, commitSecret, groupContextBytes);
  const member = memberSecret(suite, joiner, psk);
  const derived = deriveEpoch(suite, epochSecret(suite, member, groupContextBytes));
  const tag = confirmationTag(suite, derived.secrets.confirmationKey, confirmed);
  return {
    groupContext,
    groupContextBytes,
    joiner,
    member,
    derived,
    confirmationTag: tag,
    interimTranscriptHash: interimTranscriptHash(suite, confirmed, tag),
  };
}

/** The member's state in the new epoch; the old one joins the past epochs that the policy keeps. */
export function enterEpoch(
  context: MlsContext,
  state: GroupState,
  next: NextEpoch,
  tree: RatchetTree,
  privateKeys: PrivateKeys,
  signaturePrivateKey: Uint8Array,
): GroupState {
  return {
    ...state,
    groupContext: next.groupContext,
    groupContextBytes: next.groupContextBytes,
    tree,
    privateKeys,
    signaturePrivateKey,
    secrets: next.derived.secrets,
    secretTree: createSecretTree(next.derived.encryption, tree.leaves.length),
    confirmationTag: next.confirmationTag,
    interimTranscriptHash: next.interimTranscriptHash,
    pending: [],
    pastEpochs: withPastEpoch(context, state),
  };
}

/** The epochs to keep once the current one is past: it first, then as many as the policy allows. */
export function withPastEpoch(context: MlsContext, state: GroupState): readonly PastEpoch[] {
  const past: PastEpoch = {
    epoch: state.groupContext.epoch,
    groupContext: state.groupContextBytes,
    tree: state.tree,
    secretTree: state.secretTree,
    senderData: state.secrets.senderData,
    resumptionPsk: state.secrets.resumptionPsk,
  };
  return [past, ...state.pastEpochs].slice(0, policyOf(context).pastEpochs);
}

/** Section 8.4: external PSKs from the context, resumption PSKs of this group from the epochs still held. */
export function pskSecretFor(
  context: MlsContext,
  suite: CipherSuite,
  ids: readonly PreSharedKeyId[],
  state: GroupState | undefined,
): Uint8Array {
  const lookup: PskLookup = (id) => {
    if (id.type === 'external') return context.externalPsk?.(id.id);
    if (state === undefined || !sameBytes(id.groupId, state.groupContext.groupId)) return undefined;
    if (id.epoch === state.groupContext.epoch) return state.secrets.resumptionPsk;
    return state.pastEpochs.find((past) => past.epoch === id.epoch)?.resumptionPsk;
  };
  return pskSecret(suite, ids, lookup);
}
