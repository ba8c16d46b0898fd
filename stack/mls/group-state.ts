/** What a member holds of a group: plain, immutable data. Every operation returns the next one. */
import type { CipherSuite } from '../crypto/index.ts';
import type { Credential } from './credential.ts';
import { ensure } from './errors.ts';
import type { Extension } from './extension.ts';
import type { WireFormatName } from './frame-handshake.ts';
import type { Sender } from './framed-content.ts';
import type { GroupContext } from './group-context.ts';
import type { EpochSecrets } from './key-schedule.ts';
import type { Capabilities } from './leaf-node.ts';
import type { Proposal, ReInitProposal } from './proposal.ts';
import type { RatchetTree } from './ratchet-tree.ts';
import type { SecretTree } from './secret-tree.ts';
import type { PrivateKeys } from './treekem.ts';

/** A proposal received or sent by itself in this epoch, for a commit to name by reference. */
export interface PendingProposal {
  /** ProposalRef. */
  readonly reference: Uint8Array;
  readonly proposal: Proposal;
  readonly sender: Sender;
  /** Of one's own Update: the key that becomes the leaf's when it is committed. */
  readonly leafPrivateKey?: Uint8Array;
  readonly signaturePrivateKey?: Uint8Array;
}

/** What is kept of an earlier epoch so that its late application messages can still be read. */
export interface PastEpoch {
  readonly epoch: bigint;
  /** Encoded. */
  readonly groupContext: Uint8Array;
  /** Signature keys of its members, by leaf index. */
  readonly signatureKeys: readonly (Uint8Array | undefined)[];
  readonly secretTree: SecretTree;
  readonly senderData: Uint8Array;
  readonly resumptionPsk: Uint8Array;
  /** Seconds since the Unix epoch. */
  readonly endedAt: number;
}

export interface GroupState {
  readonly suite: CipherSuite;
  readonly groupContext: GroupContext;
  /** `groupContext` encoded: part of every signature and MAC of the epoch. */
  readonly groupContextBytes: Uint8Array;
  readonly tree: RatchetTree;
  readonly ownLeafIndex: number;
  readonly privateKeys: PrivateKeys;
  readonly signaturePrivateKey: Uint8Array;
  readonly secrets: EpochSecrets;
  readonly secretTree: SecretTree;
  readonly confirmationTag: Uint8Array;
  readonly interimTranscriptHash: Uint8Array;
  readonly pending: readonly PendingProposal[];
  /** Latest first. */
  readonly pastEpochs: readonly PastEpoch[];
  /** A commit removed this member: late messages of past epochs can be read, nothing can be sent. */
  readonly removed: boolean;
  /** The frame that proposals and commits of this member take unless a call says otherwise. */
  readonly handshakeFormat: WireFormatName;
  /** The ReInit that the last commit held: the group is closed, its successor is to be created (section 11.2). */
  readonly reInit: ReInitProposal | undefined;
}

/** Section 12.4.1: refuses what a removed member would send or process. */
export function ensureActive(state: GroupState): void {
  ensure(!state.removed, 'RFC9420-12.4.1-1');
}

/** Sections 12.4.1 and 11.2: a group that a ReInit closed carries no more messages. */
export function ensureOpen(state: GroupState): void {
  ensureActive(state);
  ensure(state.reInit === undefined, 'RFC9420-11.2-1');
}

/** The resumption PSK of an epoch of this group, section 8.6; undefined when that epoch is no longer held. */
export function resumptionPsk(state: GroupState, epoch: bigint): Uint8Array | undefined {
  if (epoch === state.groupContext.epoch) return state.secrets.resumptionPsk;
  return state.pastEpochs.find((past) => past.epoch === epoch)?.resumptionPsk;
}

/** The committed ReInit that closed the group, or undefined while it is open. */
export function reInit(state: GroupState): ReInitProposal | undefined {
  return state.reInit;
}

/** The same group, its later proposals and commits in frames of `handshakeFormat` by default. */
export function withHandshakeFormat(state: GroupState, handshakeFormat: WireFormatName): GroupState {
  return { ...state, handshakeFormat };
}

export function groupId(state: GroupState): Uint8Array {
  return state.groupContext.groupId;
}

export function epoch(state: GroupState): bigint {
  return state.groupContext.epoch;
}

export function groupExtensions(state: GroupState): readonly Extension[] {
  return state.groupContext.extensions;
}

export function ownLeafIndex(state: GroupState): number {
  return state.ownLeafIndex;
}

/** Section 7.8, of the current epoch. */
export function treeHash(state: GroupState): Uint8Array {
  return state.groupContext.treeHash;
}

/** Section 8: equal at all members of an epoch, and only then. */
export function epochAuthenticator(state: GroupState): Uint8Array {
  return state.secrets.epochAuthenticator;
}

export interface RosterEntry {
  readonly leafIndex: number;
  readonly credential: Credential;
  readonly signatureKey: Uint8Array;
  readonly capabilities: Capabilities;
}

/** Members in order of leaf index. */
export function roster(state: GroupState): RosterEntry[] {
  return rosterOf(state.tree);
}

export function rosterOf(tree: RatchetTree): RosterEntry[] {
  return tree.leaves.flatMap((leaf, leafIndex) =>
    leaf === undefined
      ? []
      : [
          {
            leafIndex,
            credential: leaf.credential,
            signatureKey: leaf.signatureKey,
            capabilities: leaf.capabilities,
          },
        ],
  );
}
