/** RFC 9420 section 10.1: the checks between a KeyPackage that was parsed and one that may be used. */
import { sameBytes } from '../crypto/bytes.ts';
import { ensureCredential, type MlsContext, suiteOf } from './context.ts';
import { ensure } from './errors.ts';
import { ensureDistinctExtensions } from './extension.ts';
import { type KeyPackage, verifyKeyPackageSignature } from './key-package.ts';
import { protocolVersionMls10, verifyLeafNodeSignature } from './leaf-node.ts';
import { ensureLeafForm, ensureLifetime, extensionsListed } from './leaf-validation.ts';

declare const verified: unique symbol;

/** Only verifyKeyPackage makes one, so what takes it cannot be handed unchecked input by mistake. */
export interface VerifiedKeyPackage {
  readonly keyPackage: KeyPackage;
  readonly [verified]: true;
}

/** MlsError with the rule that failed, CryptoError never. Checks the lifetime against `context.now()`. */
export function verifyKeyPackage(context: MlsContext, keyPackage: KeyPackage): VerifiedKeyPackage {
  ensureKeyPackage(context, keyPackage);
  ensureCredential(context, keyPackage.leafNode);
  const { source } = keyPackage.leafNode;
  if (source.type === 'key_package') ensureLifetime(context, source.lifetime);
  return { keyPackage } as VerifiedKeyPackage;
}

/** Packages that passed. They are immutable, so a commit need not verify again what its caller has verified. */
const passed = new WeakSet<KeyPackage>();

/** All of section 10.1 but the lifetime, which a receiver of an Add checks by its own policy. */
export function ensureKeyPackage(context: MlsContext, keyPackage: KeyPackage): void {
  if (passed.has(keyPackage)) return;
  ensureOwnKeyPackage(context, keyPackage);
  const suite = suiteOf(context, keyPackage.cipherSuite);
  const { leafNode } = keyPackage;
  ensure(
    verifyLeafNodeSignature(suite, leafNode, undefined),
    'RFC9420-7.3-2',
    undefined,
    'LeafNode.signature',
  );
  ensure(verifyKeyPackageSignature(suite, keyPackage), 'RFC9420-10.1-2', undefined, 'KeyPackage.signature');
  passed.add(keyPackage);
}

/** The same without the signatures: for a KeyPackage that this client made itself. */
export function ensureOwnKeyPackage(context: MlsContext, keyPackage: KeyPackage): void {
  ensure(
    keyPackage.version === protocolVersionMls10,
    'RFC9420-10.1-1',
    () => `version ${keyPackage.version}`,
    'KeyPackage.version',
  );
  const suite = suiteOf(context, keyPackage.cipherSuite);
  const { leafNode, initKey } = keyPackage;
  ensureLeafForm(suite, leafNode, 'key_package');
  ensureDistinctExtensions(keyPackage.extensions, 'KeyPackage.extensions');
  ensure(
    extensionsListed(leafNode, keyPackage.extensions),
    'RFC9420-10-1',
    undefined,
    'KeyPackage.extensions',
  );
  ensure(suite.isHpkePublicKey(initKey), 'RFC9420-5.1.1-1', undefined, 'KeyPackage.init_key');
  ensure(!sameBytes(initKey, leafNode.encryptionKey), 'RFC9420-10.1-3', undefined, 'KeyPackage.init_key');
}
