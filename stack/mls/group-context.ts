/** RFC 9420 section 8.1: GroupContext. */
import { type Extension, readExtensions, writeExtensions } from './extension.ts';
import type { Reader } from './reader.ts';
import { Writer } from './writer.ts';

export interface GroupContext {
  readonly version: number;
  readonly cipherSuite: number;
  readonly groupId: Uint8Array;
  readonly epoch: bigint;
  readonly treeHash: Uint8Array;
  readonly confirmedTranscriptHash: Uint8Array;
  readonly extensions: readonly Extension[];
}

export function writeGroupContext(writer: Writer, context: GroupContext): void {
  writer
    .u16(context.version)
    .u16(context.cipherSuite)
    .opaque(context.groupId)
    .u64(context.epoch)
    .opaque(context.treeHash)
    .opaque(context.confirmedTranscriptHash);
  writeExtensions(writer, context.extensions);
}

export function readGroupContext(reader: Reader): GroupContext {
  return {
    version: reader.u16('GroupContext.version'),
    cipherSuite: reader.u16('GroupContext.cipher_suite'),
    groupId: reader.opaque('GroupContext.group_id'),
    epoch: reader.u64('GroupContext.epoch'),
    treeHash: reader.opaque('GroupContext.tree_hash'),
    confirmedTranscriptHash: reader.opaque('GroupContext.confirmed_transcript_hash'),
    extensions: readExtensions(reader),
  };
}

export function encodeGroupContext(context: GroupContext): Uint8Array {
  const writer = new Writer(256);
  writeGroupContext(writer, context);
  return writer.finish();
}
