/** RFC 9420 section 12.4.3: GroupInfo of the current epoch, for joiners and for the delivery service. */
import { type Extension, ensureDistinctExtensions, extensionType } from './extension.ts';
import { type GroupInfo, signGroupInfo } from './group-info.ts';
import { ensureActive, type GroupState } from './group-state.ts';
import { externalKeyPair } from './key-schedule.ts';
import { encodeMlsMessage } from './mls-message.ts';
import { encodeRatchetTree } from './ratchet-tree-codec.ts';
import { Writer } from './writer.ts';

export interface GroupInfoOptions {
  readonly ratchetTree: boolean;
  /** Section 12.4.3.2: lets outsiders join by an external commit. */
  readonly externalPub: boolean;
  readonly extensions: readonly Extension[];
}

export function groupInfoOf(state: GroupState, options: GroupInfoOptions): GroupInfo {
  ensureActive(state);
  const extensions: Extension[] = [];
  if (options.ratchetTree) {
    extensions.push({ type: extensionType.ratchetTree, data: encodeRatchetTree(state.tree) });
  }
  if (options.externalPub) {
    const { publicKey } = externalKeyPair(state.suite, state.secrets.external);
    extensions.push({ type: extensionType.externalPub, data: new Writer(80).opaque(publicKey).finish() });
  }
  extensions.push(...options.extensions);
  ensureDistinctExtensions(extensions, 'GroupInfo.extensions');
  return signGroupInfo(state.suite, state.signaturePrivateKey, {
    groupContext: state.groupContext,
    extensions,
    confirmationTag: state.confirmationTag,
    signer: state.ownLeafIndex,
  });
}

/** As an MLSMessage. */
export function exportGroupInfo(state: GroupState, options: GroupInfoOptions): Uint8Array {
  return encodeMlsMessage({ kind: 'groupInfo', groupInfo: groupInfoOf(state, options) });
}
