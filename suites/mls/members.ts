/** Members of a test group: seeded contexts, KeyPackages and small steps that the MLS suites share. */
import {
  type CipherSuiteId,
  type CryptoProvider,
  createNativeProvider,
  isSupportedSuite,
} from '../../stack/crypto/index.ts';
import {
  createGroup,
  createKeyPackage,
  epochAuthenticator,
  exportSecret,
  type GroupState,
  joinFromWelcome,
  type KeyPackageBundle,
  type KeyPackageParameters,
  type MlsContext,
  MlsError,
  type MlsPolicy,
  type RequirementId,
  treeHash,
  type VerifiedKeyPackage,
  verifyKeyPackage,
} from '../../stack/mls/index.ts';
import type { Random } from '../../stack/platform.ts';
import { seededRandom } from '../crypto/seeded-random.ts';

export const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);
export const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);
export const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
export const fromHex = (digits: string): Uint8Array => new Uint8Array(Buffer.from(digits, 'hex'));

/** Every cipher suite of RFC 9420 section 17.1 that the stack has. */
export const suites: readonly CipherSuiteId[] = [1, 2, 3, 4, 5, 6, 7].filter(isSupportedSuite);

const provider = createNativeProvider();
export const presentSeconds = 1_700_000_000;

export function testContext(
  seed: string,
  options: { provider?: CryptoProvider; policy?: MlsPolicy; random?: Random; now?: () => number } = {},
): MlsContext {
  return {
    suiteProvider: options.provider ?? provider,
    random: options.random ?? seededRandom(seed),
    now: options.now ?? (() => presentSeconds),
    ...(options.policy === undefined ? {} : { policy: options.policy }),
  };
}

export interface Person {
  readonly name: string;
  readonly context: MlsContext;
  readonly bundle: KeyPackageBundle;
  readonly verified: VerifiedKeyPackage;
}

export function person(
  name: string,
  cipherSuite: CipherSuiteId,
  options: { context?: MlsContext; parameters?: Partial<KeyPackageParameters> } = {},
): Person {
  const context = options.context ?? testContext(name);
  const suite = context.suiteProvider.suite(cipherSuite);
  const bundle = createKeyPackage(context, {
    cipherSuite,
    credential: { type: 1, identity: utf8(name) },
    signatureKeyPair: suite.generateSignatureKeyPair(context.random),
    lifetime: { notBefore: 0n, notAfter: 2n ** 64n - 1n },
    ...options.parameters,
  });
  return { name, context, bundle, verified: verifyKeyPackage(context, bundle.keyPackage) };
}

export function found(creator: Person, groupId = 'group'): GroupState {
  return createGroup(creator.context, { groupId: utf8(groupId), bundle: creator.bundle });
}

export function join(joiner: Person, welcome: Uint8Array | undefined, ratchetTree?: Uint8Array): GroupState {
  if (welcome === undefined) throw new Error('the commit gave no Welcome');
  const tree = ratchetTree === undefined ? {} : { ratchetTree };
  return joinFromWelcome(joiner.context, { welcome, bundles: [joiner.bundle], ...tree }).state;
}

/** What all members of one epoch must have in common. */
export function agreement(context: MlsContext, state: GroupState) {
  return {
    treeHash: hex(treeHash(state)),
    authenticator: hex(epochAuthenticator(state)),
    exported: hex(exportSecret(context, state, 'test', utf8('context'), 32)),
  };
}

/** The rule that `work` is refused by; any other error goes on. */
export function refusal(work: () => unknown): RequirementId | 'accepted' {
  try {
    work();
    return 'accepted';
  } catch (error) {
    if (error instanceof MlsError) return error.requirement;
    throw error;
  }
}
