/** RFC 9420 section 6.2: PublicMessage. */
import { constantTimeEqual } from '../crypto/bytes.ts';
import type { CipherSuite } from '../crypto/index.ts';
import { ensure } from './errors.ts';
import {
  type AuthenticatedContent,
  contentType,
  framedContentTbs,
  readAuthData,
  readFramedContent,
  wireFormat,
  writeAuthData,
} from './framed-content.ts';
import type { Reader } from './reader.ts';
import { Writer } from './writer.ts';

export interface PublicMessage {
  readonly message: AuthenticatedContent;
  /** Present exactly when the sender is a member. */
  readonly membershipTag: Uint8Array | undefined;
}

export function writePublicMessage(writer: Writer, { message, membershipTag }: PublicMessage): void {
  writeAuthData(writer.raw(message.framedBytes), message.auth);
  if (membershipTag !== undefined) writer.opaque(membershipTag);
}

export function readPublicMessage(reader: Reader): PublicMessage {
  const start = reader.offset;
  const framed = readFramedContent(reader);
  const framedBytes = reader.since(start);
  const auth = readAuthData(reader, contentType[framed.content.type]);
  const membershipTag =
    framed.sender.type === 'member' ? reader.opaque('PublicMessage.membership_tag') : undefined;
  return { message: { wireFormat: wireFormat.public, framed, framedBytes, auth }, membershipTag };
}

/** MAC over AuthenticatedContentTBM. */
export function membershipTag(
  suite: CipherSuite,
  membershipKey: Uint8Array,
  message: AuthenticatedContent,
  groupContext: Uint8Array,
): Uint8Array {
  const tbs = framedContentTbs(message.wireFormat, message.framed.sender, message.framedBytes, groupContext);
  const writer = new Writer(tbs.capacity + 160);
  tbs.write(writer);
  writeAuthData(writer, message.auth);
  return suite.mac(membershipKey, writer.view());
}

export function protectPublic(
  suite: CipherSuite,
  membershipKey: Uint8Array,
  message: AuthenticatedContent,
  groupContext: Uint8Array,
): PublicMessage {
  return { message, membershipTag: membershipTag(suite, membershipKey, message, groupContext) };
}

/** The content, its membership tag checked; the signature is the caller's to check, as it knows the tree. */
export function unprotectPublic(
  suite: CipherSuite,
  membershipKey: Uint8Array,
  received: PublicMessage,
  groupContext: Uint8Array,
): AuthenticatedContent {
  const { message } = received;
  ensure(message.framed.content.type !== 'application', 'RFC9420-6.2-2');
  if (message.framed.sender.type === 'member') {
    const expected = membershipTag(suite, membershipKey, message, groupContext);
    ensure(
      received.membershipTag !== undefined && constantTimeEqual(received.membershipTag, expected),
      'RFC9420-6.2-1',
    );
  }
  return message;
}
