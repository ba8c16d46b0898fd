/** RFC 9420 sections 12.4.3.1 and 12.4.3.3: what a joiner checks of a tree it was handed. */
import { sameBytes } from '../crypto/bytes.ts';
import type { CipherSuite } from '../crypto/index.ts';
import { ensureCredential, type MlsContext } from './context.ts';
import { ensure } from './errors.ts';
import type { GroupContext } from './group-context.ts';
import { ensureLeafAlone, ensureLeavesTogether, ensureUniqueKeys } from './leaf-validation.ts';
import { ensureParentHashes } from './parent-hash.ts';
import { parentAt, type RatchetTree } from './ratchet-tree.ts';
import { treeHash } from './tree-hash.ts';
import { directPath, isUnder, leafToNode } from './tree-math.ts';

export function ensureTrustworthyTree(
  context: MlsContext,
  suite: CipherSuite,
  tree: RatchetTree,
  group: GroupContext,
): void {
  ensure(
    sameBytes(treeHash(suite, tree), group.treeHash),
    'RFC9420-7.8-1',
    undefined,
    'GroupContext.tree_hash',
  );
  ensureUnmergedLeaves(tree);
  ensureParentHashes(suite, tree);
  ensureParentKeys(suite, tree);
  ensureUniqueKeys(tree);
  tree.leaves.forEach((leaf, leafIndex) => {
    if (leaf === undefined) return;
    ensureLeafAlone(suite, leaf, 'any', { groupId: group.groupId, leafIndex });
    ensureCredential(context, leaf);
  });
  ensureLeavesTogether(tree, group.extensions);
}

function ensureParentKeys(suite: CipherSuite, tree: RatchetTree): void {
  for (const parent of tree.parents) {
    ensure(
      parent === undefined || suite.isHpkePublicKey(parent.encryptionKey),
      'RFC9420-5.1.1-1',
      undefined,
      'ParentNode.encryption_key',
    );
  }
}

/** In increasing order, each a member below the node and unmerged at every populated node between. */
function ensureUnmergedLeaves(tree: RatchetTree): void {
  for (let node = 1; node < 2 * tree.leaves.length - 1; node += 2) {
    let previous = -1;
    for (const leaf of parentAt(tree, node)?.unmergedLeaves ?? []) {
      const inOrder = leaf > previous;
      previous = leaf;
      const below = isUnder(leafToNode(leaf), node) && tree.leaves[leaf] !== undefined;
      ensure(
        inOrder && below && unmergedBetween(tree, leaf, node),
        'RFC9420-12.4.3.3-1',
        () => `leaf ${leaf} at node ${node}`,
        'ParentNode.unmerged_leaves',
      );
    }
  }
}

function unmergedBetween(tree: RatchetTree, leaf: number, node: number): boolean {
  for (const between of directPath(leafToNode(leaf), tree.leaves.length)) {
    if (between === node) return true;
    if (parentAt(tree, between)?.unmergedLeaves.includes(leaf) === false) return false;
  }
  return true;
}
