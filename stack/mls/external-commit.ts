/** RFC 9420 section 12.4.3.2: joining from outside by an external commit, also to replace a leaf of one's own. */
import { emptyBytes } from '../crypto/bytes.ts';
import { type AppliedProposals, applyProposals } from './apply-proposals.ts';
import type { ProposalOrRef } from './commit-codec.ts';
import { type MlsContext, suiteOf } from './context.ts';
import { nextEpoch, provisionalContext } from './epoch-change.ts';
import { ensure } from './errors.ts';
import { extensionType, findExtension } from './extension.ts';
import { sendExternalInit } from './external-init.ts';
import type { WireFormatName } from './frame-handshake.ts';
import { signFramedContent, wireFormat } from './framed-content.ts';
import { encodeGroupContext } from './group-context.ts';
import type { GroupInfo } from './group-info.ts';
import type { GroupState } from './group-state.ts';
import type { KeyPackageBundle } from './key-package.ts';
import { ensureLeavesTogether, ensureUniqueKeys } from './leaf-validation.ts';
import { encodeMlsMessage } from './mls-message.ts';
import { type Proposal, proposalType } from './proposal.ts';
import { ensureExternalProposals, type SentProposal } from './proposal-list.ts';
import { pskSecretFor } from './psk-lookup.ts';
import type { RatchetTree } from './ratchet-tree.ts';
import { decodeAll } from './reader.ts';
import { createSecretTree } from './secret-tree.ts';
import { receiveSelfRemove } from './self-remove.ts';
import { interimTranscriptHash } from './transcript-hash.ts';
import { sealPath, stagePath } from './treekem.ts';
import { verifyGroupInfo } from './verify-group-info.ts';

export interface ExternalCommitParameters {
  /** MLSMessage with external_pub. */
  readonly groupInfo: Uint8Array;
  /** The encoded tree when the GroupInfo does not carry it. */
  readonly ratchetTree?: Uint8Array;
  /** Gives credential, capabilities, extensions and signature key of the new leaf; its HPKE keys are not used. */
  readonly bundle: KeyPackageBundle;
  /** Leaf index of this client's earlier leaf, removed by the same commit. */
  readonly replaces?: number;
  /** Further proposals that an external commit may hold: PreSharedKey, custom types. */
  readonly proposals?: readonly Proposal[];
  /** Pending SelfRemoves of the epoch (MLSMessages), which the commit carries out. */
  readonly selfRemoves?: readonly Uint8Array[];
  readonly authenticatedData?: Uint8Array;
  /** Default 'public'; the external commit itself is always public. */
  readonly handshakeFormat?: WireFormatName;
}

export interface ExternalCommitResult {
  readonly state: GroupState;
  /** MLSMessage, public. */
  readonly commit: Uint8Array;
}

export function joinByExternalCommit(
  context: MlsContext,
  parameters: ExternalCommitParameters,
): ExternalCommitResult {
  const { groupInfo, groupContext, tree } = verifyGroupInfo(
    context,
    parameters.groupInfo,
    parameters.ratchetTree,
  );
  const suite = suiteOf(context, groupContext.cipherSuite);
  const init = sendExternalInit(suite, context.random, externalPub(groupInfo));

  const proposals: Proposal[] = [
    { type: proposalType.externalInit, kemOutput: init.kemOutput },
    ...(parameters.replaces === undefined
      ? []
      : [{ type: proposalType.remove, removed: parameters.replaces }]),
    ...(parameters.proposals ?? []),
  ];
  const sender = { type: 'new_member_commit' } as const;
  const leaving = (parameters.selfRemoves ?? []).map((bytes) =>
    receiveSelfRemove(context, groupContext, tree, bytes),
  );
  const items = [
    ...leaving,
    ...proposals.map((proposal): SentProposal => ({ proposal, sender, byReference: false })),
  ];
  ensureExternalProposals(items, tree);
  const applied = applyProposals(context, groupContext, tree, items);
  const { editor } = applied;
  const { leafNode } = parameters.bundle.keyPackage;
  const ownLeafIndex = editor.add(leafNode);
  const { signaturePrivateKey } = parameters.bundle;
  const staged = stagePath(
    suite,
    context.random,
    editor,
    ownLeafIndex,
    leafNode,
    signaturePrivateKey,
    groupContext.groupId,
  );
  const provisional = provisionalContext(suite, groupContext, applied);
  const path = sealPath(suite, context.random, editor, staged, encodeGroupContext(provisional), new Set());
  const listed: ProposalOrRef[] = [
    ...leaving.map(({ reference }) => ({ kind: 'reference', reference }) as const),
    ...proposals.map((proposal) => ({ kind: 'proposal', proposal }) as const),
  ];
  const unconfirmed = signFramedContent(
    suite,
    signaturePrivateKey,
    wireFormat.public,
    {
      groupId: groupContext.groupId,
      epoch: groupContext.epoch,
      sender,
      authenticatedData: parameters.authenticatedData ?? emptyBytes,
      content: {
        type: 'commit',
        commit: { proposals: listed, path },
      },
    },
    encodeGroupContext(groupContext),
  );
  const next = nextEpoch(
    suite,
    interimTranscriptHash(suite, groupContext.confirmedTranscriptHash, groupInfo.confirmationTag),
    provisional,
    unconfirmed,
    init.secret,
    staged.commitSecret,
    pskSecretFor(context, suite, applied.psks, []),
  );
  const auth = { ...unconfirmed.auth, confirmationTag: next.confirmationTag };
  const publicMessage = { message: { ...unconfirmed, auth }, membershipTag: undefined };
  return {
    state: {
      suite,
      groupContext: next.groupContext,
      groupContextBytes: next.groupContextBytes,
      tree: finishedTree(applied),
      ownLeafIndex,
      privateKeys: staged.privateKeys,
      signaturePrivateKey,
      secrets: next.derived.secrets,
      secretTree: createSecretTree(next.derived.encryption, editor.leaves.length),
      confirmationTag: next.confirmationTag,
      interimTranscriptHash: next.interimTranscriptHash,
      pending: [],
      pastEpochs: [],
      removed: false,
      handshakeFormat: parameters.handshakeFormat ?? 'public',
      reInit: undefined,
    },
    commit: encodeMlsMessage({ kind: 'public', publicMessage }),
  };
}

function finishedTree(applied: AppliedProposals): RatchetTree {
  const tree = applied.editor.finish();
  ensureUniqueKeys(tree);
  ensureLeavesTogether(tree, applied.extensions);
  return tree;
}

function externalPub(groupInfo: GroupInfo): Uint8Array {
  const extension = findExtension(groupInfo.extensions, extensionType.externalPub);
  ensure(extension !== undefined, 'RFC9420-12.4.3.2-2');
  return decodeAll(extension.data, 'ExternalPub', (reader) => reader.opaque('ExternalPub.external_pub'));
}
