export type { MlsContext, MlsPolicy } from './context.ts';
export { type CommitOptions, type CommitResult, commit, type LeafChanges } from './create-commit.ts';
export { type CreateGroupParameters, createGroup } from './create-group.ts';
export { createProposal, createUpdateProposal, type ProposalOptions } from './create-proposal.ts';
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
  roster,
  treeHash,
} from './group-state.ts';
export { type Joined, type JoinParameters, joinFromWelcome } from './join.ts';
export {
  createKeyPackage,
  decodeKeyPackage,
  encodeKeyPackage,
  type KeyPackage,
  type KeyPackageBundle,
  type KeyPackageParameters,
  keyPackageRef,
} from './key-package.ts';
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
export { type CustomProposal, type Proposal, proposalType } from './proposal.ts';
export { type Protected, type ProtectOptions, protect } from './protect.ts';
export { encodeRatchetTree } from './ratchet-tree-codec.ts';
export { type RequirementId, requirements } from './requirements.ts';
