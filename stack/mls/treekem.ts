/** RFC 9420 sections 7.4 to 7.6: path secrets, and creating and receiving an update path. */
import { sameBytes } from '../crypto/bytes.ts';
import { type CipherSuite, CryptoError, type KeyPair } from '../crypto/index.ts';
import type { Random } from '../platform.ts';
import { ensure, MlsError } from './errors.ts';
import { decryptWithLabel, deriveSecret, encryptContext, encryptInContext } from './labels.ts';
import { type LeafNode, type LeafNodeContent, signLeafNode } from './leaf-node.ts';
import { writePath } from './parent-hash.ts';
import {
  encryptionKeyAt,
  filteredDirectPath,
  type PathStep,
  parentAt,
  type RatchetTree,
  resolution,
  type TreeEditor,
} from './ratchet-tree.ts';
import { sealedSecrets } from './sealed-secrets.ts';
import { commonAncestor, directPath, isLeaf, isUnder, leafToNode } from './tree-math.ts';
import type { UpdatePath, UpdatePathNode } from './update-path.ts';

/** HPKE private keys this member holds, by node: its leaf and the ancestors whose path secret it learnt. */
export type PrivateKeys = ReadonlyMap<number, Uint8Array>;

/** Section 7.4: the key pair of a node out of its path secret. */
export function nodeKeyPair(suite: CipherSuite, pathSecret: Uint8Array): KeyPair {
  return suite.hpke.deriveKeyPair(deriveSecret(suite, pathSecret, 'node'));
}

export function nextPathSecret(suite: CipherSuite, pathSecret: Uint8Array): Uint8Array {
  return deriveSecret(suite, pathSecret, 'path');
}

export interface StagedPath {
  readonly leafNode: LeafNode;
  readonly path: readonly PathStep[];
  /** By step of `path`. */
  readonly pathSecrets: readonly Uint8Array[];
  readonly publicKeys: readonly Uint8Array[];
  readonly privateKeys: PrivateKeys;
  readonly commitSecret: Uint8Array;
}

/** Section 7.5, first half: fresh keys from the leaf to the root, written into `editor` with the signed leaf. */
export function stagePath(
  suite: CipherSuite,
  random: Random,
  editor: TreeEditor,
  leafIndex: number,
  leaf: Omit<LeafNodeContent, 'encryptionKey' | 'source'>,
  signaturePrivateKey: Uint8Array,
  groupId: Uint8Array,
): StagedPath {
  const leafKeys = suite.hpke.generateKeyPair(random);
  const path = filteredDirectPath(editor, leafIndex);
  const privateKeys = new Map([[leafToNode(leafIndex), leafKeys.privateKey]]);
  const pathSecrets: Uint8Array[] = [];
  const publicKeys: Uint8Array[] = [];
  let secret = random.bytes(suite.hashLength);
  for (const { node } of path) {
    const keys = nodeKeyPair(suite, secret);
    pathSecrets.push(secret);
    publicKeys.push(keys.publicKey);
    privateKeys.set(node, keys.privateKey);
    secret = nextPathSecret(suite, secret);
  }
  blankUnfiltered(editor, leafIndex, path);
  const parentHash = writePath(suite, editor, path, publicKeys);
  const content: LeafNodeContent = {
    ...leaf,
    encryptionKey: leafKeys.publicKey,
    source: { type: 'commit', parentHash },
  };
  const leafNode = signLeafNode(suite, signaturePrivateKey, content, { groupId, leafIndex });
  editor.setLeaf(leafIndex, leafNode);
  return { leafNode, path, pathSecrets, publicKeys, privateKeys, commitSecret: secret };
}

/** Section 7.5, second half: each path secret to the resolution of its copath, without the leaves just added. */
export function sealPath(
  suite: CipherSuite,
  random: Random,
  tree: RatchetTree,
  staged: StagedPath,
  groupContext: Uint8Array,
  added: ReadonlySet<number>,
): UpdatePath {
  const info = encryptContext('UpdatePathNode', groupContext);
  const nodes = staged.path.map(({ copath }, i): UpdatePathNode => {
    const encryptedPathSecrets = recipients(tree, copath, added).map((node) =>
      encryptInContext(suite, random, encryptionKeyAt(tree, node)!, info, staged.pathSecrets[i]!),
    );
    return {
      encryptionKey: staged.publicKeys[i]!,
      encryptedPathSecrets: sealedSecrets(encryptedPathSecrets),
    };
  });
  return { leafNode: staged.leafNode, nodes };
}

/** Section 7.5 at a receiver: checks a path against the tree after the proposals and writes its public half. */
export function mergePath(
  suite: CipherSuite,
  editor: TreeEditor,
  leafIndex: number,
  update: UpdatePath,
): readonly PathStep[] {
  const path = filteredDirectPath(editor, leafIndex);
  ensure(
    update.nodes.length === path.length,
    'RFC9420-7.5-3',
    () => `${path.length} nodes expected, ${update.nodes.length} found`,
  );
  const keys = update.nodes.map((node) => node.encryptionKey);
  ensure(
    keys.every((key) => suite.isHpkePublicKey(key)),
    'RFC9420-5.1.1-1',
    undefined,
    'UpdatePathNode.encryption_key',
  );
  blankUnfiltered(editor, leafIndex, path);
  const parentHash = writePath(suite, editor, path, keys);
  const { source } = update.leafNode;
  ensure(
    source.type === 'commit' && sameBytes(source.parentHash, parentHash),
    'RFC9420-7.9-1',
    undefined,
    'LeafNode.parent_hash',
  );
  editor.setLeaf(leafIndex, update.leafNode);
  return path;
}

export interface ReceivedPath {
  readonly privateKeys: PrivateKeys;
  readonly commitSecret: Uint8Array;
}

/**
 * Section 7.5 at a receiver: opens the one ciphertext meant for this member and derives the rest of the path.
 * `tree` holds the public keys of the path already; `privateKeys` are those held before, blanked nodes left out.
 */
export function openPath(
  suite: CipherSuite,
  tree: RatchetTree,
  ownLeafIndex: number,
  privateKeys: PrivateKeys,
  update: UpdatePath,
  path: readonly PathStep[],
  senderIndex: number,
  groupContext: Uint8Array,
  added: ReadonlySet<number>,
): ReceivedPath {
  const shared = commonAncestor(leafToNode(senderIndex), leafToNode(ownLeafIndex));
  const start = path.findIndex(({ node }) => node === shared);
  const sealedTo = path.map(({ copath }) => recipients(tree, copath, added));
  sealedTo.forEach(({ length }, i) => {
    ensure(update.nodes[i]!.encryptedPathSecrets.length === length, 'RFC9420-7.5-4', `path node ${i}`);
  });
  const nodes = sealedTo[start]!;
  const slot = nodes.findIndex((node) => privateKeys.has(node));
  ensure(slot >= 0, 'RFC9420-7.5-5', 'no key held for any recipient node');
  const keyPair = {
    publicKey: encryptionKeyAt(tree, nodes[slot]!)!,
    privateKey: privateKeys.get(nodes[slot]!)!,
  };
  const sealed = update.nodes[start]!.encryptedPathSecrets;
  const secret = openSecret(() =>
    decryptWithLabel(suite, keyPair, 'UpdatePathNode', groupContext, sealed.at(slot)),
  );
  return climb(suite, tree, privateKeys, path.slice(start), secret, 'RFC9420-7.5-5');
}

/**
 * Derives the key pairs of `path` upwards from the secret of its first node, checks them against the tree and
 * returns them added to `privateKeys`.
 */
export function climb(
  suite: CipherSuite,
  tree: RatchetTree,
  privateKeys: PrivateKeys,
  path: readonly PathStep[],
  pathSecret: Uint8Array,
  requirement: 'RFC9420-7.5-5' | 'RFC9420-12.4.3.1-8',
): ReceivedPath {
  const keys = new Map(privateKeys);
  let secret = pathSecret;
  for (const { node } of path) {
    const pair = nodeKeyPair(suite, secret);
    const parent = parentAt(tree, node);
    ensure(
      parent !== undefined && sameBytes(parent.encryptionKey, pair.publicKey),
      requirement,
      () => `node ${node}`,
    );
    keys.set(node, pair.privateKey);
    secret = nextPathSecret(suite, secret);
  }
  return { privateKeys: keys, commitSecret: secret };
}

/** Keys of nodes that are no longer there are dropped. */
export function retainKeys(tree: RatchetTree, keys: PrivateKeys, ownLeafIndex: number): PrivateKeys {
  const own = leafToNode(ownLeafIndex);
  const top = tree.leaves.length - 1;
  return new Map(
    [...keys].filter(
      ([node]) => node === own || (isUnder(node, top) && !isLeaf(node) && parentAt(tree, node) !== undefined),
    ),
  );
}

function recipients(tree: RatchetTree, copath: number, added: ReadonlySet<number>): number[] {
  const nodes = resolution(tree, copath);
  return added.size === 0 ? nodes : nodes.filter((node) => !(isLeaf(node) && added.has(node / 2)));
}

/** The whole direct path is set by a commit: what the filter left out becomes blank. */
function blankUnfiltered(editor: TreeEditor, leafIndex: number, path: readonly PathStep[]): void {
  const kept = new Set(path.map(({ node }) => node));
  for (const node of directPath(leafToNode(leafIndex), editor.leaves.length)) {
    if (!kept.has(node) && parentAt(editor, node) !== undefined) editor.setParent(node, undefined);
  }
}

function openSecret(open: () => Uint8Array): Uint8Array {
  try {
    return open();
  } catch (error) {
    if (error instanceof CryptoError) throw new MlsError('RFC9420-7.5-5', error.message);
    throw error;
  }
}
