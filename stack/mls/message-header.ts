/** RFC 9420 section 6: what can be read of a group message without any key. */
import { DecodeError } from './errors.ts';
import { wireFormat } from './framed-content.ts';
import { protocolVersionMls10 } from './leaf-node.ts';
import { Reader } from './reader.ts';

export interface MessageHeader {
  readonly kind: 'public' | 'private';
  readonly groupId: Uint8Array;
  readonly epoch: bigint;
}

/** The start of a PublicMessage or PrivateMessage; undefined for any other bytes. Nothing is authenticated yet. */
export function messageHeader(message: Uint8Array): MessageHeader | undefined {
  try {
    const reader = new Reader(message);
    const version = reader.u16('MLSMessage.version');
    const format = reader.u16('MLSMessage.wire_format');
    if (version !== protocolVersionMls10) return undefined;
    if (format !== wireFormat.public && format !== wireFormat.private) return undefined;
    return {
      kind: format === wireFormat.public ? 'public' : 'private',
      groupId: reader.opaque('group_id'),
      epoch: reader.u64('epoch'),
    };
  } catch (error) {
    if (error instanceof DecodeError) return undefined;
    throw error;
  }
}

/** Which group a message says it is for; undefined when it is no group message. */
export function messageGroupId(message: Uint8Array): Uint8Array | undefined {
  return messageHeader(message)?.groupId;
}
