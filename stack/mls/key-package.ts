/** RFC 9420 section 10: KeyPackages. */
import type { CipherSuite, KeyPair } from '../crypto/index.ts';
import { type MlsContext, suiteOf } from './context.ts';
import { type Credential, credentialType } from './credential.ts';
import {
  type Extension,
  extensionType,
  findExtension,
  readExtensions,
  writeExtensions,
} from './extension.ts';
import { refHash, signWithLabel, verifyWithLabel } from './labels.ts';
import {
  type Capabilities,
  type LeafNode,
  type Lifetime,
  protocolVersionMls10,
  readLeafNode,
  signLeafNode,
  writeLeafNode,
} from './leaf-node.ts';
import { decodeAll, type Reader } from './reader.ts';
import { encode, Writer } from './writer.ts';

export interface KeyPackageContent {
  readonly version: number;
  readonly cipherSuite: number;
  readonly initKey: Uint8Array;
  readonly leafNode: LeafNode;
  readonly extensions: readonly Extension[];
}

export interface KeyPackage extends KeyPackageContent {
  readonly signature: Uint8Array;
}

/** A KeyPackage with the private keys that belong to it. */
export interface KeyPackageBundle {
  readonly keyPackage: KeyPackage;
  readonly initPrivateKey: Uint8Array;
  /** Of LeafNode.encryption_key. */
  readonly leafPrivateKey: Uint8Array;
  readonly signaturePrivateKey: Uint8Array;
}

export interface KeyPackageParameters {
  readonly cipherSuite: number;
  readonly credential: Credential;
  readonly signatureKeyPair: KeyPair;
  readonly lifetime: Lifetime;
  /** Fields left out take their default: mls10, the cipher suite, the extensions given, basic and x509. */
  readonly capabilities?: Partial<Capabilities>;
  readonly leafExtensions?: readonly Extension[];
  readonly keyPackageExtensions?: readonly Extension[];
}

/** Draws the init key, then the leaf's encryption key, from `context.random`. */
export function createKeyPackage(context: MlsContext, parameters: KeyPackageParameters): KeyPackageBundle {
  const { cipherSuite, credential, signatureKeyPair } = parameters;
  const suite = suiteOf(context, cipherSuite);
  const leafExtensions = parameters.leafExtensions ?? [];
  const extensions = parameters.keyPackageExtensions ?? [];
  const init = suite.hpke.generateKeyPair(context.random);
  const encryption = suite.hpke.generateKeyPair(context.random);
  const leafNode = signLeafNode(
    suite,
    signatureKeyPair.privateKey,
    {
      encryptionKey: encryption.publicKey,
      signatureKey: signatureKeyPair.publicKey,
      credential,
      capabilities: {
        versions: [protocolVersionMls10],
        cipherSuites: [cipherSuite],
        extensions: extensionTypesToList([...leafExtensions, ...extensions]),
        proposals: [],
        credentials: [credentialType.basic, credentialType.x509],
        ...parameters.capabilities,
      },
      source: { type: 'key_package', lifetime: parameters.lifetime },
      extensions: leafExtensions,
    },
    undefined,
  );
  const keyPackage = signKeyPackage(suite, signatureKeyPair.privateKey, {
    version: protocolVersionMls10,
    cipherSuite,
    initKey: init.publicKey,
    leafNode,
    extensions,
  });
  return {
    keyPackage,
    initPrivateKey: init.privateKey,
    leafPrivateKey: encryption.privateKey,
    signaturePrivateKey: signatureKeyPair.privateKey,
  };
}

function extensionTypesToList(extensions: readonly Extension[]): number[] {
  return [...new Set(extensions.map((extension) => extension.type))].filter((type) => type > 5);
}

export function signKeyPackage(
  suite: CipherSuite,
  privateKey: Uint8Array,
  content: KeyPackageContent,
): KeyPackage {
  const tbs = encode(writeKeyPackageContent, content);
  return { ...content, signature: signWithLabel(suite, privateKey, 'KeyPackageTBS', tbs) };
}

export function verifyKeyPackageSignature(suite: CipherSuite, keyPackage: KeyPackage): boolean {
  const tbs = encode(writeKeyPackageContent, keyPackage);
  const { signatureKey } = keyPackage.leafNode;
  return verifyWithLabel(suite, signatureKey, 'KeyPackageTBS', tbs, keyPackage.signature);
}

/** Whether the package is marked as one of last resort, which the holder keeps after it was used. */
export function isLastResort(keyPackage: KeyPackage): boolean {
  return findExtension(keyPackage.extensions, extensionType.lastResort) !== undefined;
}

/** KeyPackageRef of section 5.2. */
export function keyPackageRef(context: MlsContext, keyPackage: KeyPackage): Uint8Array {
  const suite = suiteOf(context, keyPackage.cipherSuite);
  return refHash(suite, 'MLS 1.0 KeyPackage Reference', encodeKeyPackage(keyPackage));
}

function writeKeyPackageContent(writer: Writer, content: KeyPackageContent): void {
  writer.u16(content.version).u16(content.cipherSuite).opaque(content.initKey);
  writeLeafNode(writer, content.leafNode);
  writeExtensions(writer, content.extensions);
}

export function writeKeyPackage(writer: Writer, keyPackage: KeyPackage): void {
  writeKeyPackageContent(writer, keyPackage);
  writer.opaque(keyPackage.signature);
}

export function readKeyPackage(reader: Reader): KeyPackage {
  return {
    version: reader.u16('KeyPackage.version'),
    cipherSuite: reader.u16('KeyPackage.cipher_suite'),
    initKey: reader.opaque('KeyPackage.init_key'),
    leafNode: readLeafNode(reader),
    extensions: readExtensions(reader),
    signature: reader.opaque('KeyPackage.signature'),
  };
}

/** The bare struct, without the MLSMessage header. */
export function encodeKeyPackage(keyPackage: KeyPackage): Uint8Array {
  const writer = new Writer(1024);
  writeKeyPackage(writer, keyPackage);
  return writer.finish();
}

export function decodeKeyPackage(bytes: Uint8Array): KeyPackage {
  return decodeAll(bytes, 'KeyPackage', readKeyPackage);
}
