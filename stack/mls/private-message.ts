/** RFC 9420 section 6.3: PrivateMessage. */
import { type CipherSuite, CryptoError } from '../crypto/index.ts';
import type { Random } from '../platform.ts';
import type { MlsPolicy } from './context.ts';
import { DecodeError, ensure, MlsError } from './errors.ts';
import {
  type AuthData,
  type AuthenticatedContent,
  type Content,
  type ContentTypeCode,
  contentType,
  encodeFramedContent,
  type FramedContent,
  readAuthData,
  readContent,
  readContentType,
  wireFormat,
  writeAuthData,
  writeContent,
} from './framed-content.ts';
import { expandWithLabel } from './labels.ts';
import { decodeAll, Reader } from './reader.ts';
import { keyOfGeneration, type MessageKey, type RatchetKind, type SecretTree } from './secret-tree.ts';
import { Writer } from './writer.ts';

export interface PrivateMessage {
  readonly groupId: Uint8Array;
  readonly epoch: bigint;
  readonly contentType: ContentTypeCode;
  readonly authenticatedData: Uint8Array;
  readonly encryptedSenderData: Uint8Array;
  readonly ciphertext: Uint8Array;
}

export function writePrivateMessage(writer: Writer, message: PrivateMessage): void {
  writer
    .opaque(message.groupId)
    .u64(message.epoch)
    .u8(message.contentType)
    .opaque(message.authenticatedData)
    .opaque(message.encryptedSenderData)
    .opaque(message.ciphertext);
}

export function readPrivateMessage(reader: Reader): PrivateMessage {
  return {
    groupId: reader.opaque('PrivateMessage.group_id'),
    epoch: reader.u64('PrivateMessage.epoch'),
    contentType: readContentType(reader),
    authenticatedData: reader.opaque('PrivateMessage.authenticated_data'),
    encryptedSenderData: reader.opaque('PrivateMessage.encrypted_sender_data'),
    ciphertext: reader.opaque('PrivateMessage.ciphertext'),
  };
}

export interface SenderData {
  readonly leafIndex: number;
  readonly generation: number;
  /** 4 bytes. */
  readonly reuseGuard: Uint8Array;
}

export function ratchetKind(type: ContentTypeCode): RatchetKind {
  return type === contentType.application ? 'application' : 'handshake';
}

/** Section 6.3.2: key and nonce from the first hashLength bytes of the ciphertext. */
export function senderDataKey(
  suite: CipherSuite,
  senderDataSecret: Uint8Array,
  ciphertext: Uint8Array,
): { readonly key: Uint8Array; readonly nonce: Uint8Array } {
  const sample = ciphertext.subarray(0, suite.hashLength);
  return {
    key: expandWithLabel(suite, senderDataSecret, 'key', sample, suite.aeadKeyLength),
    nonce: expandWithLabel(suite, senderDataSecret, 'nonce', sample, suite.aeadNonceLength),
  };
}

interface Header {
  readonly groupId: Uint8Array;
  readonly epoch: bigint;
  readonly contentType: ContentTypeCode;
  readonly authenticatedData: Uint8Array;
}

function senderDataAad(header: Header): Uint8Array {
  return new Writer(64).opaque(header.groupId).u64(header.epoch).u8(header.contentType).finish();
}

function contentAad(header: Header): Uint8Array {
  return new Writer(128)
    .opaque(header.groupId)
    .u64(header.epoch)
    .u8(header.contentType)
    .opaque(header.authenticatedData)
    .finish();
}

/** Section 6.3.1: the guard over the first four bytes of the nonce. */
function guardedNonce(nonce: Uint8Array, guard: Uint8Array): Uint8Array {
  const out = nonce.slice();
  for (let i = 0; i < 4; i++) out[i]! ^= guard[i]!;
  return out;
}

/** Draws the reuse guard from `random`. `paddingLength` bytes of zeros follow the content. */
export function protectPrivate(
  suite: CipherSuite,
  random: Random,
  senderDataSecret: Uint8Array,
  leafIndex: number,
  key: MessageKey,
  message: AuthenticatedContent,
  paddingLength: number,
): PrivateMessage {
  const { framed } = message;
  const header: Header = {
    groupId: framed.groupId,
    epoch: framed.epoch,
    contentType: contentType[framed.content.type],
    authenticatedData: framed.authenticatedData,
  };
  const plaintext = new Writer(message.framedBytes.length + paddingLength + 160);
  writeContent(plaintext, framed.content);
  writeAuthData(plaintext, message.auth);
  plaintext.raw(new Uint8Array(paddingLength));
  const reuseGuard = random.bytes(4);
  const nonce = guardedNonce(key.nonce, reuseGuard);
  const ciphertext = suite.aeadSeal(key.key, nonce, contentAad(header), plaintext.finish());
  const senderData = new Writer(12).u32(leafIndex).u32(key.generation).raw(reuseGuard).finish();
  const sealing = senderDataKey(suite, senderDataSecret, ciphertext);
  return {
    ...header,
    encryptedSenderData: suite.aeadSeal(sealing.key, sealing.nonce, senderDataAad(header), senderData),
    ciphertext,
  };
}

export function openSenderData(
  suite: CipherSuite,
  senderDataSecret: Uint8Array,
  message: PrivateMessage,
): SenderData {
  const opening = senderDataKey(suite, senderDataSecret, message.ciphertext);
  const plain = attempt('RFC9420-6.3.2-1', () =>
    suite.aeadOpen(opening.key, opening.nonce, senderDataAad(message), message.encryptedSenderData),
  );
  return attempt('RFC9420-6.3.2-1', () =>
    decodeAll(plain, 'SenderData', (r) => ({
      leafIndex: r.u32('SenderData.leaf_index'),
      generation: r.u32('SenderData.generation'),
      reuseGuard: r.fixed(4, 'SenderData.reuse_guard'),
    })),
  );
}

/** The content and the tree without the key it took; the signature is the caller's to check. */
export function unprotectPrivate(
  suite: CipherSuite,
  message: PrivateMessage,
  sender: SenderData,
  secrets: SecretTree,
  policy: Required<MlsPolicy>,
): { readonly message: AuthenticatedContent; readonly secrets: SecretTree } {
  const kind = ratchetKind(message.contentType);
  const draw = keyOfGeneration(suite, secrets, sender.leafIndex, kind, sender.generation, policy);
  const nonce = guardedNonce(draw.key.nonce, sender.reuseGuard);
  const plain = attempt('RFC9420-6.3.1-1', () =>
    suite.aeadOpen(draw.key.key, nonce, contentAad(message), message.ciphertext),
  );
  const { content, auth } = attempt('RFC9420-6.3.1-3', () => readPlaintext(plain, message.contentType));
  const framed: FramedContent = {
    groupId: message.groupId,
    epoch: message.epoch,
    sender: { type: 'member', leafIndex: sender.leafIndex },
    authenticatedData: message.authenticatedData,
    content,
  };
  const framedBytes = encodeFramedContent(framed);
  return { message: { wireFormat: wireFormat.private, framed, framedBytes, auth }, secrets: draw.tree };
}

function readPlaintext(
  plain: Uint8Array,
  type: ContentTypeCode,
): { readonly content: Content; readonly auth: AuthData } {
  const reader = new Reader(plain);
  const content = readContent(reader, type);
  const auth = readAuthData(reader, type);
  const padding = reader.rest();
  ensure(
    padding.every((byte) => byte === 0),
    'RFC9420-6.3.1-2',
  );
  return { content, auth };
}

function attempt<T>(
  requirement: 'RFC9420-6.3.2-1' | 'RFC9420-6.3.1-1' | 'RFC9420-6.3.1-3',
  work: () => T,
): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof CryptoError || error instanceof DecodeError) {
      throw new MlsError(requirement, error.message);
    }
    throw error;
  }
}
