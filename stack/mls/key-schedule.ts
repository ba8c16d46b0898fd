/** RFC 9420 section 8: the key schedule. */
import { emptyBytes } from '../crypto/bytes.ts';
import type { CipherSuite, KeyPair } from '../crypto/index.ts';
import { deriveSecret, expandWithLabel } from './labels.ts';

/** The secrets of one epoch that outlive its derivation, table 4. */
export interface EpochSecrets {
  readonly senderData: Uint8Array;
  readonly exporter: Uint8Array;
  readonly external: Uint8Array;
  readonly confirmationKey: Uint8Array;
  readonly membershipKey: Uint8Array;
  readonly resumptionPsk: Uint8Array;
  readonly epochAuthenticator: Uint8Array;
  readonly init: Uint8Array;
}

/** `encryption` roots the secret tree and is consumed by it. */
export interface DerivedEpoch {
  readonly secrets: EpochSecrets;
  readonly encryption: Uint8Array;
}

export function joinerSecret(
  suite: CipherSuite,
  initSecret: Uint8Array,
  commitSecret: Uint8Array,
  groupContext: Uint8Array,
): Uint8Array {
  const extracted = suite.extract(initSecret, commitSecret);
  return expandWithLabel(suite, extracted, 'joiner', groupContext, suite.hashLength);
}

/** The secret below joiner_secret and psk_secret, from which welcome_secret and epoch_secret come. */
export function memberSecret(suite: CipherSuite, joiner: Uint8Array, pskSecret: Uint8Array): Uint8Array {
  return suite.extract(joiner, pskSecret);
}

export function welcomeSecret(suite: CipherSuite, member: Uint8Array): Uint8Array {
  return deriveSecret(suite, member, 'welcome');
}

/** Section 12.4.3.1: key and nonce of encrypted_group_info. */
export function welcomeKey(
  suite: CipherSuite,
  secret: Uint8Array,
): { readonly key: Uint8Array; readonly nonce: Uint8Array } {
  return {
    key: expandWithLabel(suite, secret, 'key', emptyBytes, suite.aeadKeyLength),
    nonce: expandWithLabel(suite, secret, 'nonce', emptyBytes, suite.aeadNonceLength),
  };
}

export function epochSecret(suite: CipherSuite, member: Uint8Array, groupContext: Uint8Array): Uint8Array {
  return expandWithLabel(suite, member, 'epoch', groupContext, suite.hashLength);
}

export function deriveEpoch(suite: CipherSuite, epoch: Uint8Array): DerivedEpoch {
  const derive = (label: string) => deriveSecret(suite, epoch, label);
  return {
    encryption: derive('encryption'),
    secrets: {
      senderData: derive('sender data'),
      exporter: derive('exporter'),
      external: derive('external'),
      confirmationKey: derive('confirm'),
      membershipKey: derive('membership'),
      resumptionPsk: derive('resumption'),
      epochAuthenticator: derive('authentication'),
      init: derive('init'),
    },
  };
}

/** Section 8.3: the key pair external joiners encrypt to. */
export function externalKeyPair(suite: CipherSuite, external: Uint8Array): KeyPair {
  return suite.hpke.deriveKeyPair(external);
}

/** Section 8.5: MLS-Exporter. */
export function mlsExporter(
  suite: CipherSuite,
  exporter: Uint8Array,
  label: string,
  context: Uint8Array,
  length: number,
): Uint8Array {
  const derived = deriveSecret(suite, exporter, label);
  return expandWithLabel(suite, derived, 'exported', suite.hash(context), length);
}
