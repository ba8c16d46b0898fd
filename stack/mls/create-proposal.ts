/** RFC 9420 section 12.1: proposals sent by themselves, to be committed by reference. */
import { emptyBytes } from '../crypto/bytes.ts';
import type { MlsContext } from './context.ts';
import type { LeafChanges } from './create-commit.ts';
import { frameHandshake, type WireFormatName } from './frame-handshake.ts';
import { proposalReference, signFramedContent, wireFormat } from './framed-content.ts';
import { ensureOpen, type GroupState, type PendingProposal } from './group-state.ts';
import { signLeafNode } from './leaf-node.ts';
import { type Proposal, proposalType, selfRemoveType } from './proposal.ts';
import { ensureSupported, isKept } from './proposal-list.ts';
import { memberLeaf } from './ratchet-tree.ts';

export interface ProposalOptions {
  readonly authenticatedData?: Uint8Array;
  /** Default: the group's handshakeFormat. */
  readonly wireFormat?: WireFormatName;
}

export interface SentProposalMessage {
  readonly state: GroupState;
  /** MLSMessage. */
  readonly message: Uint8Array;
  /** ProposalRef. */
  readonly reference: Uint8Array;
}

/** Signs, sends and, if it is of a kind that commits can hold, remembers `proposal`. */
export function createProposal(
  context: MlsContext,
  state: GroupState,
  proposal: Proposal,
  options: ProposalOptions = {},
): SentProposalMessage {
  return send(context, state, proposal, options, {});
}

/** An Update of one's own leaf under a fresh encryption key. */
export function createUpdateProposal(
  context: MlsContext,
  state: GroupState,
  options: ProposalOptions & { readonly leaf?: LeafChanges } = {},
): SentProposalMessage {
  const { suite, ownLeafIndex } = state;
  const leaf = memberLeaf(state.tree, ownLeafIndex);
  const keys = suite.hpke.generateKeyPair(context.random);
  const changes = options.leaf ?? {};
  const signaturePrivateKey = changes.signatureKeyPair?.privateKey ?? state.signaturePrivateKey;
  const leafNode = signLeafNode(
    suite,
    signaturePrivateKey,
    {
      encryptionKey: keys.publicKey,
      signatureKey: changes.signatureKeyPair?.publicKey ?? leaf.signatureKey,
      credential: changes.credential ?? leaf.credential,
      capabilities: changes.capabilities ?? leaf.capabilities,
      source: { type: 'update' },
      extensions: changes.extensions ?? leaf.extensions,
    },
    { groupId: state.groupContext.groupId, leafIndex: ownLeafIndex },
  );
  const held = { leafPrivateKey: keys.privateKey, signaturePrivateKey };
  return send(context, state, { type: proposalType.update, leafNode }, options, held);
}

/**
 * Asks to be removed: another member commits it (draft-ietf-mls-extensions, RCC.16 section 7.11.8.1). Always a
 * PublicMessage, so that an external joiner can take it up too. MlsError 12.2-9 unless all members know the type.
 */
export function createSelfRemoveProposal(
  context: MlsContext,
  state: GroupState,
  options: { readonly type?: 0x000a | 0xf003; readonly authenticatedData?: Uint8Array } = {},
): SentProposalMessage {
  const { type = selfRemoveType.draft, ...rest } = options;
  ensureSupported(state.tree, type);
  return send(context, state, { type, body: emptyBytes }, { ...rest, wireFormat: 'public' }, {});
}

function send(
  context: MlsContext,
  state: GroupState,
  proposal: Proposal,
  options: ProposalOptions,
  held: Pick<PendingProposal, 'leafPrivateKey' | 'signaturePrivateKey'>,
): SentProposalMessage {
  ensureOpen(state);
  const sender = { type: 'member', leafIndex: state.ownLeafIndex } as const;
  const message = signFramedContent(
    state.suite,
    state.signaturePrivateKey,
    wireFormat[options.wireFormat ?? state.handshakeFormat],
    {
      groupId: state.groupContext.groupId,
      epoch: state.groupContext.epoch,
      sender,
      authenticatedData: options.authenticatedData ?? emptyBytes,
      content: { type: 'proposal', proposal },
    },
    state.groupContextBytes,
  );
  const framed = frameHandshake(context, state, message);
  const reference = proposalReference(state.suite, message);
  const pending = isKept(proposal, state.tree)
    ? [...state.pending, { reference, proposal, sender, ...held }]
    : state.pending;
  return { state: { ...state, secretTree: framed.secretTree, pending }, message: framed.bytes, reference };
}
