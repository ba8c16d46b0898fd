/** RFC 9420 section 12.4.1: creating a commit. */
import { emptyBytes, sameBytes } from '../crypto/bytes.ts';
import type { KeyPair } from '../crypto/index.ts';
import { type AppliedProposals, applyProposals } from './apply-proposals.ts';
import type { ProposalOrRef } from './commit-codec.ts';
import type { MlsContext } from './context.ts';
import { createWelcome } from './create-welcome.ts';
import type { Credential } from './credential.ts';
import { enterEpoch, type NextEpoch, nextEpoch, provisionalContext } from './epoch-change.ts';
import { ensure } from './errors.ts';
import { exportGroupInfo } from './export-group-info.ts';
import type { Extension } from './extension.ts';
import { frameHandshake, type WireFormatName } from './frame-handshake.ts';
import { type AuthenticatedContent, signFramedContent, wireFormat } from './framed-content.ts';
import { encodeGroupContext, type GroupContext } from './group-context.ts';
import { ensureOpen, type GroupState, type PendingProposal } from './group-state.ts';
import type { VerifiedKeyPackage } from './key-package-validation.ts';
import type { Capabilities } from './leaf-node.ts';
import { ensureLeavesTogether, ensureUniqueKeys } from './leaf-validation.ts';
import { pendingToCommit } from './pending-proposals.ts';
import { type Proposal, proposalType } from './proposal.ts';
import { ensureMemberProposals, pathRequired, type SentProposal } from './proposal-list.ts';
import { pskSecretFor } from './psk-lookup.ts';
import { memberLeaf } from './ratchet-tree.ts';
import { retainKeys, type StagedPath, sealPath, stagePath } from './treekem.ts';
import type { UpdatePath } from './update-path.ts';

export interface CommitOptions {
  readonly add?: readonly VerifiedKeyPackage[];
  /** Leaf indices. */
  readonly remove?: readonly number[];
  /** Replaces the extensions of the GroupContext, all of them. */
  readonly groupContextExtensions?: readonly Extension[];
  /** Further proposals by value. */
  readonly proposals?: readonly Proposal[];
  /** Whether proposals received or sent in this epoch are committed by reference; default true. */
  readonly includePending?: boolean;
  /** ProposalRefs: only these of the pending proposals, and all of them, are committed by reference. */
  readonly references?: readonly Uint8Array[];
  /** Default true. False is refused (12.4-2) where the proposals require a path. */
  readonly path?: boolean;
  /** What changes in the committer's own leaf; needs a path. */
  readonly leaf?: LeafChanges;
  readonly authenticatedData?: Uint8Array;
  /** Default: the group's handshakeFormat. */
  readonly wireFormat?: WireFormatName;
  /** Whether Welcome and GroupInfo carry the tree; default true. */
  readonly ratchetTreeExtension?: boolean;
  /** GroupInfo extensions in the Welcome only (encrypted), and in the GroupInfo handed out only. */
  readonly welcomeExtensions?: readonly Extension[];
  readonly groupInfoExtensions?: readonly Extension[];
}

export interface LeafChanges {
  readonly credential?: Credential;
  readonly signatureKeyPair?: KeyPair;
  readonly capabilities?: Capabilities;
  readonly extensions?: readonly Extension[];
}

export interface CommitResult {
  /** The next epoch. The state given in stays usable for as long as the commit may still be refused. */
  readonly state: GroupState;
  /** MLSMessage. */
  readonly commit: Uint8Array;
  /** MLSMessage for all members added; absent when there are none. */
  readonly welcome?: Uint8Array;
  /** MLSMessage, of the next epoch, with external_pub. Made when first asked for: it costs a signature and the tree. */
  readonly groupInfo: Uint8Array;
}

export function commit(context: MlsContext, state: GroupState, options: CommitOptions = {}): CommitResult {
  return commitAfter(context, state, options, undefined);
}

/** A commit whose PSKs may be of `predecessor`: the first of a group that succeeds it (sections 11.2 and 11.3). */
export function commitAfter(
  context: MlsContext,
  state: GroupState,
  options: CommitOptions,
  predecessor: GroupState | undefined,
): CommitResult {
  ensureOpen(state);
  const { suite, ownLeafIndex } = state;
  const { items, listed } = gather(state, options);
  ensureMemberProposals(items, ownLeafIndex, state.tree, predecessor !== undefined);
  const withPath = options.path ?? true;
  const needed = pathRequired(items.map(({ proposal }) => proposal)) || options.leaf !== undefined;
  ensure(withPath || !needed, 'RFC9420-12.4-2');

  const applied = applyProposals(context, state.groupContext, state.tree, items);
  const built = withPath ? buildPath(context, state, applied, options.leaf ?? {}) : undefined;
  const tree = applied.editor.finish();
  ensureUniqueKeys(tree);
  ensureLeavesTogether(tree, applied.extensions);
  const provisional: GroupContext =
    built?.provisional ?? provisionalContext(suite, state.groupContext, applied);

  const format = wireFormat[options.wireFormat ?? state.handshakeFormat];
  const unconfirmed = signFramedContent(
    suite,
    state.signaturePrivateKey,
    format,
    {
      groupId: state.groupContext.groupId,
      epoch: state.groupContext.epoch,
      sender: { type: 'member', leafIndex: ownLeafIndex },
      authenticatedData: options.authenticatedData ?? emptyBytes,
      content: { type: 'commit', commit: { proposals: listed, path: built?.updatePath } },
    },
    state.groupContextBytes,
  );
  const next = nextEpoch(
    suite,
    state.interimTranscriptHash,
    provisional,
    unconfirmed,
    state.secrets.init,
    built?.staged.commitSecret ?? new Uint8Array(suite.hashLength),
    pskSecretFor(context, suite, applied.psks, predecessor === undefined ? [state] : [predecessor]),
  );
  const framed = frameHandshake(context, state, confirmed(unconfirmed, next));
  const keys = retainKeys(tree, state.privateKeys, ownLeafIndex);
  const nextState = enterEpoch(
    context,
    { ...state, secretTree: framed.secretTree },
    next,
    tree,
    built === undefined ? keys : new Map([...keys, ...built.staged.privateKeys]),
    options.leaf?.signatureKeyPair?.privateKey ?? state.signaturePrivateKey,
    applied.reInit,
  );
  const ratchetTree = options.ratchetTreeExtension ?? true;
  const welcome = createWelcome(context, nextState, next, applied, built?.staged, {
    ratchetTree,
    extensions: options.welcomeExtensions ?? [],
  });
  let groupInfo: Uint8Array | undefined;
  return {
    state: nextState,
    commit: framed.bytes,
    ...(welcome === undefined ? {} : { welcome }),
    get groupInfo() {
      groupInfo ??= exportGroupInfo(nextState, {
        ratchetTree,
        externalPub: true,
        extensions: options.groupInfoExtensions ?? [],
      });
      return groupInfo;
    },
  };
}

function gather(
  state: GroupState,
  options: CommitOptions,
): { readonly items: SentProposal[]; readonly listed: ProposalOrRef[] } {
  const inline: Proposal[] = [
    ...(options.groupContextExtensions === undefined
      ? []
      : [{ type: proposalType.groupContextExtensions, extensions: options.groupContextExtensions }]),
    ...(options.remove ?? []).map((removed) => ({ type: proposalType.remove, removed })),
    ...(options.add ?? []).map(({ keyPackage }) => ({ type: proposalType.add, keyPackage })),
    ...(options.proposals ?? []),
  ];
  const sender = { type: 'member', leafIndex: state.ownLeafIndex } as const;
  const pending = chosenPending(state, inline, options);
  return {
    items: [
      ...pending.map((item) => ({ proposal: item.proposal, sender: item.sender, byReference: true })),
      ...inline.map((proposal) => ({ proposal, sender, byReference: false })),
    ],
    listed: [
      ...pending.map(({ reference }): ProposalOrRef => ({ kind: 'reference', reference })),
      ...inline.map((proposal): ProposalOrRef => ({ kind: 'proposal', proposal })),
    ],
  };
}

function chosenPending(
  state: GroupState,
  inline: readonly Proposal[],
  { references, includePending = true }: CommitOptions,
): readonly PendingProposal[] {
  if (references === undefined) return includePending ? pendingToCommit(state, inline) : [];
  return references.map((reference) => {
    const item = state.pending.find((pending) => sameBytes(pending.reference, reference));
    ensure(item !== undefined, 'RFC9420-12.4-1', undefined, 'Commit.proposals');
    return item;
  });
}

interface BuiltPath {
  readonly staged: StagedPath;
  readonly updatePath: UpdatePath;
  readonly provisional: GroupContext;
}

function buildPath(
  context: MlsContext,
  state: GroupState,
  applied: AppliedProposals,
  changes: LeafChanges,
): BuiltPath {
  const { suite, ownLeafIndex } = state;
  const { editor } = applied;
  const leaf = memberLeaf(editor, ownLeafIndex);
  const staged = stagePath(
    suite,
    context.random,
    editor,
    ownLeafIndex,
    {
      signatureKey: changes.signatureKeyPair?.publicKey ?? leaf.signatureKey,
      credential: changes.credential ?? leaf.credential,
      capabilities: changes.capabilities ?? leaf.capabilities,
      extensions: changes.extensions ?? leaf.extensions,
    },
    changes.signatureKeyPair?.privateKey ?? state.signaturePrivateKey,
    state.groupContext.groupId,
  );
  const provisional = provisionalContext(suite, state.groupContext, applied);
  const added = new Set(applied.added.map(({ leafIndex }) => leafIndex));
  const updatePath = sealPath(suite, context.random, editor, staged, encodeGroupContext(provisional), added);
  return { staged, updatePath, provisional };
}

function confirmed(message: AuthenticatedContent, next: NextEpoch): AuthenticatedContent {
  return { ...message, auth: { ...message.auth, confirmationTag: next.confirmationTag } };
}
