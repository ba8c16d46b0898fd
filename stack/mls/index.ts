export type { CredentialCheck, MlsContext, MlsPolicy } from './context.ts';
export { type CommitOptions, type CommitResult, commit, type LeafChanges } from './create-commit.ts';
export { type CreateGroupParameters, createGroup } from './create-group.ts';
export {
  createProposal,
  createSelfRemoveProposal,
  createUpdateProposal,
  type ProposalOptions,
  type SentProposalMessage,
} from './create-proposal.ts';
export { type BasicCredential, type Credential, credentialType, type X509Credential } from './credential.ts';
export { DecodeError, MlsError } from './errors.ts';
export { exportGroupInfo, type GroupInfoOptions } from './export-group-info.ts';
export { exportSecret } from './exporter.ts';
export { type Extension, extensionType, findExtension } from './extension.ts';
export {
  type ExternalCommitParameters,
  type ExternalCommitResult,
  joinByExternalCommit,
} from './external-commit.ts';
export {
  createExternalProposal,
  createNewMemberProposal,
  type ExternalProposalParameters,
  type GroupAddress,
  type NewMemberProposalParameters,
} from './external-proposal.ts';
export {
  decodeExternalSender,
  type ExternalSender,
  encodeExternalSender,
  externalSenders,
  externalSendersExtension,
} from './external-senders.ts';
export type { WireFormatName } from './frame-handshake.ts';
export type { Sender } from './framed-content.ts';
export type { GroupContext } from './group-context.ts';
export type { GroupInfo } from './group-info.ts';
export {
  epoch,
  epochAuthenticator,
  type GroupState,
  groupExtensions,
  groupId,
  ownLeafIndex,
  type PendingProposal,
  type RosterEntry,
  reInit,
  resumptionPsk,
  roster,
  treeHash,
  withHandshakeFormat,
} from './group-state.ts';
export { type Joined, type JoinParameters, joinFromWelcome } from './join.ts';
export {
  createKeyPackage,
  decodeKeyPackage,
  encodeKeyPackage,
  isLastResort,
  type KeyPackage,
  type KeyPackageBundle,
  type KeyPackageParameters,
  keyPackageRef,
} from './key-package.ts';
export { decodeKeyPackageBundle, encodeKeyPackageBundle } from './key-package-bundle-codec.ts';
export { type VerifiedKeyPackage, verifyKeyPackage } from './key-package-validation.ts';
export type { Capabilities, LeafNode, LeafNodeSource, Lifetime } from './leaf-node.ts';
export { type MessageHeader, messageGroupId, messageHeader } from './message-header.ts';
export { decodeMlsMessage, encodeMlsMessage, type MlsMessage } from './mls-message.ts';
export {
  type DetachedProposal,
  process,
  type Received,
  type ReceivedApplication,
  type ReceivedCommit,
  type ReceivedProposal,
  verifyDetachedProposal,
} from './process.ts';
export {
  type CustomProposal,
  type PreSharedKeyProposal,
  type Proposal,
  proposalType,
  type ReInitProposal,
  selfRemoveType,
} from './proposal.ts';
export { pathRequired } from './proposal-list.ts';
export { type Protected, type ProtectOptions, protect } from './protect.ts';
export type { PreSharedKeyId, ResumptionUsage } from './psk.ts';
export { externalPskProposal, resumptionPskProposal } from './psk-proposal.ts';
export { encodeRatchetTree } from './ratchet-tree-codec.ts';
export { Reader } from './reader.ts';
export { type RequirementId, requirements } from './requirements.ts';
export { prune } from './retention.ts';
export { decodeState, encodeState } from './state-codec.ts';
export {
  type BranchParameters,
  createBranch,
  createReInitGroup,
  type SuccessorParameters,
} from './successor.ts';
export { type VerifiedGroupInfo, verifyGroupInfo } from './verify-group-info.ts';
export { Writer } from './writer.ts';
