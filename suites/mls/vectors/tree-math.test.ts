import { expect, it } from 'vitest';
import { isLeaf, left, nodeCount, parent, right, root, sibling } from '../../../stack/mls/tree-math.ts';
import { describeVectors } from './load.ts';

interface TreeMathVector {
  readonly n_leaves: number;
  readonly n_nodes: number;
  readonly root: number;
  readonly left: readonly (number | null)[];
  readonly right: readonly (number | null)[];
  readonly parent: readonly (number | null)[];
  readonly sibling: readonly (number | null)[];
}

describeVectors<TreeMathVector>('tree-math', (vectors) => {
  it.each(vectors.map((v) => [v.n_leaves, v] as const))('a tree of %i leaves', (leaves, v) => {
    const nodes = Array.from({ length: v.n_nodes }, (_, i) => i);
    expect(nodeCount(leaves)).toBe(v.n_nodes);
    expect(root(leaves)).toBe(v.root);
    expect(nodes.map((n) => (isLeaf(n) ? null : left(n)))).toEqual(v.left);
    expect(nodes.map((n) => (isLeaf(n) ? null : right(n)))).toEqual(v.right);
    expect(nodes.map((n) => (n === v.root ? null : parent(n)))).toEqual(v.parent);
    expect(nodes.map((n) => (n === v.root ? null : sibling(n)))).toEqual(v.sibling);
  });
});
