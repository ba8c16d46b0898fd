/** RFC 9420 sections 4.1.2, 7.1 and 7.7: the ratchet tree, its resolutions, and how it grows, blanks and shrinks. */
import { ensure } from './errors.ts';
import type { LeafNode } from './leaf-node.ts';
import {
  childTowards,
  directPath,
  isLeaf,
  leafToNode,
  left,
  nodeCount,
  nodeToLeaf,
  right,
  root,
  sibling,
} from './tree-math.ts';

/** Section 7.1. */
export interface ParentNode {
  readonly encryptionKey: Uint8Array;
  readonly parentHash: Uint8Array;
  /** Leaf indices in increasing order. */
  readonly unmergedLeaves: readonly number[];
}

/**
 * Immutable. `leaves[i]` is node 2i, `parents[i]` node 2i + 1; undefined is blank. The number of leaves is a power
 * of two.
 */
export interface RatchetTree {
  readonly leaves: readonly (LeafNode | undefined)[];
  readonly parents: readonly (ParentNode | undefined)[];
  /** Tree hashes by node, filled in as they are computed (section 7.8); a memo, never part of the value. */
  readonly hashes: (Uint8Array | undefined)[];
}

export function singleLeafTree(leaf: LeafNode): RatchetTree {
  return { leaves: [leaf], parents: [], hashes: [] };
}

export function leafCount(tree: RatchetTree): number {
  return tree.leaves.length;
}

export function parentAt(tree: RatchetTree, node: number): ParentNode | undefined {
  return tree.parents[(node - 1) / 2];
}

/** HPKE public key of a node, undefined for a blank. */
export function encryptionKeyAt(tree: RatchetTree, node: number): Uint8Array | undefined {
  return isLeaf(node) ? tree.leaves[nodeToLeaf(node)]?.encryptionKey : parentAt(tree, node)?.encryptionKey;
}

/** The leaf of a member. `requirement` 6-4: an index that is no member's. */
export function memberLeaf(tree: RatchetTree, leafIndex: number): LeafNode {
  const leaf = tree.leaves[leafIndex];
  ensure(leaf !== undefined, 'RFC9420-6-4', () => `leaf ${leafIndex}`);
  return leaf;
}

/** Section 4.1.2: the nodes whose keys together reach every member under `node`. */
export function resolution(tree: RatchetTree, node: number): number[] {
  const out: number[] = [];
  collectResolution(tree, node, out);
  return out;
}

function collectResolution(tree: RatchetTree, node: number, out: number[]): void {
  if (isLeaf(node)) {
    if (tree.leaves[nodeToLeaf(node)] !== undefined) out.push(node);
    return;
  }
  const parent = parentAt(tree, node);
  if (parent === undefined) {
    collectResolution(tree, left(node), out);
    collectResolution(tree, right(node), out);
    return;
  }
  out.push(node);
  for (const leaf of parent.unmergedLeaves) out.push(leafToNode(leaf));
}

function isPopulated(tree: RatchetTree, node: number): boolean {
  if (isLeaf(node)) return tree.leaves[nodeToLeaf(node)] !== undefined;
  if (parentAt(tree, node) !== undefined) return true;
  return isPopulated(tree, left(node)) || isPopulated(tree, right(node));
}

export interface PathStep {
  readonly node: number;
  /** The child of `node` that is not on the path. */
  readonly copath: number;
}

/** Section 4.1.2: the direct path of a leaf without the nodes whose copath child has an empty resolution. */
export function filteredDirectPath(tree: RatchetTree, leafIndex: number): PathStep[] {
  const leaf = leafToNode(leafIndex);
  return directPath(leaf, leafCount(tree))
    .map((node) => ({ node, copath: sibling(childTowards(node, leaf)) }))
    .filter(({ copath }) => isPopulated(tree, copath));
}

/** A tree being changed: one copy of the arrays, edited in place, then handed over by `finish`. */
export class TreeEditor implements RatchetTree {
  readonly leaves: (LeafNode | undefined)[];
  readonly parents: (ParentNode | undefined)[];
  readonly hashes: (Uint8Array | undefined)[];

  constructor(tree: RatchetTree) {
    this.leaves = tree.leaves.slice();
    this.parents = tree.parents.slice();
    this.hashes = tree.hashes.slice();
  }

  setLeaf(leafIndex: number, leaf: LeafNode | undefined): void {
    this.leaves[leafIndex] = leaf;
    this.touch(leafToNode(leafIndex));
  }

  setParent(node: number, parent: ParentNode | undefined): void {
    this.parents[(node - 1) / 2] = parent;
    this.touch(node);
  }

  /** Section 7.7 via 12.1.1: the leftmost blank leaf, or a tree twice the size; unmerged at each ancestor. */
  add(leaf: LeafNode): number {
    let index = this.leaves.indexOf(undefined);
    if (index < 0) {
      index = this.leaves.length;
      for (let i = 0; i < index; i++) {
        this.leaves.push(undefined);
        this.parents.push(undefined);
      }
    }
    this.setLeaf(index, leaf);
    for (const node of directPath(leafToNode(index), this.leaves.length)) {
      const parent = parentAt(this, node);
      if (parent !== undefined) {
        const unmergedLeaves = [...parent.unmergedLeaves, index].sort((a, b) => a - b);
        this.parents[(node - 1) / 2] = { ...parent, unmergedLeaves };
      }
    }
    return index;
  }

  /** Section 12.1.2: replaces a leaf and blanks its direct path. */
  update(leafIndex: number, leaf: LeafNode): void {
    this.blankPath(leafIndex);
    this.setLeaf(leafIndex, leaf);
  }

  /** Section 12.1.3: blanks a leaf and its direct path. The tree shrinks in `truncate`, once all are removed. */
  remove(leafIndex: number): void {
    this.blankPath(leafIndex);
    this.setLeaf(leafIndex, undefined);
  }

  /** Section 7.7: halves the tree while its right half holds no member. */
  truncate(): void {
    let count = this.leaves.length;
    const last = this.leaves.findLastIndex((leaf) => leaf !== undefined);
    while (count > 1 && last < count / 2) count /= 2;
    if (count === this.leaves.length) return;
    this.leaves.length = count;
    this.parents.length = count - 1;
    if (this.hashes.length > nodeCount(count)) this.hashes.length = nodeCount(count);
  }

  finish(): RatchetTree {
    return { leaves: this.leaves, parents: this.parents, hashes: this.hashes };
  }

  private blankPath(leafIndex: number): void {
    for (const node of directPath(leafToNode(leafIndex), this.leaves.length)) {
      this.parents[(node - 1) / 2] = undefined;
    }
  }

  private touch(node: number): void {
    this.hashes[node] = undefined;
    for (const above of directPath(node, this.leaves.length)) this.hashes[above] = undefined;
  }
}

/** Root node of the tree. */
export function rootOf(tree: RatchetTree): number {
  return root(leafCount(tree));
}
