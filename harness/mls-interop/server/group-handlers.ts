/** Becoming a member, and what a member does between commits. */
import { toHex } from '../../../stack/crypto/bytes.ts';
import {
  createGroup,
  encodeRatchetTree,
  epochAuthenticator,
  exportGroupInfo,
  exportSecret,
  externalPskProposal,
  type GroupState,
  joinByExternalCommit,
  joinFromWelcome,
  process,
  protect,
  verifyGroupInfo,
  type WireFormatName,
} from '../../../stack/mls/index.ts';
import type { Service } from '../contract.ts';
import { RpcError } from '../rpc-error.ts';
import {
  empty,
  freshBundle,
  type InteropClient,
  keyPackageMessage,
  knownSuite,
  mlsContext,
  present,
  privateKeysOut,
  supportedSuites,
} from './client.ts';
import type { HeldGroup, Psks } from './held-table.ts';
import { memberCalled } from './proposal-of.ts';

/** Bytes; KDF.Expand gives at most 255 blocks (RFC 5869 section 2.3), 32 bytes each in the smallest hash. */
const maxExportLength = 255 * 32;
const maxPsks = 256;

type GroupMethod =
  | 'Name'
  | 'SupportedCiphersuites'
  | 'CreateGroup'
  | 'CreateKeyPackage'
  | 'JoinGroup'
  | 'ExternalJoin'
  | 'GroupInfo'
  | 'StateAuth'
  | 'Export'
  | 'Protect'
  | 'Unprotect'
  | 'StorePSK'
  | 'Free';

export function groupHandlers(client: InteropClient): Pick<Service, GroupMethod> {
  const { held } = client;
  return {
    Name: () => ({ name: 'parley' }),
    SupportedCiphersuites: () => ({ ciphersuites: supportedSuites() }),

    CreateGroup({ groupId, cipherSuite, encryptHandshake, identity }) {
      const bundle = freshBundle(client, cipherSuite, identity);
      const handshakeFormat = formatOf(encryptHandshake);
      const state = createGroup(mlsContext(client), { groupId, bundle, handshakeFormat });
      return { stateId: held.add(newMember(state)) };
    },

    CreateKeyPackage({ cipherSuite, identity }) {
      const bundle = freshBundle(client, cipherSuite, identity);
      const transactionId = held.add({ kind: 'key package', bundle, psks: new Map() });
      return { transactionId, keyPackage: keyPackageMessage(bundle.keyPackage), ...privateKeysOut(bundle) };
    },

    JoinGroup({ transactionId, welcome, encryptHandshake, ratchetTree }) {
      const { bundle, psks } = held.get(transactionId, 'key package');
      const { state } = joinFromWelcome(mlsContext(client, psks), {
        welcome,
        bundles: [bundle],
        ...besideTree(ratchetTree),
        handshakeFormat: formatOf(encryptHandshake),
      });
      held.delete(transactionId);
      return entered(held.add(newMember(state, psks)), state);
    },

    ExternalJoin({ groupInfo, ratchetTree, encryptHandshake, identity, removePrior, psks: given }) {
      const psks = new Map(given.map(({ pskId, pskSecret }) => [toHex(pskId), pskSecret]));
      const context = mlsContext(client, psks);
      const { groupContext, roster } = verifyGroupInfo(context, groupInfo, present(ratchetTree));
      const { cipherSuite } = groupContext;
      const { state, commit } = joinByExternalCommit(context, {
        groupInfo,
        ...besideTree(ratchetTree),
        bundle: freshBundle(client, knownSuite(cipherSuite), identity),
        ...(removePrior ? { replaces: memberCalled(roster, identity) } : {}),
        proposals: given.map(({ pskId }) => externalPskProposal(context, cipherSuite, pskId)),
        handshakeFormat: formatOf(encryptHandshake),
      });
      return { ...entered(held.add(newMember(state, psks)), state), commit };
    },

    GroupInfo({ stateId, externalTree }) {
      const { state } = held.get(stateId, 'group state');
      const options = { ratchetTree: !externalTree, externalPub: true, extensions: [] };
      return { groupInfo: exportGroupInfo(state, options), ratchetTree: treeOut(state, externalTree) };
    },

    StateAuth({ stateId }) {
      const { state } = held.get(stateId, 'group state');
      if (state.removed) throw new RpcError('FAILED_PRECONDITION', 'this member was removed');
      return { stateAuthSecret: epochAuthenticator(state) };
    },

    Export({ stateId, label, context, keyLength }) {
      const { state } = held.get(stateId, 'group state');
      if (keyLength > maxExportLength) {
        throw new RpcError('INVALID_ARGUMENT', `key_length: ${keyLength}, at most ${maxExportLength} bytes`);
      }
      return { exportedSecret: exportSecret(mlsContext(client), state, label, context, keyLength) };
    },

    Protect({ stateId, authenticatedData, plaintext }) {
      const group = held.get(stateId, 'group state');
      const { state, message } = protect(mlsContext(client), group.state, plaintext, { authenticatedData });
      held.replace(stateId, { ...group, state });
      return { ciphertext: message };
    },

    Unprotect({ stateId, ciphertext }) {
      const group = held.get(stateId, 'group state');
      const received = process(mlsContext(client, group.psks), group.state, ciphertext);
      if (received.kind !== 'application') {
        throw new RpcError(
          'INVALID_ARGUMENT',
          `ciphertext: expected application data, found a ${received.kind}`,
        );
      }
      held.replace(stateId, { ...group, state: received.state });
      return { authenticatedData: received.authenticatedData, plaintext: received.content };
    },

    StorePSK({ stateOrTransactionId, pskId, pskSecret }) {
      const holder = held.get(stateOrTransactionId, 'group state', 'key package');
      const psks = new Map([...holder.psks, [toHex(pskId), pskSecret]]);
      if (psks.size > maxPsks) throw new RpcError('RESOURCE_EXHAUSTED', `at most ${maxPsks} PSKs each`);
      held.replace(stateOrTransactionId, { ...holder, psks });
      return empty;
    },

    Free({ stateId }) {
      held.get(stateId, 'group state', 'key package', 'external signer', 'reinitialisation');
      held.delete(stateId);
      return empty;
    },
  };
}

export function newMember(state: GroupState, psks: Psks = new Map()): HeldGroup {
  return { kind: 'group state', state, psks, proposals: new Map() };
}

export function entered(stateId: number, state: GroupState) {
  return { stateId, epochAuthenticator: epochAuthenticator(state) };
}

/** The tree for a message that does not carry it. */
export function treeOut(state: GroupState, wanted: boolean): Uint8Array {
  return wanted ? encodeRatchetTree(state.tree) : new Uint8Array(0);
}

export function besideTree(ratchetTree: Uint8Array): { readonly ratchetTree?: Uint8Array } {
  const tree = present(ratchetTree);
  return tree === undefined ? {} : { ratchetTree: tree };
}

function formatOf(encryptHandshake: boolean): WireFormatName {
  return encryptHandshake ? 'private' : 'public';
}
