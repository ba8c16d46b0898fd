/** RFC 9420 section 12.4.2, the part common to both ends of a commit: from one epoch's state to the next. */
import type { CipherSuite } from '../crypto/index.ts';
import type { AppliedProposals } from './apply-proposals.ts';
import type { MlsContext } from './context.ts';
import type { AuthenticatedContent } from './framed-content.ts';
import { encodeGroupContext, type GroupContext } from './group-context.ts';
import type { GroupState } from './group-state.ts';
import { type DerivedEpoch, deriveEpoch, epochSecret, joinerSecret, memberSecret } from './key-schedule.ts';
import type { ReInitProposal } from './proposal.ts';
import type { RatchetTree } from './ratchet-tree.ts';
import { withPastEpoch } from './retention.ts';
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
  reInit: ReInitProposal | undefined,
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
    reInit,
    pastEpochs: withPastEpoch(context, state),
  };
}
