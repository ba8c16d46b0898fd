/** RFC 9420 sections 6, 12 and 15: any message of a group in. */
import { sameBytes } from '../crypto/bytes.ts';
import { type MlsContext, policyOf } from './context.ts';
import { ensure, MlsError } from './errors.ts';
import {
  type AuthenticatedContent,
  contentType,
  proposalReference,
  type Sender,
  verifyFramedContent,
} from './framed-content.ts';
import { ensureOpen, type GroupState, type PastEpoch } from './group-state.ts';
import { decodeMlsMessage } from './mls-message.ts';
import { openSenderData, type PrivateMessage, unprotectPrivate } from './private-message.ts';
import { type ProcessedCommit, processCommit } from './process-commit.ts';
import type { Proposal } from './proposal.ts';
import { isKept } from './proposal-list.ts';
import { type PublicMessage, unprotectPublic } from './public-message.ts';
import { retained } from './retention.ts';
import { senderSignatureKey } from './sender-key.ts';

export interface ReceivedApplication {
  readonly kind: 'application';
  readonly state: GroupState;
  readonly content: Uint8Array;
  readonly authenticatedData: Uint8Array;
  readonly senderLeaf: number;
  readonly generation: number;
  readonly epoch: bigint;
}

export interface ReceivedCommit extends ProcessedCommit {
  readonly kind: 'commit';
  /** The new epoch. */
  readonly epoch: bigint;
  readonly authenticatedData: Uint8Array;
}

export interface ReceivedProposal {
  readonly kind: 'proposal';
  readonly state: GroupState;
  readonly proposal: Proposal;
  readonly sender: Sender;
  /** ProposalRef. */
  readonly reference: Uint8Array;
  /** Undefined when the sender is not a member. */
  readonly senderLeaf: number | undefined;
  readonly authenticatedData: Uint8Array;
}

export type Received = ReceivedApplication | ReceivedCommit | ReceivedProposal;

/**
 * Takes one MLSMessage (public or private) of this group. The state given in is untouched, so a refused message
 * leaves nothing behind. DecodeError for bytes that are no message, MlsError for one that breaks a rule.
 */
export function process(context: MlsContext, state: GroupState, message: Uint8Array): Received {
  const decoded = decodeMlsMessage(message);
  if (decoded.kind === 'public') return processPublic(context, state, decoded.publicMessage);
  if (decoded.kind === 'private') return processPrivate(context, state, decoded.privateMessage);
  throw new MlsError('RFC9420-6-5', `a ${decoded.kind} message is not sent to a group`);
}

function processPublic(context: MlsContext, state: GroupState, received: PublicMessage): Received {
  const authenticated = openPublic(context, state, received);
  return processHandshake(context, state, authenticated);
}

/** Group, epoch, membership and signature of a PublicMessage. */
function openPublic(context: MlsContext, state: GroupState, received: PublicMessage): AuthenticatedContent {
  const { framed } = received.message;
  ensureOpen(state);
  ensure(sameBytes(framed.groupId, state.groupContext.groupId), 'RFC9420-6-1', undefined, 'group_id');
  ensureCurrentEpoch(state, framed.epoch);
  ensure(!isOwn(state, framed.sender), 'RFC9420-6-6');
  const { suite, secrets, groupContextBytes } = state;
  const message = unprotectPublic(suite, secrets.membershipKey, received, groupContextBytes);
  const key = senderSignatureKey(context, framed, state.groupContext, state.tree);
  ensure(verifyFramedContent(suite, key, message, groupContextBytes), 'RFC9420-6.1-1');
  return message;
}

function processPrivate(context: MlsContext, state: GroupState, message: PrivateMessage): Received {
  ensure(sameBytes(message.groupId, state.groupContext.groupId), 'RFC9420-6-1', undefined, 'group_id');
  if (message.contentType !== contentType.application) {
    ensureOpen(state);
    ensureCurrentEpoch(state, message.epoch);
  }
  const held = epochSecretsFor(context, state, message.epoch);
  const { suite } = state;
  const sender = openSenderData(suite, held.senderData, message);
  ensure(sender.leafIndex !== state.ownLeafIndex, 'RFC9420-6-6');
  const signatureKey = held.signatureKeyOf(sender.leafIndex);
  ensure(signatureKey !== undefined, 'RFC9420-6-4', () => `leaf ${sender.leafIndex}`);
  const opened = unprotectPrivate(suite, message, sender, held.secretTree, policyOf(context));
  ensure(verifyFramedContent(suite, signatureKey, opened.message, held.groupContext), 'RFC9420-6.1-1');
  const next = held.store(opened.secrets);
  const { framed } = opened.message;
  if (framed.content.type !== 'application') return processHandshake(context, next, opened.message);
  return {
    kind: 'application',
    state: next,
    content: framed.content.data,
    authenticatedData: framed.authenticatedData,
    senderLeaf: sender.leafIndex,
    generation: sender.generation,
    epoch: framed.epoch,
  };
}

function processHandshake(context: MlsContext, state: GroupState, message: AuthenticatedContent): Received {
  const { content, sender, authenticatedData } = message.framed;
  if (content.type === 'commit') {
    const processed = processCommit(context, state, message, content.commit);
    return {
      kind: 'commit',
      ...processed,
      epoch: state.groupContext.epoch + 1n,
      authenticatedData,
    };
  }
  ensure(content.type === 'proposal', 'RFC9420-6.2-2');
  const { proposal } = content;
  const reference = proposalReference(state.suite, message);
  const known = state.pending.some((item) => sameBytes(item.reference, reference));
  const pending =
    known || !isKept(proposal, state.tree)
      ? state.pending
      : [...state.pending, { reference, proposal, sender }];
  const senderLeaf = sender.type === 'member' ? sender.leafIndex : undefined;
  return {
    kind: 'proposal',
    state: { ...state, pending },
    proposal,
    sender,
    reference,
    senderLeaf,
    authenticatedData,
  };
}

export interface DetachedProposal {
  readonly proposal: Proposal;
  readonly authenticatedData: Uint8Array;
  readonly senderLeaf: number;
}

/**
 * Verifies a PublicMessage proposal of a member (membership tag and signature) without keeping it: RCC.16's
 * rcs_signature, whose authenticated data is the statement it signs.
 */
export function verifyDetachedProposal(
  context: MlsContext,
  state: GroupState,
  message: Uint8Array,
): DetachedProposal {
  const decoded = decodeMlsMessage(message);
  ensure(decoded.kind === 'public', 'RFC9420-6-5', `a ${decoded.kind} message`);
  const { framed } = openPublic(context, state, decoded.publicMessage);
  ensure(framed.content.type === 'proposal' && framed.sender.type === 'member', 'RFC9420-6-5');
  return {
    proposal: framed.content.proposal,
    authenticatedData: framed.authenticatedData,
    senderLeaf: framed.sender.leafIndex,
  };
}

function ensureCurrentEpoch(state: GroupState, epoch: bigint): void {
  const current = state.groupContext.epoch;
  ensure(epoch === current, 'RFC9420-6-3', () => `epoch ${epoch}, the group is in ${current}`, 'epoch');
}

function isOwn(state: GroupState, sender: Sender): boolean {
  return sender.type === 'member' && sender.leafIndex === state.ownLeafIndex;
}

interface HeldEpoch extends Pick<PastEpoch, 'groupContext' | 'secretTree' | 'senderData'> {
  readonly signatureKeyOf: (leafIndex: number) => Uint8Array | undefined;
  /** The state once the epoch's secret tree has moved on. */
  readonly store: (secretTree: PastEpoch['secretTree']) => GroupState;
}

function epochSecretsFor(context: MlsContext, state: GroupState, epoch: bigint): HeldEpoch {
  if (epoch === state.groupContext.epoch && !state.removed) {
    ensureOpen(state);
    return {
      groupContext: state.groupContextBytes,
      signatureKeyOf: (leafIndex) => state.tree.leaves[leafIndex]?.signatureKey,
      secretTree: state.secretTree,
      senderData: state.secrets.senderData,
      store: (secretTree) => ({ ...state, secretTree }),
    };
  }
  const pastEpochs = retained(context, state.pastEpochs);
  const index = pastEpochs.findIndex((past) => past.epoch === epoch);
  const past = pastEpochs[index];
  ensure(
    past !== undefined,
    'RFC9420-6-2',
    () => `epoch ${epoch}, the group is in ${state.groupContext.epoch}`,
    'epoch',
  );
  return {
    ...past,
    signatureKeyOf: (leafIndex) => past.signatureKeys[leafIndex],
    store: (secretTree) => ({
      ...state,
      pastEpochs: pastEpochs.with(index, { ...past, secretTree }),
    }),
  };
}
