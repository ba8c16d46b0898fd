/** RFC 9420 section 12.4.3.1: joining a group by Welcome. */
import { constantTimeEqual, emptyBytes, sameBytes } from '../crypto/bytes.ts';
import { type CipherSuite, CryptoError } from '../crypto/index.ts';
import { type MlsContext, suiteOf } from './context.ts';
import { DecodeError, ensure, MlsError } from './errors.ts';
import { extensionType, findExtension } from './extension.ts';
import type { WireFormatName } from './frame-handshake.ts';
import { encodeGroupContext } from './group-context.ts';
import { type GroupInfo, readGroupInfo, verifyGroupInfoSignature } from './group-info.ts';
import type { GroupState } from './group-state.ts';
import { type KeyPackageBundle, keyPackageRef } from './key-package.ts';
import { deriveEpoch, epochSecret, memberSecret, welcomeKey, welcomeSecret } from './key-schedule.ts';
import { decryptWithLabel } from './labels.ts';
import { protocolVersionMls10 } from './leaf-node.ts';
import { decodeMlsMessage } from './mls-message.ts';
import { pskSecretFor } from './psk-lookup.ts';
import { filteredDirectPath, memberLeaf, type RatchetTree } from './ratchet-tree.ts';
import { decodeRatchetTree } from './ratchet-tree-codec.ts';
import { ensureTrustworthyTree } from './ratchet-tree-validation.ts';
import { decodeAll } from './reader.ts';
import type { RequirementId } from './requirements.ts';
import { createSecretTree } from './secret-tree.ts';
import { ensureSuccessor, successorUsage } from './successor-validation.ts';
import { confirmationTag, interimTranscriptHash } from './transcript-hash.ts';
import { commonAncestor, leafToNode } from './tree-math.ts';
import { climb, type PrivateKeys } from './treekem.ts';
import { type GroupSecrets, readGroupSecrets, type Welcome } from './welcome.ts';

export interface JoinParameters {
  /** MLSMessage. */
  readonly welcome: Uint8Array;
  /** Packages the Welcome may be for. */
  readonly bundles: readonly KeyPackageBundle[];
  /** The encoded tree (`optional<Node> ratchet_tree<V>`) when the GroupInfo does not carry it. */
  readonly ratchetTree?: Uint8Array;
  /** The group that the new one reinitialises (its ReInit committed) or branches from; its PSK is then required. */
  readonly predecessor?: GroupState;
  /** Default: that of the predecessor, else 'public'. */
  readonly handshakeFormat?: WireFormatName;
}

export interface Joined {
  readonly state: GroupState;
  /** To be forgotten by the caller, unless `isLastResort` of it. */
  readonly usedBundle: KeyPackageBundle;
}

/** DecodeError for bytes that are no Welcome, MlsError for one that breaks a rule. */
export function joinFromWelcome(context: MlsContext, parameters: JoinParameters): Joined {
  const message = decodeMlsMessage(parameters.welcome);
  ensure(message.kind === 'welcome', 'RFC9420-12.4.3.1-1', `a ${message.kind} message`);
  const { welcome } = message;
  const suite = suiteOf(context, welcome.cipherSuite);
  const { bundle, groupSecrets } = openGroupSecrets(context, suite, welcome, parameters.bundles);
  const { predecessor } = parameters;
  const usage = successorUsage(groupSecrets.psks, predecessor);
  const held = predecessor === undefined ? [] : [predecessor];
  const psk = pskSecretFor(context, suite, groupSecrets.psks, held);
  const member = memberSecret(suite, groupSecrets.joinerSecret, psk);
  const groupInfo = openGroupInfo(suite, welcome, member);
  ensure(groupInfo.groupContext.version === protocolVersionMls10, 'RFC9420-12.4.3.1-9');
  ensure(groupInfo.groupContext.cipherSuite === suite.id, 'RFC9420-12.4.3.1-2');
  const { groupId } = groupInfo.groupContext;
  ensure(!(context.holdsGroup?.(groupId) ?? false), 'RFC9420-12.4.3.1-10', undefined, 'group_id');
  const tree = receivedTree(groupInfo, parameters.ratchetTree);
  const state: GroupState = {
    ...enter(context, suite, bundle, groupSecrets, groupInfo, tree, member),
    handshakeFormat: parameters.handshakeFormat ?? predecessor?.handshakeFormat ?? 'public',
  };
  if (predecessor !== undefined && usage !== undefined) ensureSuccessor(predecessor, usage, state);
  return { state, usedBundle: bundle };
}

/** Section 12.4.3.1, steps 1 and 2: the entry for one of `bundles`, decrypted. */
export function openGroupSecrets(
  context: MlsContext,
  suite: CipherSuite,
  welcome: Welcome,
  bundles: readonly KeyPackageBundle[],
): { readonly bundle: KeyPackageBundle; readonly groupSecrets: GroupSecrets } {
  for (const bundle of bundles) {
    const reference = keyPackageRef(context, bundle.keyPackage);
    const entry = welcome.secrets.find(({ newMember }) => sameBytes(newMember, reference));
    if (entry === undefined) continue;
    ensure(bundle.keyPackage.cipherSuite === welcome.cipherSuite, 'RFC9420-12.4.3.1-2');
    const keyPair = { publicKey: bundle.keyPackage.initKey, privateKey: bundle.initPrivateKey };
    const groupSecrets = opened('RFC9420-12.4.3.1-3', () =>
      decodeAll(
        decryptWithLabel(suite, keyPair, 'Welcome', welcome.encryptedGroupInfo, entry.encryptedGroupSecrets),
        'GroupSecrets',
        readGroupSecrets,
      ),
    );
    return { bundle, groupSecrets };
  }
  throw new MlsError('RFC9420-12.4.3.1-1', `${welcome.secrets.length} entries, none for a package held`);
}

/** Steps 4 and 5; `member` from joiner_secret and psk_secret. */
export function openGroupInfo(suite: CipherSuite, welcome: Welcome, member: Uint8Array): GroupInfo {
  const { key, nonce } = welcomeKey(suite, welcomeSecret(suite, member));
  return opened('RFC9420-12.4.3.1-3', () =>
    decodeAll(suite.aeadOpen(key, nonce, emptyBytes, welcome.encryptedGroupInfo), 'GroupInfo', readGroupInfo),
  );
}

/** The tree from the GroupInfo, or else as handed over beside it. */
export function receivedTree(groupInfo: GroupInfo, beside: Uint8Array | undefined): RatchetTree {
  const bytes = findExtension(groupInfo.extensions, extensionType.ratchetTree)?.data ?? beside;
  ensure(bytes !== undefined, 'RFC9420-12.4.3.1-5');
  return decodeRatchetTree(bytes);
}

function enter(
  context: MlsContext,
  suite: CipherSuite,
  bundle: KeyPackageBundle,
  groupSecrets: GroupSecrets,
  groupInfo: GroupInfo,
  tree: RatchetTree,
  member: Uint8Array,
): GroupState {
  const { groupContext } = groupInfo;
  const signer = memberLeaf(tree, groupInfo.signer);
  ensure(verifyGroupInfoSignature(suite, signer.signatureKey, groupInfo), 'RFC9420-12.4.3.1-4');
  ensureTrustworthyTree(context, suite, tree, groupContext);
  const { leafNode } = bundle.keyPackage;
  const ownLeafIndex = tree.leaves.findIndex(
    (leaf) => leaf !== undefined && sameBytes(leaf.signature, leafNode.signature),
  );
  ensure(
    ownLeafIndex >= 0 && sameBytes(tree.leaves[ownLeafIndex]!.encryptionKey, leafNode.encryptionKey),
    'RFC9420-12.4.3.1-6',
  );
  const groupContextBytes = encodeGroupContext(groupContext);
  const derived = deriveEpoch(suite, epochSecret(suite, member, groupContextBytes));
  const confirmed = groupContext.confirmedTranscriptHash;
  const tag = confirmationTag(suite, derived.secrets.confirmationKey, confirmed);
  ensure(constantTimeEqual(tag, groupInfo.confirmationTag), 'RFC9420-12.4.3.1-7');
  return {
    suite,
    groupContext,
    groupContextBytes,
    tree,
    ownLeafIndex,
    privateKeys: joinerKeys(suite, tree, bundle, ownLeafIndex, groupInfo.signer, groupSecrets.pathSecret),
    signaturePrivateKey: bundle.signaturePrivateKey,
    secrets: derived.secrets,
    secretTree: createSecretTree(derived.encryption, tree.leaves.length),
    confirmationTag: tag,
    interimTranscriptHash: interimTranscriptHash(suite, confirmed, tag),
    pending: [],
    pastEpochs: [],
    removed: false,
    handshakeFormat: 'public',
    reInit: undefined,
  };
}

/** The leaf's key and, with a path secret, those from the common ancestor with the signer up to the root. */
function joinerKeys(
  suite: CipherSuite,
  tree: RatchetTree,
  bundle: KeyPackageBundle,
  ownLeafIndex: number,
  signer: number,
  pathSecret: Uint8Array | undefined,
): PrivateKeys {
  const keys = new Map([[leafToNode(ownLeafIndex), bundle.leafPrivateKey]]);
  if (pathSecret === undefined) return keys;
  const shared = commonAncestor(leafToNode(ownLeafIndex), leafToNode(signer));
  const path = filteredDirectPath(tree, signer);
  const start = path.findIndex(({ node }) => node === shared);
  ensure(start >= 0, 'RFC9420-12.4.3.1-8');
  return climb(suite, tree, keys, path.slice(start), pathSecret, 'RFC9420-12.4.3.1-8').privateKeys;
}

function opened<T>(requirement: RequirementId, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof CryptoError || error instanceof DecodeError) {
      throw new MlsError(requirement, error.message);
    }
    throw error;
  }
}
