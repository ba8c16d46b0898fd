/** RFC 9420 section 12.3: the effect of a commit's proposals on tree and context, in the order the RFC gives. */
import { sameBytes } from '../crypto/bytes.ts';
import { ensureCredential, type MlsContext, policyOf, suiteOf } from './context.ts';
import { ensure } from './errors.ts';
import { type Extension, ensureDistinctExtensions } from './extension.ts';
import type { GroupContext } from './group-context.ts';
import type { KeyPackage } from './key-package.ts';
import { ensureKeyPackage } from './key-package-validation.ts';
import { ensureLeafAlone, ensureLifetime } from './leaf-validation.ts';
import {
  isAdd,
  isExternalInit,
  isGroupContextExtensions,
  isPreSharedKey,
  isReInit,
  isRemove,
  isUpdate,
  type ReInitProposal,
} from './proposal.ts';
import { leavingLeaf, type SentProposal } from './proposal-list.ts';
import type { PreSharedKeyId } from './psk.ts';
import { memberLeaf, type RatchetTree, TreeEditor } from './ratchet-tree.ts';

export interface AddedMember {
  readonly leafIndex: number;
  readonly keyPackage: KeyPackage;
}

export interface AppliedProposals {
  /** Holds the tree after the proposals; the path, if any, is still to come. */
  readonly editor: TreeEditor;
  readonly extensions: readonly Extension[];
  readonly added: readonly AddedMember[];
  readonly removed: readonly number[];
  readonly updated: readonly number[];
  readonly psks: readonly PreSharedKeyId[];
  /** kem_output of the ExternalInit of an external commit. */
  readonly externalInit: Uint8Array | undefined;
  readonly reInit: ReInitProposal | undefined;
  /** The leaf that an external committer removes as its own earlier one. */
  readonly resynced: number | undefined;
}

export function applyProposals(
  context: MlsContext,
  group: GroupContext,
  tree: RatchetTree,
  items: readonly SentProposal[],
): AppliedProposals {
  const suite = suiteOf(context, group.cipherSuite);
  const proposals = items.map(({ proposal }) => proposal);
  const editor = new TreeEditor(tree);
  const extensions = proposals.find(isGroupContextExtensions)?.extensions ?? group.extensions;
  ensureDistinctExtensions(extensions, 'GroupContextExtensions.extensions');

  const updated: number[] = [];
  for (const { proposal, sender } of items) {
    if (!isUpdate(proposal) || sender.type !== 'member') continue;
    const position = { groupId: group.groupId, leafIndex: sender.leafIndex };
    ensureLeafAlone(suite, proposal.leafNode, 'update', position);
    const replaced = memberLeaf(tree, sender.leafIndex);
    ensureCredential(context, proposal.leafNode, replaced.credential);
    ensure(
      !sameBytes(proposal.leafNode.encryptionKey, replaced.encryptionKey),
      'RFC9420-7.3-11',
      undefined,
      'Update.leaf_node.encryption_key',
    );
    editor.update(sender.leafIndex, proposal.leafNode);
    updated.push(sender.leafIndex);
  }
  const removed = items.map(leavingLeaf).filter((leaf) => leaf !== undefined);
  for (const leafIndex of removed) editor.remove(leafIndex);
  // The tree shrinks before it grows: an Add takes the leftmost blank of what is left, or doubles it again.
  if (removed.length > 0) editor.truncate();
  const added = proposals.filter(isAdd).map(({ keyPackage }): AddedMember => {
    ensure(
      keyPackage.version === group.version && keyPackage.cipherSuite === group.cipherSuite,
      'RFC9420-10.1-4',
    );
    ensureKeyPackage(context, keyPackage);
    ensureCredential(context, keyPackage.leafNode);
    const { source } = keyPackage.leafNode;
    if (policyOf(context).checkAddedLifetime && source.type === 'key_package') {
      ensureLifetime(context, source.lifetime);
    }
    return { leafIndex: editor.add(keyPackage.leafNode), keyPackage };
  });
  return {
    editor,
    extensions,
    added,
    removed,
    updated,
    psks: proposals.filter(isPreSharedKey).map(({ psk }) => psk),
    externalInit: proposals.find(isExternalInit)?.kemOutput,
    reInit: proposals.find(isReInit),
    resynced: proposals.some(isExternalInit) ? proposals.find(isRemove)?.removed : undefined,
  };
}
