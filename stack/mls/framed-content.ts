/** RFC 9420 section 6: FramedContent, its authentication (6.1) and AuthenticatedContent. */
import type { CipherSuite } from '../crypto/index.ts';
import { type Commit, readCommit, writeCommit } from './commit-codec.ts';
import { refHash, signWithLabel, verifyWithLabel } from './labels.ts';
import { protocolVersionMls10 } from './leaf-node.ts';
import { type Proposal, readProposal, writeProposal } from './proposal.ts';
import type { Reader } from './reader.ts';
import { Writer } from './writer.ts';

/** Section 17.2. */
export const wireFormat = { public: 1, private: 2, welcome: 3, groupInfo: 4, keyPackage: 5 } as const;
export const contentType = { application: 1, proposal: 2, commit: 3 } as const;
export type ContentTypeCode = 1 | 2 | 3;

export type Sender =
  | { readonly type: 'member'; readonly leafIndex: number }
  | { readonly type: 'external'; readonly senderIndex: number }
  | { readonly type: 'new_member_proposal' }
  | { readonly type: 'new_member_commit' };

export type Content =
  | { readonly type: 'application'; readonly data: Uint8Array }
  | { readonly type: 'proposal'; readonly proposal: Proposal }
  | { readonly type: 'commit'; readonly commit: Commit };

export interface FramedContent {
  readonly groupId: Uint8Array;
  readonly epoch: bigint;
  readonly sender: Sender;
  readonly authenticatedData: Uint8Array;
  readonly content: Content;
}

export interface AuthData {
  readonly signature: Uint8Array;
  /** Present exactly on commits. */
  readonly confirmationTag: Uint8Array | undefined;
}

export interface AuthenticatedContent {
  readonly wireFormat: 1 | 2;
  readonly framed: FramedContent;
  /** `framed` encoded: signed, MACed and hashed, so it is made once. */
  readonly framedBytes: Uint8Array;
  readonly auth: AuthData;
}

export function writeSender(writer: Writer, sender: Sender): void {
  switch (sender.type) {
    case 'member':
      writer.u8(1).u32(sender.leafIndex);
      break;
    case 'external':
      writer.u8(2).u32(sender.senderIndex);
      break;
    case 'new_member_proposal':
      writer.u8(3);
      break;
    case 'new_member_commit':
      writer.u8(4);
  }
}

export function readSender(reader: Reader): Sender {
  const start = reader.offset;
  const type = reader.u8('Sender.sender_type');
  switch (type) {
    case 1:
      return { type: 'member', leafIndex: reader.u32('Sender.leaf_index') };
    case 2:
      return { type: 'external', senderIndex: reader.u32('Sender.sender_index') };
    case 3:
      return { type: 'new_member_proposal' };
    case 4:
      return { type: 'new_member_commit' };
    default:
      return reader.fail(start, 'Sender.sender_type', '1 to 4', String(type));
  }
}

export function readContentType(reader: Reader): ContentTypeCode {
  const start = reader.offset;
  const type = reader.u8('content_type');
  if (type === 1 || type === 2 || type === 3) return type;
  return reader.fail(start, 'content_type', '1, 2 or 3', String(type));
}

/** The content alone, its type known from elsewhere. */
export function writeContent(writer: Writer, content: Content): void {
  if (content.type === 'application') writer.opaque(content.data);
  else if (content.type === 'proposal') writeProposal(writer, content.proposal);
  else writeCommit(writer, content.commit);
}

export function readContent(reader: Reader, type: ContentTypeCode): Content {
  if (type === contentType.application) {
    return { type: 'application', data: reader.opaque('FramedContent.application_data') };
  }
  if (type === contentType.proposal) return { type: 'proposal', proposal: readProposal(reader) };
  return { type: 'commit', commit: readCommit(reader) };
}

export function writeFramedContent(writer: Writer, framed: FramedContent): void {
  writer.opaque(framed.groupId).u64(framed.epoch);
  writeSender(writer, framed.sender);
  writer.opaque(framed.authenticatedData).u8(contentType[framed.content.type]);
  writeContent(writer, framed.content);
}

export function encodeFramedContent(framed: FramedContent): Uint8Array {
  const writer = new Writer(512);
  writeFramedContent(writer, framed);
  return writer.finish();
}

export function readFramedContent(reader: Reader): FramedContent {
  const groupId = reader.opaque('FramedContent.group_id');
  const epoch = reader.u64('FramedContent.epoch');
  const sender = readSender(reader);
  const authenticatedData = reader.opaque('FramedContent.authenticated_data');
  return {
    groupId,
    epoch,
    sender,
    authenticatedData,
    content: readContent(reader, readContentType(reader)),
  };
}

export function writeAuthData(writer: Writer, auth: AuthData): void {
  writer.opaque(auth.signature);
  if (auth.confirmationTag !== undefined) writer.opaque(auth.confirmationTag);
}

export function readAuthData(reader: Reader, type: ContentTypeCode): AuthData {
  return {
    signature: reader.opaque('FramedContentAuthData.signature'),
    confirmationTag:
      type === contentType.commit ? reader.opaque('FramedContentAuthData.confirmation_tag') : undefined,
  };
}

/** FramedContentTBS of section 6.1; `groupContext` encoded. */
export function framedContentTbs(
  format: 1 | 2,
  sender: Sender,
  framedBytes: Uint8Array,
  groupContext: Uint8Array,
): { readonly capacity: number; readonly write: (writer: Writer) => void } {
  return {
    capacity: framedBytes.length + groupContext.length + 4,
    write: (writer) => {
      writer.u16(protocolVersionMls10).u16(format).raw(framedBytes);
      if (sender.type === 'member' || sender.type === 'new_member_commit') writer.raw(groupContext);
    },
  };
}

export function signFramedContent(
  suite: CipherSuite,
  privateKey: Uint8Array,
  format: 1 | 2,
  framed: FramedContent,
  groupContext: Uint8Array,
): AuthenticatedContent {
  const framedBytes = encodeFramedContent(framed);
  const tbs = framedContentTbs(format, framed.sender, framedBytes, groupContext);
  const signature = signWithLabel(suite, privateKey, 'FramedContentTBS', tbs);
  return { wireFormat: format, framed, framedBytes, auth: { signature, confirmationTag: undefined } };
}

export function verifyFramedContent(
  suite: CipherSuite,
  publicKey: Uint8Array,
  message: AuthenticatedContent,
  groupContext: Uint8Array,
): boolean {
  const tbs = framedContentTbs(message.wireFormat, message.framed.sender, message.framedBytes, groupContext);
  return verifyWithLabel(suite, publicKey, 'FramedContentTBS', tbs, message.auth.signature);
}

export function encodeAuthenticatedContent(message: AuthenticatedContent): Uint8Array {
  const writer = new Writer(message.framedBytes.length + 160);
  writeAuthData(writer.u16(message.wireFormat).raw(message.framedBytes), message.auth);
  return writer.finish();
}

export function readAuthenticatedContent(reader: Reader): AuthenticatedContent {
  const start = reader.offset;
  const format = reader.u16('AuthenticatedContent.wire_format');
  if (format !== 1 && format !== 2) {
    return reader.fail(start, 'AuthenticatedContent.wire_format', '1 or 2', String(format));
  }
  const from = reader.offset;
  const framed = readFramedContent(reader);
  const framedBytes = reader.since(from);
  const auth = readAuthData(reader, contentType[framed.content.type]);
  return { wireFormat: format, framed, framedBytes, auth };
}

/** ProposalRef of section 5.2. */
export function proposalReference(suite: CipherSuite, message: AuthenticatedContent): Uint8Array {
  return refHash(suite, 'MLS 1.0 Proposal Reference', encodeAuthenticatedContent(message));
}
