/** RFC 9420 section 12.4.3: GroupInfo. */
import type { CipherSuite } from '../crypto/index.ts';
import { type Extension, readExtensions, writeExtensions } from './extension.ts';
import { type GroupContext, readGroupContext, writeGroupContext } from './group-context.ts';
import { signWithLabel, verifyWithLabel } from './labels.ts';
import type { Reader } from './reader.ts';
import { encode, type Writer } from './writer.ts';

export interface GroupInfoContent {
  readonly groupContext: GroupContext;
  readonly extensions: readonly Extension[];
  readonly confirmationTag: Uint8Array;
  /** Leaf index. */
  readonly signer: number;
}

export interface GroupInfo extends GroupInfoContent {
  readonly signature: Uint8Array;
}

function writeGroupInfoContent(writer: Writer, info: GroupInfoContent): void {
  writeGroupContext(writer, info.groupContext);
  writeExtensions(writer, info.extensions);
  writer.opaque(info.confirmationTag).u32(info.signer);
}

export function writeGroupInfo(writer: Writer, info: GroupInfo): void {
  writeGroupInfoContent(writer, info);
  writer.opaque(info.signature);
}

export function readGroupInfo(reader: Reader): GroupInfo {
  return {
    groupContext: readGroupContext(reader),
    extensions: readExtensions(reader),
    confirmationTag: reader.opaque('GroupInfo.confirmation_tag'),
    signer: reader.u32('GroupInfo.signer'),
    signature: reader.opaque('GroupInfo.signature'),
  };
}

export function signGroupInfo(
  suite: CipherSuite,
  privateKey: Uint8Array,
  content: GroupInfoContent,
): GroupInfo {
  const tbs = encode(writeGroupInfoContent, content);
  return { ...content, signature: signWithLabel(suite, privateKey, 'GroupInfoTBS', tbs) };
}

export function verifyGroupInfoSignature(
  suite: CipherSuite,
  publicKey: Uint8Array,
  info: GroupInfo,
): boolean {
  const tbs = encode(writeGroupInfoContent, info);
  return verifyWithLabel(suite, publicKey, 'GroupInfoTBS', tbs, info.signature);
}
