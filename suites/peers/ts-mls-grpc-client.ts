/**
 * ts-mls 1.6.4 as a client of the interoperability contract: the second implementation that `parley mls-interop` is
 * tested with. What it cannot do is UNIMPLEMENTED with the reason; where it leaves the RFC, ts-mls-workarounds.ts says so.
 */
import {
  type CiphersuiteImpl,
  createApplicationMessage,
  createGroup,
  encodeMlsMessage,
  joinGroupExternal,
  mlsExporter,
  proposeAddExternal,
} from 'ts-mls';
import { createGroupInfo } from 'ts-mls/createCommit.js';
import { encodeRatchetTree } from 'ts-mls/ratchetTree.js';
import type { ProposalDescription, ProposalName, Service } from '../../harness/mls-interop/contract.ts';
import { RpcError } from '../../harness/mls-interop/rpc-error.ts';
import { config, type Group, TsMlsGroups } from './ts-mls-grpc-groups.ts';
import {
  bundleIn,
  extensionsIn,
  groupInfoIn,
  keyPackageOut,
  messageOut,
  none,
  ownIdentity,
  privateKeysOut,
  proposalIn,
  treeIn,
} from './ts-mls-grpc-values.ts';
import { decodeWhole, groupInfoWithExternalPub, readingExternalPub } from './ts-mls-workarounds.ts';

/** `suites`: ts-mls's own, or the same on other primitives, by number. */
export function tsMlsService(suites: ReadonlyMap<number, CiphersuiteImpl>): Service {
  const service = handlers(new TsMlsGroups(suites));
  const guarded = Object.entries(service).map(([method, handle]) => [
    method,
    (request: never) => refusing(() => (handle as (request: never) => unknown)(request)),
  ]);
  return Object.fromEntries(guarded) as Service;
}

/** ts-mls throws errors of many kinds for what it does not accept. */
async function refusing(work: () => unknown): Promise<unknown> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof RpcError) throw error;
    const { name, message } = error as Error;
    throw new RpcError('INVALID_ARGUMENT', `${name}: ${message}`);
  }
}

function handlers(groups: TsMlsGroups): Service {
  const unsupported = (why: string) => () => {
    throw new RpcError('UNIMPLEMENTED', why);
  };
  const suiteNumber = (name: string) => [...groups.suites].find(([, suite]) => suite.name === name)?.[0] ?? 0;
  const proposeDescribed = (
    stateId: number,
    name: ProposalName,
    fields: Omit<ProposalDescription, 'proposalType'>,
  ) =>
    groups.propose(stateId, ({ suite, state }) =>
      proposalIn(groups.suite(suite), state.client, { ...fields, proposalType: Buffer.from(name) }),
    );

  return {
    Name: () => ({ name: 'ts-mls' }),
    SupportedCiphersuites: () => ({ ciphersuites: [...groups.suites.keys()] }),
    CreateGroup: async ({ groupId, cipherSuite, encryptHandshake, identity }) => {
      const cs = groups.suite(cipherSuite);
      const { keyPackage, privateKeys } = bundleIn(await groups.engine(cipherSuite).keyPackage(identity));
      const client = await createGroup(groupId, keyPackage, privateKeys, [], cs, config);
      const group: Group = {
        kind: 'group',
        suite: cipherSuite,
        state: { client },
        encrypt: encryptHandshake,
        psks: [],
        known: new Map(),
      };
      return { stateId: groups.add(group) };
    },
    CreateKeyPackage: async ({ cipherSuite, identity }) => {
      const bundle = await groups.engine(cipherSuite).keyPackage(identity);
      const transactionId = groups.add({ kind: 'key package', suite: cipherSuite, bundle, psks: [] });
      return { transactionId, keyPackage: keyPackageOut(bundle), ...privateKeysOut(bundle) };
    },
    JoinGroup: ({ transactionId, encryptHandshake: encrypt, ...arrival }) =>
      groups.join(groups.get(transactionId, 'key package'), { ...arrival, encrypt }),
    ExternalJoin: async ({ groupInfo, ratchetTree, encryptHandshake, identity, removePrior, psks }) => {
      if (psks.length > 0) throw new RpcError('UNIMPLEMENTED', 'PSKs in an external commit');
      const info = groupInfoIn(groupInfo);
      const suite = suiteNumber(info.groupContext.cipherSuite);
      const { keyPackage, privateKeys } = bundleIn(await groups.engine(suite).keyPackage(identity));
      const { publicMessage, newState } = await joinGroupExternal(
        info,
        keyPackage,
        privateKeys,
        removePrior,
        readingExternalPub(groups.suite(suite), info),
        treeIn(ratchetTree),
        removePrior ? knowingIdentity(identity) : config,
      );
      const group: Group = {
        kind: 'group',
        suite,
        state: { client: { ...newState, clientConfig: config } },
        encrypt: encryptHandshake,
        psks: [],
        known: new Map(),
      };
      const commit = messageOut({ wireformat: 'mls_public_message', publicMessage });
      return { ...groups.entered(groups.add(group), group), commit };
    },
    GroupInfo: async ({ stateId, externalTree }) => {
      const { suite, state } = groups.get(stateId, 'group');
      const cs = groups.suite(suite);
      const full = await groupInfoWithExternalPub(cs, state.client);
      const extensions = full.extensions.filter(
        ({ extensionType }) => !externalTree || extensionType !== 'ratchet_tree',
      );
      const { groupContext, confirmationTag } = state.client;
      const groupInfo = await createGroupInfo(groupContext, confirmationTag, state.client, extensions, cs);
      return {
        groupInfo: messageOut({ wireformat: 'mls_group_info', groupInfo }),
        ratchetTree: externalTree ? encodeRatchetTree(state.client.ratchetTree) : none,
      };
    },
    StateAuth: ({ stateId }) => {
      const { epochAuthenticator } = groups.get(stateId, 'group').state.client.keySchedule;
      return { stateAuthSecret: epochAuthenticator };
    },
    Export: async ({ stateId, label, context, keyLength }) => {
      const { suite, state } = groups.get(stateId, 'group');
      const { exporterSecret } = state.client.keySchedule;
      return {
        exportedSecret: await mlsExporter(exporterSecret, label, context, keyLength, groups.suite(suite)),
      };
    },
    Protect: async ({ stateId, authenticatedData, plaintext }) => {
      const group = groups.get(stateId, 'group');
      const { newState, privateMessage } = await createApplicationMessage(
        group.state.client,
        plaintext,
        groups.suite(group.suite),
        authenticatedData,
      );
      groups.replace(stateId, { ...group, state: { ...group.state, client: newState } });
      return { ciphertext: messageOut({ wireformat: 'mls_private_message', privateMessage }) };
    },
    Unprotect: async ({ stateId, ciphertext }) => {
      const group = groups.get(stateId, 'group');
      const decoded = decodeWhole(ciphertext);
      if (decoded.wireformat !== 'mls_private_message') throw new RpcError('INVALID_ARGUMENT', 'not private');
      const opened = await groups.engine(group.suite).process(group.state, ciphertext, group.psks);
      if (opened.kind !== 'application') throw new RpcError('INVALID_ARGUMENT', 'not application data');
      groups.replace(stateId, { ...group, state: opened.state });
      // Its result leaves it out.
      return { authenticatedData: decoded.privateMessage.authenticatedData, plaintext: opened.content };
    },
    StorePSK: ({ stateOrTransactionId: id, pskId, pskSecret }) => {
      const holder = groups.get(id, 'group', 'key package');
      groups.replace(id, { ...holder, psks: [...holder.psks, { id: pskId, secret: pskSecret }] });
      return {};
    },
    AddProposal: ({ stateId, keyPackage }) => proposeDescribed(stateId, 'add', { keyPackage }),
    UpdateProposal: ({ stateId }) => groups.propose(stateId, () => 'update'),
    RemoveProposal: ({ stateId, removedId }) => proposeDescribed(stateId, 'remove', { removedId }),
    ExternalPSKProposal: ({ stateId, pskId }) => proposeDescribed(stateId, 'externalPSK', { pskId }),
    ResumptionPSKProposal: ({ stateId, epochId }) => proposeDescribed(stateId, 'resumptionPSK', { epochId }),
    GroupContextExtensionsProposal: ({ stateId, extensions }) =>
      proposeDescribed(stateId, 'groupContextExtensions', { extensions }),
    Commit: (request) => groups.commit(request),
    HandleCommit: async (request) => groups.enter(request.stateId, await groups.takeOthers(request)),
    HandlePendingCommit: ({ stateId }) => groups.enter(stateId, groups.takeOwn(stateId)),
    ReInitProposal: ({ stateId, ...reinit }) => proposeDescribed(stateId, 'reinit', reinit),
    ReInitCommit: (request) => groups.commit(request),
    HandlePendingReInitCommit: ({ stateId }) => groups.close(stateId, groups.takeOwn(stateId)),
    HandleReInitCommit: async (request) => groups.close(request.stateId, await groups.takeOthers(request)),
    ReInitWelcome: ({ reinitId, keyPackage, ...wanted }) => {
      const { group, suite, bundle } = groups.get(reinitId, 'reinit');
      const active = group.state.client.groupActiveState;
      if (active.kind !== 'suspendedPendingReinit') throw new RpcError('INTERNAL', 'the group is open');
      const { groupId, extensions } = active.reinit;
      const asked = { usage: 'reinit', suite, bundle, groupId, extensions, members: keyPackage } as const;
      return groups.succeed(group, { ...asked, ...wanted });
    },
    HandleReInitWelcome: ({ reinitId, ...message }) => {
      const { group, suite, bundle } = groups.get(reinitId, 'reinit');
      const { psks, encrypt, state } = group;
      return groups.join({ suite, bundle, psks }, { ...message, encrypt, predecessor: state.client });
    },
    CreateBranch: async ({ stateId, groupId, extensions, keyPackages: members, ...wanted }) => {
      const group = groups.get(stateId, 'group');
      const { suite, state } = group;
      const bundle = await groups.engine(suite).keyPackage(ownIdentity(state.client));
      return groups.succeed(group, {
        usage: 'branch',
        suite,
        bundle,
        groupId,
        extensions: extensionsIn(extensions),
        members,
        ...wanted,
      });
    },
    HandleBranch: ({ stateId, transactionId, ...message }) => {
      const { state, encrypt } = groups.get(stateId, 'group');
      const waiting = groups.get(transactionId, 'key package');
      return groups.join(waiting, { ...message, encrypt, predecessor: state.client });
    },
    NewMemberAddProposal: async ({ groupInfo, identity }) => {
      const info = groupInfoIn(groupInfo);
      const suite = suiteNumber(info.groupContext.cipherSuite);
      const bundle = await groups.engine(suite).keyPackage(identity);
      const { keyPackage, privateKeys } = bundleIn(bundle);
      const sent = await proposeAddExternal(info, keyPackage, privateKeys, groups.suite(suite));
      const transactionId = groups.add({ kind: 'key package', suite, bundle, psks: [] });
      return { transactionId, proposal: encodeMlsMessage(sent), ...privateKeysOut(bundle) };
    },
    CreateExternalSigner: unsupported('it writes external_senders as one sender instead of a list'),
    AddExternalSigner: unsupported('it writes external_senders as one sender instead of a list'),
    ExternalSignerProposal: unsupported('it reads external_senders as one sender instead of a list'),
    Free: ({ stateId }) => {
      groups.get(stateId, 'group', 'key package', 'reinit');
      groups.delete(stateId);
      return {};
    },
  };
}

/** The contract names who comes back by its identity; ts-mls, left alone, by its signature key. */
function knowingIdentity(identity: Uint8Array) {
  const compareKeyPackageToLeafNode: (typeof config.keyPackageEqualityConfig)['compareKeyPackageToLeafNode'] =
    (_keyPackage, { credential }) =>
      credential.credentialType === 'basic' && Buffer.compare(credential.identity, identity) === 0;
  return {
    ...config,
    keyPackageEqualityConfig: { ...config.keyPackageEqualityConfig, compareKeyPackageToLeafNode },
  };
}
