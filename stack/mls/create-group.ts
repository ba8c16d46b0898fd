/** RFC 9420 section 11: creating a group of one. */
import { emptyBytes } from '../crypto/bytes.ts';
import { ensureCredential, type MlsContext, suiteOf } from './context.ts';
import { type Extension, ensureDistinctExtensions } from './extension.ts';
import type { WireFormatName } from './frame-handshake.ts';
import { encodeGroupContext, type GroupContext } from './group-context.ts';
import type { GroupState } from './group-state.ts';
import type { KeyPackageBundle } from './key-package.ts';
import { ensureOwnKeyPackage } from './key-package-validation.ts';
import { deriveEpoch } from './key-schedule.ts';
import { protocolVersionMls10 } from './leaf-node.ts';
import { ensureLeavesTogether } from './leaf-validation.ts';
import { singleLeafTree } from './ratchet-tree.ts';
import { createSecretTree } from './secret-tree.ts';
import { confirmationTag, interimTranscriptHash } from './transcript-hash.ts';
import { treeHash } from './tree-hash.ts';

export interface CreateGroupParameters {
  readonly groupId: Uint8Array;
  /** The creator's own KeyPackage, whose leaf becomes leaf 0. */
  readonly bundle: KeyPackageBundle;
  readonly extensions?: readonly Extension[];
  /** Default 'public'. */
  readonly handshakeFormat?: WireFormatName;
}

/** Epoch 0; the epoch secret is drawn from `context.random`. */
export function createGroup(context: MlsContext, parameters: CreateGroupParameters): GroupState {
  const { bundle } = parameters;
  const { keyPackage } = bundle;
  const suite = suiteOf(context, keyPackage.cipherSuite);
  ensureOwnKeyPackage(context, keyPackage);
  ensureCredential(context, keyPackage.leafNode);
  const tree = singleLeafTree(keyPackage.leafNode);
  const extensions = parameters.extensions ?? [];
  ensureDistinctExtensions(extensions, 'GroupContext.extensions');
  ensureLeavesTogether(tree, extensions);
  const groupContext: GroupContext = {
    version: protocolVersionMls10,
    cipherSuite: suite.id,
    groupId: parameters.groupId,
    epoch: 0n,
    treeHash: treeHash(suite, tree),
    confirmedTranscriptHash: emptyBytes,
    extensions,
  };
  const { secrets, encryption } = deriveEpoch(suite, context.random.bytes(suite.hashLength));
  const tag = confirmationTag(suite, secrets.confirmationKey, emptyBytes);
  return {
    suite,
    groupContext,
    groupContextBytes: encodeGroupContext(groupContext),
    tree,
    ownLeafIndex: 0,
    privateKeys: new Map([[0, bundle.leafPrivateKey]]),
    signaturePrivateKey: bundle.signaturePrivateKey,
    secrets,
    secretTree: createSecretTree(encryption, 1),
    confirmationTag: tag,
    interimTranscriptHash: interimTranscriptHash(suite, emptyBytes, tag),
    pending: [],
    pastEpochs: [],
    removed: false,
    handshakeFormat: parameters.handshakeFormat ?? 'public',
    reInit: undefined,
  };
}
