/**
 * RFC 9420 appendix C: the array form of a left-balanced tree whose leaf count is a power of two. Leaf i is node 2i;
 * a node's level is the number of trailing one bits.
 */

export function nodeCount(leafCount: number): number {
  return leafCount === 0 ? 0 : 2 * leafCount - 1;
}

export function leafToNode(leafIndex: number): number {
  return leafIndex * 2;
}

export function nodeToLeaf(node: number): number {
  return node / 2;
}

export function isLeaf(node: number): boolean {
  return (node & 1) === 0;
}

export function level(node: number): number {
  return isLeaf(node) ? 0 : 31 - Math.clz32(node ^ (node + 1));
}

export function root(leafCount: number): number {
  return leafCount - 1;
}

/** `node` must be a parent node. */
export function left(node: number): number {
  return node ^ (1 << (level(node) - 1));
}

export function right(node: number): number {
  return node ^ (3 << (level(node) - 1));
}

/** `node` must not be the root. */
export function parent(node: number): number {
  const k = level(node);
  const bit = (node >> (k + 1)) & 1;
  return (node | (1 << k)) ^ (bit << (k + 1));
}

export function sibling(node: number): number {
  const up = parent(node);
  return node < up ? right(up) : left(up);
}

/** The parents of `node` from the nearest up to the root; empty for the root. */
export function directPath(node: number, leafCount: number): number[] {
  const top = root(leafCount);
  const path: number[] = [];
  for (let at = node; at !== top; ) {
    at = parent(at);
    path.push(at);
  }
  return path;
}

/** The lowest node above both, or the node itself when they are the same. */
export function commonAncestor(a: number, b: number): number {
  let [x, y] = [a, b];
  while (x !== y) {
    if (level(x) <= level(y)) x = parent(x);
    else y = parent(y);
  }
  return x;
}

/** Whether `node` lies in the subtree under `ancestor` (itself included). */
export function isUnder(node: number, ancestor: number): boolean {
  const span = (1 << level(ancestor)) - 1;
  return node >= ancestor - span && node <= ancestor + span;
}

/** The child of `ancestor` on the way down to `node`; `node` strictly below. */
export function childTowards(ancestor: number, node: number): number {
  return node < ancestor ? left(ancestor) : right(ancestor);
}
