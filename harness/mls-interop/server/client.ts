import { toHex } from '../../../stack/crypto/bytes.ts';
import {
  type CipherSuiteId,
  CryptoError,
  type CryptoProvider,
  isSupportedSuite,
} from '../../../stack/crypto/index.ts';
import {
  createKeyPackage,
  DecodeError,
  decodeMlsMessage,
  type Extension,
  encodeMlsMessage,
  type KeyPackage,
  type KeyPackageBundle,
  type MlsContext,
  MlsError,
} from '../../../stack/mls/index.ts';
import type { Random } from '../../../stack/platform.ts';
import type { Empty, PrivateKeysOut, ProtoExtension } from '../contract.ts';
import { RpcError } from '../rpc-error.ts';
import { HeldTable, type Psks } from './held-table.ts';

/** All of section 17.1 of RFC 9420. */
const standardSuites: readonly number[] = [1, 2, 3, 4, 5, 6, 7];
/** How long a KeyPackage is valid, and how far it is dated back for clocks that are late. Seconds. */
const validFor = 28 * 86_400;
const datedBack = 3_600;
/** Resumption PSKs of this many epochs back can be injected. */
const pastEpochs = 32;

export interface ClientOptions {
  readonly provider: CryptoProvider;
  readonly random: Random;
  /** Seconds since the Unix epoch. */
  readonly now: () => number;
  /** How many groups, key packages, signers and reinitialisations are held at once. */
  readonly maxHeld: number;
}

/** What the handlers of all calls share. */
export interface InteropClient {
  readonly options: ClientOptions;
  readonly held: HeldTable;
}

export function interopClient(options: ClientOptions): InteropClient {
  return { options, held: new HeldTable(options.maxHeld) };
}

export function supportedSuites(): number[] {
  return standardSuites.filter(isSupportedSuite);
}

/** RpcError UNIMPLEMENTED for a suite of RFC 9420 that the stack lacks, INVALID_ARGUMENT for any other number. */
export function knownSuite(id: number): CipherSuiteId {
  if (isSupportedSuite(id)) return id;
  if (standardSuites.includes(id)) throw new RpcError('UNIMPLEMENTED', `cipher suite ${id}`);
  throw new RpcError('INVALID_ARGUMENT', `cipher_suite: ${id} is no suite of RFC 9420`);
}

export function mlsContext({ options }: InteropClient, psks: Psks = new Map()): MlsContext {
  return {
    suiteProvider: options.provider,
    random: options.random,
    now: options.now,
    policy: { pastEpochs },
    externalPsk: (id) => psks.get(toHex(id)),
  };
}

/** A basic credential of `identity` under a fresh signature key. */
export function freshBundle(
  client: InteropClient,
  cipherSuite: number,
  identity: Uint8Array,
): KeyPackageBundle {
  const context = mlsContext(client);
  const suite = context.suiteProvider.suite(knownSuite(cipherSuite));
  const now = BigInt(Math.floor(context.now()));
  return createKeyPackage(context, {
    cipherSuite,
    credential: { type: 1, identity },
    signatureKeyPair: suite.generateSignatureKeyPair(context.random),
    lifetime: { notBefore: now - BigInt(datedBack), notAfter: now + BigInt(validFor) },
    capabilities: { cipherSuites: supportedSuites() },
  });
}

export function privateKeysOut(bundle: KeyPackageBundle): PrivateKeysOut {
  return {
    initPriv: bundle.initPrivateKey,
    encryptionPriv: bundle.leafPrivateKey,
    signaturePriv: bundle.signaturePrivateKey,
  };
}

export function keyPackageMessage(keyPackage: KeyPackage): Uint8Array {
  return encodeMlsMessage({ kind: 'keyPackage', keyPackage });
}

/** RpcError INVALID_ARGUMENT for any other MLSMessage. */
export function keyPackageIn(bytes: Uint8Array, field: string): KeyPackage {
  const message = decodeMlsMessage(bytes);
  if (message.kind === 'keyPackage') return message.keyPackage;
  throw new RpcError(
    'INVALID_ARGUMENT',
    `${field}: expected an MLSMessage with a KeyPackage, found ${message.kind}`,
  );
}

/** Proto3 writes what is absent as empty bytes. */
export function present(bytes: Uint8Array): Uint8Array | undefined {
  return bytes.length === 0 ? undefined : bytes;
}

export function extensionsIn(extensions: readonly ProtoExtension[]): Extension[] {
  return extensions.map(({ extensionType, extensionData }) => {
    if (extensionType > 0xffff) {
      throw new RpcError('INVALID_ARGUMENT', `extension_type: ${extensionType} does not fit 16 bits`);
    }
    return { type: extensionType, data: extensionData };
  });
}

/** What the stack refuses is the caller's input; RpcErrors and faults of our own pass. */
export function refusing<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof MlsError || error instanceof DecodeError || error instanceof CryptoError) {
      throw new RpcError('INVALID_ARGUMENT', error.message);
    }
    throw error;
  }
}

export const empty: Empty = {};
