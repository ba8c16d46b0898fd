/** RFC 9420 section 7.8: tree hashes. Only subtrees that changed are hashed again. */
import type { CipherSuite } from '../crypto/index.ts';
import { writeLeafNode } from './leaf-node.ts';
import { type ParentNode, parentAt, type RatchetTree, rootOf } from './ratchet-tree.ts';
import { writeParentNode } from './ratchet-tree-codec.ts';
import { isLeaf, isUnder, leafToNode, left, nodeToLeaf, right } from './tree-math.ts';
import { Writer } from './writer.ts';

export function treeHash(suite: CipherSuite, tree: RatchetTree): Uint8Array {
  return subtreeHash(suite, tree, rootOf(tree));
}

export function subtreeHash(suite: CipherSuite, tree: RatchetTree, node: number): Uint8Array {
  let hash = tree.hashes[node];
  if (hash === undefined) {
    hash = computeHash(suite, tree, node, (child) => subtreeHash(suite, tree, child), []);
    tree.hashes[node] = hash;
  }
  return hash;
}

/**
 * The hash of a subtree as it was before `excluded` leaves were added under it: they are blank and in no
 * unmerged_leaves (the original_sibling_tree_hash of section 7.9).
 */
export function subtreeHashWithout(
  suite: CipherSuite,
  tree: RatchetTree,
  node: number,
  excluded: readonly number[],
): Uint8Array {
  const within = excluded.filter((leaf) => isUnder(leafToNode(leaf), node));
  if (within.length === 0) return subtreeHash(suite, tree, node);
  return computeHash(suite, tree, node, (child) => subtreeHashWithout(suite, tree, child, within), within);
}

function computeHash(
  suite: CipherSuite,
  tree: RatchetTree,
  node: number,
  hashOf: (child: number) => Uint8Array,
  excluded: readonly number[],
): Uint8Array {
  const writer = new Writer(512);
  if (isLeaf(node)) {
    const index = nodeToLeaf(node);
    const leaf = excluded.includes(index) ? undefined : tree.leaves[index];
    writer.u8(1).u32(index).optional(leaf, writeLeafNode);
  } else {
    writer.u8(2).optional(withoutUnmerged(parentAt(tree, node), excluded), writeParentNode);
    writer.opaque(hashOf(left(node))).opaque(hashOf(right(node)));
  }
  return suite.hash(writer.view());
}

function withoutUnmerged(
  parent: ParentNode | undefined,
  excluded: readonly number[],
): ParentNode | undefined {
  if (parent === undefined || excluded.length === 0) return parent;
  return {
    ...parent,
    unmergedLeaves: parent.unmergedLeaves.filter((leaf) => !excluded.includes(leaf)),
  };
}
