/** RFC 9420 section 7.9: parent hashes, which tie every node to the leaf that last set it. */
import { emptyBytes, sameBytes } from '../crypto/bytes.ts';
import type { CipherSuite } from '../crypto/index.ts';
import { ensure } from './errors.ts';
import {
  type ParentNode,
  type PathStep,
  parentAt,
  type RatchetTree,
  resolution,
  type TreeEditor,
} from './ratchet-tree.ts';
import { subtreeHashWithout } from './tree-hash.ts';
import { isLeaf, isUnder, leafToNode, left, nodeToLeaf, right } from './tree-math.ts';
import { Writer } from './writer.ts';

/** Hash of ParentHashInput for `parent`, with respect to its child `siblingNode`. */
function parentHash(
  suite: CipherSuite,
  tree: RatchetTree,
  parent: ParentNode,
  siblingNode: number,
): Uint8Array {
  const siblingHash = subtreeHashWithout(suite, tree, siblingNode, parent.unmergedLeaves);
  const input = new Writer(256).opaque(parent.encryptionKey).opaque(parent.parentHash).opaque(siblingHash);
  return suite.hash(input.finish());
}

/**
 * Section 7.9 for a new update path: writes `publicKeys` into the nodes of the filtered direct path, from the top
 * down with their parent hashes, and returns the parent hash for the leaf. Nodes the filter left out become blank.
 */
export function writePath(
  suite: CipherSuite,
  editor: TreeEditor,
  path: readonly PathStep[],
  publicKeys: readonly Uint8Array[],
): Uint8Array {
  let above = emptyBytes;
  for (let i = path.length - 1; i >= 0; i--) {
    const { node, copath } = path[i]!;
    const parent = { encryptionKey: publicKeys[i]!, parentHash: above, unmergedLeaves: [] };
    editor.setParent(node, parent);
    above = parentHash(suite, editor, parent, copath);
  }
  return above;
}

/** Section 7.9.2 for a whole tree. */
export function ensureParentHashes(suite: CipherSuite, tree: RatchetTree): void {
  for (let node = 1; node < 2 * tree.leaves.length - 1; node += 2) {
    const parent = parentAt(tree, node);
    if (parent === undefined) continue;
    const valid =
      childClaims(suite, tree, parent, left(node), right(node)) ||
      childClaims(suite, tree, parent, right(node), left(node));
    ensure(valid, 'RFC9420-7.9.2-1', () => `node ${node}`);
  }
}

/**
 * Whether some D in the resolution of `child` carries the hash of `parent`, and the rest of that resolution is
 * exactly the parent's unmerged leaves under `child`.
 */
function childClaims(
  suite: CipherSuite,
  tree: RatchetTree,
  parent: ParentNode,
  child: number,
  other: number,
): boolean {
  const unmerged = new Set(
    parent.unmergedLeaves.map((leaf) => leafToNode(leaf)).filter((node) => isUnder(node, child)),
  );
  const rest = resolution(tree, child).filter((node) => !unmerged.has(node));
  if (rest.length !== 1) return false;
  const claim = parentHashOf(tree, rest[0]!);
  return claim !== undefined && sameBytes(claim, parentHash(suite, tree, parent, other));
}

function parentHashOf(tree: RatchetTree, node: number): Uint8Array | undefined {
  if (!isLeaf(node)) return parentAt(tree, node)?.parentHash;
  const source = tree.leaves[nodeToLeaf(node)]?.source;
  return source?.type === 'commit' ? source.parentHash : undefined;
}
