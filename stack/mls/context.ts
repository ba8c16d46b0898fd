/** What every operation needs from outside: primitives, chance, time and this client's policies. */
import { type CipherSuite, type CryptoProvider, isSupportedSuite } from '../crypto/index.ts';
import type { Random } from '../platform.ts';
import { ensure } from './errors.ts';

export interface MlsContext {
  readonly suiteProvider: CryptoProvider;
  readonly random: Random;
  /** Seconds since the Unix epoch. */
  readonly now: () => number;
  readonly policy?: MlsPolicy;
  /** The external PSK called `id` (section 8.4), or undefined when this client doesn't hold it. */
  readonly externalPsk?: (id: Uint8Array) => Uint8Array | undefined;
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
}

export const defaultPolicy: Required<MlsPolicy> = {
  pastEpochs: 3,
  maxForwardGenerations: 1000,
  maxSkippedKeys: 1000,
  checkAddedLifetime: true,
};

export function policyOf(context: MlsContext): Required<MlsPolicy> {
  return { ...defaultPolicy, ...context.policy };
}

/** The suite called `id`; MlsError when the client lacks it. */
export function suiteOf(context: MlsContext, id: number): CipherSuite {
  ensure(isSupportedSuite(id), 'RFC9420-5.1-1', () => `cipher suite ${id}`);
  return context.suiteProvider.suite(id);
}
