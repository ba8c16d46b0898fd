/** RFC 9420 section 7.2: leaf nodes. */
import type { CipherSuite } from '../crypto/index.ts';
import { type Credential, readCredential, writeCredential } from './credential.ts';
import { type Extension, readExtensions, readTypes, writeExtensions, writeTypes } from './extension.ts';
import { signWithLabel, verifyWithLabel } from './labels.ts';
import type { Reader } from './reader.ts';
import { Writer } from './writer.ts';

export const protocolVersionMls10 = 1;

export interface Capabilities {
  readonly versions: readonly number[];
  readonly cipherSuites: readonly number[];
  readonly extensions: readonly number[];
  readonly proposals: readonly number[];
  readonly credentials: readonly number[];
}

/** Seconds since the Unix epoch, both inclusive. */
export interface Lifetime {
  readonly notBefore: bigint;
  readonly notAfter: bigint;
}

export type LeafNodeSource =
  | { readonly type: 'key_package'; readonly lifetime: Lifetime }
  | { readonly type: 'update' }
  | { readonly type: 'commit'; readonly parentHash: Uint8Array };

export interface LeafNodeContent {
  readonly encryptionKey: Uint8Array;
  readonly signatureKey: Uint8Array;
  readonly credential: Credential;
  readonly capabilities: Capabilities;
  readonly source: LeafNodeSource;
  readonly extensions: readonly Extension[];
}

export interface LeafNode extends LeafNodeContent {
  readonly signature: Uint8Array;
}

/** Where an update or commit leaf stands; part of what it signs. */
export interface LeafPosition {
  readonly groupId: Uint8Array;
  readonly leafIndex: number;
}

export function writeLeafNode(writer: Writer, leaf: LeafNode): void {
  writeLeafNodeContent(writer, leaf);
  writer.opaque(leaf.signature);
}

export function readLeafNode(reader: Reader): LeafNode {
  return {
    encryptionKey: reader.opaque('LeafNode.encryption_key'),
    signatureKey: reader.opaque('LeafNode.signature_key'),
    credential: readCredential(reader),
    capabilities: readCapabilities(reader),
    source: readSource(reader),
    extensions: readExtensions(reader),
    signature: reader.opaque('LeafNode.signature'),
  };
}

/** Signs LeafNodeTBS; `position` for every source but key_package. */
export function signLeafNode(
  suite: CipherSuite,
  privateKey: Uint8Array,
  content: LeafNodeContent,
  position: LeafPosition | undefined,
): LeafNode {
  const signature = signWithLabel(suite, privateKey, 'LeafNodeTBS', leafNodeTbs(content, position));
  return { ...content, signature };
}

export function verifyLeafNodeSignature(
  suite: CipherSuite,
  leaf: LeafNode,
  position: LeafPosition | undefined,
): boolean {
  const tbs = leafNodeTbs(leaf, position);
  return verifyWithLabel(suite, leaf.signatureKey, 'LeafNodeTBS', tbs, leaf.signature);
}

function leafNodeTbs(content: LeafNodeContent, position: LeafPosition | undefined): Uint8Array {
  const writer = new Writer(512);
  writeLeafNodeContent(writer, content);
  if (content.source.type !== 'key_package' && position !== undefined) {
    writer.opaque(position.groupId).u32(position.leafIndex);
  }
  return writer.finish();
}

function writeLeafNodeContent(writer: Writer, leaf: LeafNodeContent): void {
  writer.opaque(leaf.encryptionKey).opaque(leaf.signatureKey);
  writeCredential(writer, leaf.credential);
  writeCapabilities(writer, leaf.capabilities);
  writeSource(writer, leaf.source);
  writeExtensions(writer, leaf.extensions);
}

export function writeCapabilities(writer: Writer, capabilities: Capabilities): void {
  writeTypes(writer, capabilities.versions);
  writeTypes(writer, capabilities.cipherSuites);
  writeTypes(writer, capabilities.extensions);
  writeTypes(writer, capabilities.proposals);
  writeTypes(writer, capabilities.credentials);
}

export function readCapabilities(reader: Reader): Capabilities {
  return {
    versions: readTypes(reader, 'Capabilities.versions'),
    cipherSuites: readTypes(reader, 'Capabilities.cipher_suites'),
    extensions: readTypes(reader, 'Capabilities.extensions'),
    proposals: readTypes(reader, 'Capabilities.proposals'),
    credentials: readTypes(reader, 'Capabilities.credentials'),
  };
}

function writeSource(writer: Writer, source: LeafNodeSource): void {
  switch (source.type) {
    case 'key_package':
      writer.u8(1).u64(source.lifetime.notBefore).u64(source.lifetime.notAfter);
      break;
    case 'update':
      writer.u8(2);
      break;
    case 'commit':
      writer.u8(3).opaque(source.parentHash);
  }
}

function readSource(reader: Reader): LeafNodeSource {
  const start = reader.offset;
  const type = reader.u8('LeafNode.leaf_node_source');
  switch (type) {
    case 1:
      return {
        type: 'key_package',
        lifetime: {
          notBefore: reader.u64('Lifetime.not_before'),
          notAfter: reader.u64('Lifetime.not_after'),
        },
      };
    case 2:
      return { type: 'update' };
    case 3:
      return { type: 'commit', parentHash: reader.opaque('LeafNode.parent_hash') };
    default:
      return reader.fail(start, 'LeafNode.leaf_node_source', '1, 2 or 3', String(type));
  }
}
