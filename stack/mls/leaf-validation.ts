/** RFC 9420 section 7.3: what a leaf node must satisfy alone, and together with the other members. */
import { sameBytes } from '../crypto/bytes.ts';
import type { CipherSuite } from '../crypto/index.ts';
import type { MlsContext } from './context.ts';
import { ensure } from './errors.ts';
import {
  type Extension,
  ensureDistinctExtensions,
  isDefaultExtension,
  requiredCapabilities,
} from './extension.ts';
import { externalSenders } from './external-senders.ts';
import {
  type LeafNode,
  type LeafNodeSource,
  type LeafPosition,
  type Lifetime,
  protocolVersionMls10,
  verifyLeafNodeSignature,
} from './leaf-node.ts';
import type { RatchetTree } from './ratchet-tree.ts';

/** Rules that need nothing but the leaf and the suite; `position` for leaves that sign it. */
export function ensureLeafAlone(
  suite: CipherSuite,
  leaf: LeafNode,
  source: LeafNodeSource['type'] | 'any',
  position: LeafPosition | undefined,
): void {
  ensureLeafForm(suite, leaf, source);
  ensure(verifyLeafNodeSignature(suite, leaf, position), 'RFC9420-7.3-2', undefined, 'LeafNode.signature');
}

/** The same without the signature: for a leaf that this member signed itself. */
export function ensureLeafForm(
  suite: CipherSuite,
  leaf: LeafNode,
  source: LeafNodeSource['type'] | 'any',
): void {
  ensure(
    source === 'any' || leaf.source.type === source,
    'RFC9420-7.3-7',
    () => `${source} expected, ${leaf.source.type} found`,
    'LeafNode.leaf_node_source',
  );
  ensure(suite.isHpkePublicKey(leaf.encryptionKey), 'RFC9420-5.1.1-1', undefined, 'LeafNode.encryption_key');
  ensure(
    suite.isSignaturePublicKey(leaf.signatureKey),
    'RFC9420-5.1.1-1',
    undefined,
    'LeafNode.signature_key',
  );
  ensureDistinctExtensions(leaf.extensions, 'LeafNode.extensions');
  ensure(
    extensionsListed(leaf, leaf.extensions),
    'RFC9420-7.3-6',
    undefined,
    'LeafNode.capabilities.extensions',
  );
  ensure(
    leaf.capabilities.credentials.includes(leaf.credential.type),
    'RFC9420-7.3-1',
    () => `credential type ${leaf.credential.type} not in its own capabilities`,
    'LeafNode.capabilities.credentials',
  );
  ensure(
    leaf.capabilities.versions.includes(protocolVersionMls10) &&
      leaf.capabilities.cipherSuites.includes(suite.id),
    'RFC9420-7.3-10',
    undefined,
    'LeafNode.capabilities',
  );
}

export function extensionsListed(leaf: LeafNode, extensions: readonly Extension[]): boolean {
  return extensions.every(
    ({ type }) => isDefaultExtension(type) || leaf.capabilities.extensions.includes(type),
  );
}

export function ensureLifetime(context: MlsContext, lifetime: Lifetime): void {
  const now = BigInt(Math.floor(context.now()));
  ensure(
    lifetime.notBefore <= now && now <= lifetime.notAfter,
    'RFC9420-7.3-5',
    () => `${lifetime.notBefore} to ${lifetime.notAfter}, now ${now}`,
    'LeafNode.lifetime',
  );
}

/** Rules over all members and the group's extensions: one pass over the leaves. */
export function ensureLeavesTogether(tree: RatchetTree, groupExtensions: readonly Extension[]): void {
  const members = tree.leaves.filter((leaf) => leaf !== undefined);
  const credentialTypes = [...new Set(members.map((leaf) => leaf.credential.type))];
  const required = requiredCapabilities(groupExtensions);
  // Read for its form alone: a malformed list would only show when the first external proposal came.
  externalSenders(groupExtensions);
  tree.leaves.forEach((leaf, index) => {
    if (leaf === undefined) return;
    const { capabilities } = leaf;
    ensure(
      credentialTypes.every((type) => capabilities.credentials.includes(type)),
      'RFC9420-7.3-4',
      () => `leaf ${index}`,
      'LeafNode.capabilities.credentials',
    );
    ensure(
      extensionsListed(leaf, groupExtensions),
      'RFC9420-12.1.7-1',
      () => `leaf ${index}`,
      'GroupContext.extensions',
    );
    if (required === undefined) return;
    ensure(
      required.extensionTypes.every(
        (type) => isDefaultExtension(type) || capabilities.extensions.includes(type),
      ) &&
        required.proposalTypes.every((type) => type <= 7 || capabilities.proposals.includes(type)) &&
        required.credentialTypes.every((type) => capabilities.credentials.includes(type)),
      'RFC9420-7.3-3',
      () => `leaf ${index}`,
      'LeafNode.capabilities',
    );
  });
}

/**
 * Both rules above the single leaf, for a tree whose members are those of a tree that kept them, but that one leaf was
 * replaced by `leaf`: only what that can have broken is looked at. Encryption keys are section 7.5's to check.
 */
export function ensureReplacedLeaf(
  tree: RatchetTree,
  groupExtensions: readonly Extension[],
  replaced: LeafNode,
  leaf: LeafNode,
): void {
  const sameKey = sameBytes(replaced.signatureKey, leaf.signatureKey);
  ensure(
    sameKey ||
      !tree.leaves.some(
        (other) => other !== leaf && other && sameBytes(other.signatureKey, leaf.signatureKey),
      ),
    'RFC9420-7.3-8',
    undefined,
    'LeafNode.signature_key',
  );
  if (!claimsTheSame(replaced, leaf)) ensureLeavesTogether(tree, groupExtensions);
}

function claimsTheSame(a: LeafNode, b: LeafNode): boolean {
  const alike = (list: readonly number[], other: readonly number[]) =>
    list.length === other.length && list.every((type, i) => type === other[i]);
  return (
    a.credential.type === b.credential.type &&
    alike(a.capabilities.credentials, b.capabilities.credentials) &&
    alike(a.capabilities.extensions, b.capabilities.extensions) &&
    alike(a.capabilities.proposals, b.capabilities.proposals)
  );
}

/** Keys are unique: signature keys among members, encryption keys among all nodes. */
export function ensureUniqueKeys({ leaves, parents }: RatchetTree): void {
  const signatureKeys = new KeySet();
  const encryptionKeys = new KeySet();
  for (const leaf of leaves) {
    if (leaf === undefined) continue;
    signatureKeys.add(leaf.signatureKey);
    encryptionKeys.add(leaf.encryptionKey);
  }
  for (const parent of parents) if (parent !== undefined) encryptionKeys.add(parent.encryptionKey);
  ensure(signatureKeys.allDistinct, 'RFC9420-7.3-8', undefined, 'LeafNode.signature_key');
  ensure(encryptionKeys.allDistinct, 'RFC9420-7.3-9', undefined, 'LeafNode.encryption_key');
}

/** The same for the new encryption keys of one path. */
export function ensureDistinctKeys(encryptionKeys: readonly Uint8Array[]): void {
  const set = new KeySet();
  for (const key of encryptionKeys) set.add(key);
  ensure(set.allDistinct, 'RFC9420-7.3-9', undefined, 'UpdatePathNode.encryption_key');
}

/** Six bytes of each key tell nearly all apart; only when two agree are whole keys compared. */
class KeySet {
  private readonly keys: Uint8Array[] = [];
  private readonly prints = new Set<number>();

  add(key: Uint8Array): void {
    let print = key.length;
    for (let i = 1; i < 6; i++) print = print * 256 + (key[i] ?? 0);
    this.prints.add(print);
    this.keys.push(key);
  }

  get allDistinct(): boolean {
    const { keys, prints } = this;
    return prints.size === keys.length || new Set(keys.map((key) => key.join())).size === keys.length;
  }
}
