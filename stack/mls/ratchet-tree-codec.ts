/** RFC 9420 section 12.4.3.3: the ratchet_tree extension, every node in array order without trailing blanks. */
import { readLeafNode, writeLeafNode } from './leaf-node.ts';
import type { ParentNode, RatchetTree } from './ratchet-tree.ts';
import { decodeAll, type Reader } from './reader.ts';
import { isLeaf } from './tree-math.ts';
import { Writer } from './writer.ts';

const nodeType = { leaf: 1, parent: 2 } as const;

export function writeParentNode(writer: Writer, parent: ParentNode): void {
  writer
    .opaque(parent.encryptionKey)
    .opaque(parent.parentHash)
    .vector(parent.unmergedLeaves, (w, leaf) => w.u32(leaf));
}

export function readParentNode(reader: Reader): ParentNode {
  return {
    encryptionKey: reader.opaque('ParentNode.encryption_key'),
    parentHash: reader.opaque('ParentNode.parent_hash'),
    unmergedLeaves: reader.vector('ParentNode.unmerged_leaves', (r) => r.u32('unmerged_leaves')),
  };
}

export function encodeRatchetTree(tree: RatchetTree): Uint8Array {
  const last = tree.leaves.findLastIndex((leaf) => leaf !== undefined);
  const writer = new Writer(256 * (last + 1));
  writer.prefixed((w) => {
    for (let node = 0; node <= 2 * last; node++) {
      if (isLeaf(node)) {
        w.optional(tree.leaves[node / 2], (inner, leaf) => {
          inner.u8(nodeType.leaf);
          writeLeafNode(inner, leaf);
        });
      } else {
        w.optional(tree.parents[(node - 1) / 2], (inner, parent) => {
          inner.u8(nodeType.parent);
          writeParentNode(inner, parent);
        });
      }
    }
  });
  return writer.finish();
}

/** Structure only; ratchet-tree-validation.ts says whether the tree is one to trust. */
export function decodeRatchetTree(bytes: Uint8Array): RatchetTree {
  return decodeAll(bytes, 'RatchetTree', readRatchetTree);
}

export function readRatchetTree(reader: Reader): RatchetTree {
  const body = reader.within('RatchetTree');
  const start = body.offset;
  const leaves: RatchetTree['leaves'][number][] = [];
  const parents: RatchetTree['parents'][number][] = [];
  let node = 0;
  let lastIsBlank = true;
  for (; body.remaining > 0; node++) {
    const wanted = isLeaf(node) ? nodeType.leaf : nodeType.parent;
    const present = body.optional('RatchetTree.node', (r) => {
      const at = r.offset;
      const type = r.u8('Node.node_type');
      if (type !== wanted) {
        r.fail(at, 'Node.node_type', isLeaf(node) ? 'leaf (1)' : 'parent (2)', String(type));
      }
      return true;
    });
    lastIsBlank = present === undefined;
    if (isLeaf(node)) leaves.push(lastIsBlank ? undefined : readLeafNode(body));
    else parents.push(lastIsBlank ? undefined : readParentNode(body));
  }
  if (lastIsBlank || isLeaf(node)) {
    body.fail(start, 'RatchetTree', 'a last node that is a leaf and not blank', `${node} nodes`);
  }
  let count = 1;
  while (count < leaves.length) count *= 2;
  while (leaves.length < count) leaves.push(undefined);
  while (parents.length < count - 1) parents.push(undefined);
  return { leaves, parents, hashes: [] };
}
