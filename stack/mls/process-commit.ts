/** RFC 9420 section 12.4.2: processing another's commit. */
import { constantTimeEqual, emptyBytes, sameBytes } from '../crypto/bytes.ts';
import { type AppliedProposals, applyProposals } from './apply-proposals.ts';
import type { Commit } from './commit-codec.ts';
import { ensureCredential, type MlsContext } from './context.ts';
import { enterEpoch, nextEpoch, provisionalContext } from './epoch-change.ts';
import { ensure } from './errors.ts';
import { receiveExternalInit } from './external-init.ts';
import type { AuthenticatedContent, Sender } from './framed-content.ts';
import { encodeGroupContext } from './group-context.ts';
import type { GroupState, PendingProposal } from './group-state.ts';
import type { LeafNode } from './leaf-node.ts';
import {
  ensureDistinctKeys,
  ensureLeafAlone,
  ensureLeavesTogether,
  ensureReplacedLeaf,
  ensureUniqueKeys,
} from './leaf-validation.ts';
import { isUpdate } from './proposal.ts';
import {
  ensureExternalProposals,
  ensureMemberProposals,
  pathRequired,
  type SentProposal,
} from './proposal-list.ts';
import { pskSecretFor } from './psk-lookup.ts';
import { encryptionKeyAt, type PathStep } from './ratchet-tree.ts';
import { withPastEpoch } from './retention.ts';
import { leafToNode } from './tree-math.ts';
import { mergePath, openPath, type PrivateKeys, retainKeys } from './treekem.ts';
import type { UpdatePath } from './update-path.ts';

export interface ProcessedCommit {
  readonly state: GroupState;
  readonly removedSelf: boolean;
  /** Leaf indices. */
  readonly added: readonly number[];
  readonly removed: readonly number[];
  readonly updated: readonly number[];
  readonly committer: number;
}

/** `message` with its signature and membership verified. */
export function processCommit(
  context: MlsContext,
  state: GroupState,
  message: AuthenticatedContent,
  commit: Commit,
): ProcessedCommit {
  const { suite } = state;
  const { sender } = message.framed;
  const { items, own } = resolve(state, commit, sender);
  const external = sender.type !== 'member';
  if (external) ensureExternalProposals(items, state.tree);
  else ensureMemberProposals(items, sender.leafIndex, state.tree);
  const proposals = items.map(({ proposal }) => proposal);
  ensure(commit.path !== undefined || !pathRequired(proposals), 'RFC9420-12.4-2');

  const applied = applyProposals(context, state.groupContext, state.tree, items);
  const committer = external ? addCommitter(applied, commit.path) : sender.leafIndex;
  const changes = {
    added: external ? [committer] : applied.added.map(({ leafIndex }) => leafIndex),
    removed: applied.removed,
    updated: applied.updated,
    committer,
  };
  if (applied.removed.includes(state.ownLeafIndex)) {
    // The epoch the removal starts is closed to this member; its last one stays readable as a past epoch.
    const removed = {
      ...state,
      removed: true,
      pending: [],
      pastEpochs: withPastEpoch(context, state),
    };
    return { state: removed, removedSelf: true, ...changes };
  }

  const { editor } = applied;
  const before = withOwnUpdate(state, own, applied);
  const { path } = commit;
  let steps: readonly PathStep[] = [];
  if (path !== undefined) {
    const groupId = state.groupContext.groupId;
    ensureLeafAlone(suite, path.leafNode, 'commit', { groupId, leafIndex: committer });
    ensureCredential(context, path.leafNode, previousLeaf(state, applied, sender)?.credential);
    ensureFreshKeys(applied, path, committer);
    steps = mergePath(suite, editor, committer, path);
  }
  ensureMembers(state, applied, committer);
  const provisional = provisionalContext(suite, state.groupContext, applied);
  const held = retainKeys(editor, before.privateKeys, state.ownLeafIndex);
  const { privateKeys, commitSecret } =
    path === undefined
      ? { privateKeys: held, commitSecret: new Uint8Array(suite.hashLength) }
      : openPath(
          suite,
          editor,
          state.ownLeafIndex,
          held,
          path,
          steps,
          committer,
          encodeGroupContext(provisional),
          new Set(changes.added),
        );
  const tree = editor.finish();
  const next = nextEpoch(
    suite,
    state.interimTranscriptHash,
    provisional,
    message,
    initSecret(state, applied),
    commitSecret,
    pskSecretFor(context, suite, applied.psks, [state]),
  );
  const tag = message.auth.confirmationTag ?? emptyBytes;
  ensure(constantTimeEqual(tag, next.confirmationTag), 'RFC9420-6.1-2');
  const nextState = enterEpoch(
    context,
    state,
    next,
    tree,
    privateKeys,
    before.signaturePrivateKey,
    applied.reInit,
  );
  return { state: nextState, removedSelf: false, ...changes };
}

function resolve(
  state: GroupState,
  commit: Commit,
  committer: Sender,
): { readonly items: SentProposal[]; readonly own: PendingProposal | undefined } {
  let own: PendingProposal | undefined;
  const items = commit.proposals.map((item): SentProposal => {
    if (item.kind === 'proposal') return { proposal: item.proposal, sender: committer, byReference: false };
    const pending = state.pending.find(({ reference }) => sameBytes(reference, item.reference));
    ensure(pending !== undefined, 'RFC9420-12.4-1', undefined, 'Commit.proposals');
    if (isUpdate(pending.proposal) && pending.leafPrivateKey !== undefined) own = pending;
    return { proposal: pending.proposal, sender: pending.sender, byReference: true };
  });
  return { items, own };
}

/** The rules over all members that the commit can have broken; a Remove breaks none. */
function ensureMembers(state: GroupState, applied: AppliedProposals, committer: number): void {
  const { editor, added, updated, extensions } = applied;
  const [replaced, leaf] = [state.tree.leaves[committer], editor.leaves[committer]];
  const sameOthers =
    added.length === 0 && updated.length === 0 && extensions === state.groupContext.extensions;
  const isMember = applied.externalInit === undefined;
  if (sameOthers && isMember && replaced !== undefined && leaf !== undefined) {
    ensureReplacedLeaf(editor, extensions, replaced, leaf);
  } else {
    ensureUniqueKeys(editor);
    ensureLeavesTogether(editor, extensions);
  }
}

/** The leaf whose place the path leaf takes: the committer's own, or that which an external committer removes. */
function previousLeaf(state: GroupState, applied: AppliedProposals, sender: Sender): LeafNode | undefined {
  if (sender.type === 'member') return state.tree.leaves[sender.leafIndex];
  return applied.resynced === undefined ? undefined : state.tree.leaves[applied.resynced];
}

/** An external committer takes the leftmost blank leaf left after the Removes (section 12.4.3.2). */
function addCommitter(applied: AppliedProposals, path: UpdatePath | undefined): number {
  ensure(path !== undefined, 'RFC9420-12.4-3');
  return applied.editor.add(path.leafNode);
}

function withOwnUpdate(
  state: GroupState,
  own: PendingProposal | undefined,
  applied: AppliedProposals,
): { readonly privateKeys: PrivateKeys; readonly signaturePrivateKey: Uint8Array } {
  if (own?.leafPrivateKey === undefined || !applied.updated.includes(state.ownLeafIndex)) return state;
  return {
    privateKeys: new Map([[leafToNode(state.ownLeafIndex), own.leafPrivateKey]]),
    signaturePrivateKey: own.signaturePrivateKey ?? state.signaturePrivateKey,
  };
}

/** Section 12.4.2: no key of the path is in the tree yet, the committer's leaf key included. */
function ensureFreshKeys(applied: AppliedProposals, path: UpdatePath, committer: number): void {
  const { editor } = applied;
  const old = encryptionKeyAt(editor, leafToNode(committer));
  const isOwnNewLeaf = editor.leaves[committer] === path.leafNode;
  ensure(
    isOwnNewLeaf || old === undefined || !sameBytes(old, path.leafNode.encryptionKey),
    'RFC9420-7.5-1',
    undefined,
    'UpdatePath.leaf_node.encryption_key',
  );
  const fresh = [path.leafNode, ...path.nodes];
  ensureDistinctKeys(fresh.map(({ encryptionKey }) => encryptionKey));
  // One byte tells nearly all keys apart.
  const marks = new Uint8Array(256);
  for (const { encryptionKey } of fresh) marks[encryptionKey[1]!] = 1;
  const inTree = (nodes: readonly ({ readonly encryptionKey: Uint8Array } | undefined)[]) => {
    for (const node of nodes) {
      if (node === undefined || marks[node.encryptionKey[1]!] === 0 || node === path.leafNode) continue;
      if (fresh.some(({ encryptionKey }) => sameBytes(encryptionKey, node.encryptionKey))) return true;
    }
    return false;
  };
  ensure(!inTree(editor.leaves) && !inTree(editor.parents), 'RFC9420-7.5-2', undefined, 'UpdatePath.nodes');
}

/** Section 8.3: an external commit replaces init_secret by what it sealed to external_pub. */
function initSecret(state: GroupState, applied: AppliedProposals): Uint8Array {
  if (applied.externalInit === undefined) return state.secrets.init;
  return receiveExternalInit(state.suite, state.secrets.external, applied.externalInit);
}
