/** RFC 9420 sections 11.2 and 11.3: groups created to take up another, by reinitialisation or as a branch. */
import type { MlsContext } from './context.ts';
import { type CommitResult, commitAfter } from './create-commit.ts';
import { createGroup } from './create-group.ts';
import { ensure } from './errors.ts';
import type { Extension } from './extension.ts';
import { ensureActive, type GroupState } from './group-state.ts';
import type { KeyPackageBundle } from './key-package.ts';
import type { VerifiedKeyPackage } from './key-package-validation.ts';
import { successorPskProposal } from './psk-proposal.ts';
import { ensureMembersOf } from './successor-validation.ts';

export interface SuccessorParameters {
  /** The creator's own KeyPackage, of the successor's cipher suite. */
  readonly bundle: KeyPackageBundle;
  /** Of the other members. */
  readonly members: readonly VerifiedKeyPackage[];
  /** Of the commit that adds them; default true. */
  readonly path?: boolean;
  /** Whether the Welcome carries the tree; default true. */
  readonly ratchetTreeExtension?: boolean;
}

/**
 * The successor that the committed ReInit of `closed` asks for, at its epoch 1. The members join it by the Welcome with
 * `closed` as predecessor. MlsError 11.2-2 when no ReInit is committed.
 */
export function createReInitGroup(
  context: MlsContext,
  closed: GroupState,
  parameters: SuccessorParameters,
): CommitResult {
  const { reInit } = closed;
  ensure(reInit !== undefined, 'RFC9420-11.2-2');
  const suite = parameters.bundle.keyPackage.cipherSuite;
  ensure(suite === reInit.cipherSuite, 'RFC9420-11.2-3', () => `cipher suite ${suite}`);
  return createSuccessor(context, closed, 'reinit', reInit.groupId, reInit.extensions, parameters);
}

export interface BranchParameters extends SuccessorParameters {
  readonly groupId: Uint8Array;
  readonly extensions?: readonly Extension[];
}

/** A group of some members of `from`, bound to its present epoch; `from` goes on beside it. */
export function createBranch(
  context: MlsContext,
  from: GroupState,
  parameters: BranchParameters,
): CommitResult {
  ensureActive(from);
  const { bundle, members } = parameters;
  ensure(bundle.keyPackage.cipherSuite === from.suite.id, 'RFC9420-11.3-1');
  ensureMembersOf(from.tree, { leaves: members.map(({ keyPackage }) => keyPackage.leafNode) });
  const { groupId, extensions = [] } = parameters;
  return createSuccessor(context, from, 'branch', groupId, extensions, parameters);
}

function createSuccessor(
  context: MlsContext,
  from: GroupState,
  usage: 'reinit' | 'branch',
  groupId: Uint8Array,
  extensions: readonly Extension[],
  parameters: SuccessorParameters,
): CommitResult {
  const { bundle, members, path = true, ratchetTreeExtension = true } = parameters;
  const { handshakeFormat } = from;
  const created = createGroup(context, { groupId, bundle, extensions, handshakeFormat });
  const psk = successorPskProposal(context, bundle.keyPackage.cipherSuite, usage, from);
  return commitAfter(context, created, { add: members, proposals: [psk], path, ratchetTreeExtension }, from);
}
