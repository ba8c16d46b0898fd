/** Between the values of the interoperability contract and those of ts-mls. */
import {
  type CiphersuiteImpl,
  type ClientState,
  defaultExtensionTypes,
  type Extension,
  encodeMlsMessage,
  type GroupInfo,
  type KeyPackage,
  type MLSMessage,
  type Proposal,
  type RatchetTree,
} from 'ts-mls';
import { decodeRatchetTree } from 'ts-mls/ratchetTree.js';
import type { KeyBundle } from '../../harness/bench/mls-engine.ts';
import type { ProposalDescription, ProtoExtension } from '../../harness/mls-interop/contract.ts';
import { RpcError } from '../../harness/mls-interop/rpc-error.ts';
import { suiteName } from './ts-mls-member.ts';
import { decodeWhole } from './ts-mls-workarounds.ts';

export const none = new Uint8Array();
export const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
export const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64');

export function messageOut(content: object): Uint8Array {
  return encodeMlsMessage({ version: 'mls10', ...content } as MLSMessage);
}

/** MLSMessage header of a KeyPackage: mls10, mls_key_package. */
const keyPackageHeader = [0, 1, 0, 5];

export function keyPackageOut({ keyPackage }: Pick<KeyBundle, 'keyPackage'>): Uint8Array {
  return Uint8Array.from([...keyPackageHeader, ...keyPackage]);
}

export function privateKeysOut(bundle: KeyBundle) {
  return {
    initPriv: bundle.initPrivateKey,
    encryptionPriv: bundle.leafPrivateKey,
    signaturePriv: bundle.signatureKeys.privateKey,
  };
}

/** As ts-mls has them. */
export function bundleIn(bundle: KeyBundle) {
  return {
    keyPackage: keyPackageIn(keyPackageOut(bundle)),
    privateKeys: {
      initPrivateKey: bundle.initPrivateKey,
      hpkePrivateKey: bundle.leafPrivateKey,
      signaturePrivateKey: bundle.signatureKeys.privateKey,
    },
  };
}

export function keyPackageIn(bytes: Uint8Array): KeyPackage {
  const decoded = decodeWhole(bytes);
  if (decoded.wireformat === 'mls_key_package') return decoded.keyPackage;
  throw new RpcError('INVALID_ARGUMENT', `${decoded.wireformat} instead of a KeyPackage`);
}

export function groupInfoIn(bytes: Uint8Array): GroupInfo {
  const decoded = decodeWhole(bytes);
  if (decoded.wireformat === 'mls_group_info') return decoded.groupInfo;
  throw new RpcError('INVALID_ARGUMENT', `${decoded.wireformat} instead of a GroupInfo`);
}

/** Undefined for no bytes. */
export function treeIn(bytes: Uint8Array): RatchetTree | undefined {
  if (bytes.length === 0) return undefined;
  const decoded = decodeRatchetTree(bytes, 0);
  if (decoded === undefined) throw new RpcError('INVALID_ARGUMENT', 'ratchet_tree does not decode');
  return decoded[0];
}

export function extensionsIn(extensions: readonly ProtoExtension[]): Extension[] {
  const names = Object.entries(defaultExtensionTypes);
  return extensions.map(({ extensionType, extensionData }) => ({
    extensionType: (names.find(([, number]) => number === extensionType)?.[0] ??
      extensionType) as Extension['extensionType'],
    extensionData,
  }));
}

export function leafCalled(tree: RatchetTree, identity: Uint8Array): number {
  const node = tree.findIndex(
    (one) =>
      one?.nodeType === 'leaf' &&
      one.leaf.credential.credentialType === 'basic' &&
      Buffer.compare(one.leaf.credential.identity, identity) === 0,
  );
  if (node < 0) throw new RpcError('INVALID_ARGUMENT', 'no member has that identity');
  return node / 2;
}

export function ownIdentity({ ratchetTree, privatePath }: ClientState): Uint8Array {
  const node = ratchetTree[privatePath.leafIndex * 2];
  if (node?.nodeType === 'leaf' && node.leaf.credential.credentialType === 'basic') {
    return node.leaf.credential.identity;
  }
  throw new RpcError('FAILED_PRECONDITION', 'no basic credential');
}

/** A proposal of a member, by value. */
export function proposalIn(
  cs: CiphersuiteImpl,
  { groupContext, ratchetTree }: ClientState,
  description: ProposalDescription,
): Proposal {
  const pskNonce = cs.rng.randomBytes(cs.kdf.size);
  const type = Buffer.from(description.proposalType).toString();
  switch (type) {
    case 'add':
      return { proposalType: 'add', add: { keyPackage: keyPackageIn(description.keyPackage ?? none) } };
    case 'remove': {
      const removed = leafCalled(ratchetTree, description.removedId ?? none);
      return { proposalType: 'remove', remove: { removed } };
    }
    case 'externalPSK': {
      const preSharedKeyId = { psktype: 'external', pskId: description.pskId ?? none, pskNonce } as const;
      return { proposalType: 'psk', psk: { preSharedKeyId } };
    }
    case 'resumptionPSK': {
      const { groupId: pskGroupId } = groupContext;
      const pskEpoch = BigInt(description.epochId ?? '0');
      const preSharedKeyId = {
        psktype: 'resumption',
        usage: 'application',
        pskGroupId,
        pskEpoch,
        pskNonce,
      } as const;
      return { proposalType: 'psk', psk: { preSharedKeyId } };
    }
    case 'reinit':
      return {
        proposalType: 'reinit',
        reinit: {
          groupId: description.groupId ?? none,
          version: 'mls10',
          cipherSuite: suiteName(description.cipherSuite ?? 0),
          extensions: extensionsIn(description.extensions ?? []),
        },
      };
    case 'groupContextExtensions': {
      const extensions = extensionsIn(description.extensions ?? []);
      return { proposalType: 'group_context_extensions', groupContextExtensions: { extensions } };
    }
    default:
      throw new RpcError('INVALID_ARGUMENT', `proposal_type ${type}`);
  }
}

/**
 * It commits GroupContextExtensions without the path of section 17.4, and where there is a path it seals it under the
 * extensions that the commit replaces, against section 12.4.1.
 */
export function ensureNoNewExtensions(proposals: readonly Proposal[]): void {
  if (proposals.some(({ proposalType }) => proposalType === 'group_context_extensions')) {
    throw new RpcError('UNIMPLEMENTED', 'commits of GroupContextExtensions');
  }
}

/** It has no say in paths: there is one when it thinks that one is needed. */
export function ensurePathAsWanted(forced: boolean, proposals: readonly Proposal[]): void {
  const needed =
    proposals.length === 0 ||
    proposals.some(({ proposalType }) => proposalType === 'update' || proposalType === 'remove');
  if (forced && !needed) throw new RpcError('UNIMPLEMENTED', 'a path where none is needed');
}
