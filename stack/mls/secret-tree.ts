/** RFC 9420 section 9: the secret tree and its ratchets. Used secrets are gone from the next state. */
import { emptyBytes } from '../crypto/bytes.ts';
import type { CipherSuite } from '../crypto/index.ts';
import type { MlsPolicy } from './context.ts';
import { ensure } from './errors.ts';
import { deriveTreeSecret, expandWithLabel } from './labels.ts';
import { childTowards, leafToNode, root, sibling } from './tree-math.ts';

export interface MessageKey {
  readonly generation: number;
  readonly key: Uint8Array;
  readonly nonce: Uint8Array;
}

export interface Ratchet {
  /** Of the next key. */
  readonly generation: number;
  readonly secret: Uint8Array;
  /** Keys of generations that were passed over, in increasing order. */
  readonly skipped: readonly MessageKey[];
}

export interface LeafRatchets {
  readonly handshake: Ratchet;
  readonly application: Ratchet;
}

export type RatchetKind = keyof LeafRatchets;

/** Immutable. A node's secret is there until its children are derived, a leaf's until its ratchets are. */
export interface SecretTree {
  readonly leafCount: number;
  readonly nodes: readonly (Uint8Array | undefined)[];
  readonly ratchets: readonly (LeafRatchets | undefined)[];
}

export interface KeyDraw {
  readonly tree: SecretTree;
  readonly key: MessageKey;
}

const leftLabel = Uint8Array.from('left', (c) => c.charCodeAt(0));
const rightLabel = Uint8Array.from('right', (c) => c.charCodeAt(0));

export function createSecretTree(encryptionSecret: Uint8Array, leafCount: number): SecretTree {
  const nodes = new Array<Uint8Array | undefined>(2 * leafCount - 1).fill(undefined);
  nodes[root(leafCount)] = encryptionSecret;
  return { leafCount, nodes, ratchets: new Array<LeafRatchets | undefined>(leafCount).fill(undefined) };
}

/** The next key to send with. */
export function nextKey(suite: CipherSuite, tree: SecretTree, leafIndex: number, kind: RatchetKind): KeyDraw {
  const opened = openLeaf(suite, tree, leafIndex);
  const ratchet = opened.ratchets[leafIndex]![kind];
  const step = advance(suite, ratchet.generation, ratchet.secret);
  return { tree: withRatchet(opened, leafIndex, kind, { ...ratchet, ...step.next }), key: step.key };
}

/**
 * The key of `generation` to receive with. MlsError 9-1 when it was used, has fallen out of the window, or is further
 * ahead than the policy allows (a bound on the work one forged header can cause).
 */
export function keyOfGeneration(
  suite: CipherSuite,
  tree: SecretTree,
  leafIndex: number,
  kind: RatchetKind,
  generation: number,
  policy: Required<MlsPolicy>,
): KeyDraw {
  const opened = openLeaf(suite, tree, leafIndex);
  const ratchet = opened.ratchets[leafIndex]![kind];
  if (generation < ratchet.generation) {
    const at = ratchet.skipped.findIndex((key) => key.generation === generation);
    ensure(at >= 0, 'RFC9420-9-1', () => `generation ${generation} of leaf ${leafIndex} is used or expired`);
    const skipped = ratchet.skipped.toSpliced(at, 1);
    return {
      tree: withRatchet(opened, leafIndex, kind, { ...ratchet, skipped }),
      key: ratchet.skipped[at]!,
    };
  }
  ensure(
    generation - ratchet.generation <= policy.maxForwardGenerations,
    'RFC9420-9-1',
    () => `generation ${generation} is more than ${policy.maxForwardGenerations} ahead`,
  );
  const skipped = ratchet.skipped.slice();
  let { secret } = ratchet;
  for (let at = ratchet.generation; ; at++) {
    const step = advance(suite, at, secret);
    ({ secret } = step.next);
    if (at === generation) {
      const next = { ...step.next, skipped: skipped.slice(-policy.maxSkippedKeys) };
      return { tree: withRatchet(opened, leafIndex, kind, next), key: step.key };
    }
    skipped.push(step.key);
  }
}

function advance(
  suite: CipherSuite,
  generation: number,
  secret: Uint8Array,
): { readonly key: MessageKey; readonly next: { readonly generation: number; readonly secret: Uint8Array } } {
  const derive = (label: string, length: number) =>
    deriveTreeSecret(suite, secret, label, generation, length);
  return {
    key: {
      generation,
      key: derive('key', suite.aeadKeyLength),
      nonce: derive('nonce', suite.aeadNonceLength),
    },
    next: { generation: generation + 1, secret: derive('secret', suite.hashLength) },
  };
}

/** Derives down to the ratchets of a leaf, dropping each secret on the way once its children exist. */
function openLeaf(suite: CipherSuite, tree: SecretTree, leafIndex: number): SecretTree {
  if (tree.ratchets[leafIndex] !== undefined) return tree;
  const nodes = tree.nodes.slice();
  const leaf = leafToNode(leafIndex);
  const expand = (secret: Uint8Array, label: string, context: Uint8Array) =>
    expandWithLabel(suite, secret, label, context, suite.hashLength);
  for (let node = root(tree.leafCount); node !== leaf; ) {
    const down = childTowards(node, leaf);
    const secret = nodes[node];
    if (secret !== undefined) {
      const other = sibling(down);
      nodes[Math.min(down, other)] = expand(secret, 'tree', leftLabel);
      nodes[Math.max(down, other)] = expand(secret, 'tree', rightLabel);
      nodes[node] = undefined;
    }
    node = down;
  }
  const secret = nodes[leaf]!;
  nodes[leaf] = undefined;
  const ratchets = tree.ratchets.slice();
  ratchets[leafIndex] = {
    handshake: { generation: 0, secret: expand(secret, 'handshake', emptyBytes), skipped: [] },
    application: { generation: 0, secret: expand(secret, 'application', emptyBytes), skipped: [] },
  };
  return { leafCount: tree.leafCount, nodes, ratchets };
}

function withRatchet(tree: SecretTree, leafIndex: number, kind: RatchetKind, ratchet: Ratchet): SecretTree {
  const ratchets = tree.ratchets.slice();
  ratchets[leafIndex] = { ...ratchets[leafIndex]!, [kind]: ratchet };
  return { ...tree, ratchets };
}
