/** What every operation needs from outside: primitives, chance, time and this client's policies. */
import { type CipherSuite, type CryptoProvider, isSupportedSuite } from '../crypto/index.ts';
import type { Random } from '../platform.ts';
import type { Credential } from './credential.ts';
import { ensure } from './errors.ts';

export interface MlsContext {
  readonly suiteProvider: CryptoProvider;
  readonly random: Random;
  /** Seconds since the Unix epoch. */
  readonly now: () => number;
  readonly policy?: MlsPolicy;
  /** The external PSK called `id` (section 8.4), or undefined when this client doesn't hold it. */
  readonly externalPsk?: (id: Uint8Array) => Uint8Array | undefined;
  /** The resumption PSK of another group that this client is or was in, see `resumptionPsk` of that group's state. */
  readonly resumptionPsk?: (groupId: Uint8Array, epoch: bigint) => Uint8Array | undefined;
  /** Whether this client takes part in the group already: a Welcome to it again is then refused. */
  readonly holdsGroup?: (groupId: Uint8Array) => boolean;
  /**
   * The authentication service of section 5.3.1: whether `check.credential` speaks for `check.signatureKey`. For x509
   * it has to verify the chain, which is carried opaque, and that its first certificate holds the key. Default: all
   * credentials are taken.
   */
  readonly verifyCredential?: (check: CredentialCheck) => boolean;
}

export interface CredentialCheck {
  readonly credential: Credential;
  readonly signatureKey: Uint8Array;
  /** Of the leaf it replaces: the new one must be a valid successor. Undefined when it replaces none. */
  readonly previous: Credential | undefined;
}

export interface MlsPolicy {
  /** Epochs before the current one whose application messages can still be decrypted; default 3. */
  readonly pastEpochs?: number;
  /** How far ahead of the last seen generation a message of one sender may be; default 1,000. */
  readonly maxForwardGenerations?: number;
  /** Unused keys of skipped generations kept for each sender; the oldest go first; default 1,000. */
  readonly maxSkippedKeys?: number;
  /** Whether the lifetime of a KeyPackage added by another member's commit is checked (section 7.3); default true. */
  readonly checkAddedLifetime?: boolean;
  /** Whether application data may be sent while proposals wait for a commit (section 12.4 forbids it); default false. */
  readonly dataBesideProposals?: boolean;
  /** Seconds that the secrets of a past epoch are kept after it ended; default 30 days (RCC.16 v4.0 section 6.1.1). */
  readonly pastEpochSeconds?: number;
  /** Bytes of zeros to add to a PrivateMessage whose content has this length; default none (section 6.3.1). */
  readonly padding?: (contentLength: number, contentType: 'application' | 'proposal' | 'commit') => number;
}

export const defaultPolicy: Required<MlsPolicy> = {
  pastEpochs: 3,
  maxForwardGenerations: 1000,
  maxSkippedKeys: 1000,
  checkAddedLifetime: true,
  dataBesideProposals: false,
  pastEpochSeconds: 30 * 86_400,
  padding: () => 0,
};

export function policyOf(context: MlsContext): Required<MlsPolicy> {
  return { ...defaultPolicy, ...context.policy };
}

/** Section 5.3.1. */
export function ensureCredential(
  context: MlsContext,
  holder: { readonly credential: Credential; readonly signatureKey: Uint8Array },
  previous?: Credential,
): void {
  const { credential, signatureKey } = holder;
  const accepted = context.verifyCredential?.({ credential, signatureKey, previous }) ?? true;
  ensure(accepted, 'RFC9420-5.3.1-1', undefined, 'credential');
}

/** The suite called `id`; MlsError when the client lacks it. */
export function suiteOf(context: MlsContext, id: number): CipherSuite {
  ensure(isSupportedSuite(id), 'RFC9420-5.1-1', () => `cipher suite ${id}`);
  return context.suiteProvider.suite(id);
}
