/** ts-mls 1.6.4 as one of the engines that the differential tests and the bench deal roles to. */
import {
  bytesToBase64,
  type CiphersuiteImpl,
  type CiphersuiteName,
  type ClientConfig,
  type ClientState,
  ciphersuites,
  createApplicationMessage,
  createCommit,
  createGroup,
  createProposal,
  decodeGroupState,
  defaultAuthenticationService,
  defaultKeyPackageEqualityConfig,
  defaultLifetimeConfig,
  encodeGroupState,
  encodeMlsMessage,
  generateKeyPackageWithKey,
  joinGroup,
  joinGroupExternal,
  type KeyPackage,
  type MLSMessage,
  makePskIndex,
  mlsExporter,
  type PrivateKeyPackage,
  type Proposal,
  type PskIndex,
} from 'ts-mls';
import { signWithLabel } from 'ts-mls/crypto/signature.js';
import { decodeKeyPackage, encodeKeyPackage } from 'ts-mls/keyPackage.js';
import { encodeLeafNodeTBS, type LeafNodeUpdate } from 'ts-mls/leafNode.js';
import { encodeRatchetTree } from 'ts-mls/ratchetTree.js';
import { makeResumptionPsk } from 'ts-mls/resumption.js';
import type {
  Committed,
  EngineProposal,
  ExternalPsk,
  KeyBundle,
  MlsEngine,
} from '../../harness/bench/mls-engine.ts';
import {
  decodeWhole,
  groupInfoWithExternalPub,
  isReplacedBy,
  processWithOwnUpdate,
  processWithPsks,
  rawSignatureKeyPair,
  readingExternalPub,
} from './ts-mls-workarounds.ts';

export interface TsMlsState {
  readonly client: ClientState;
  /** Of one's own Update proposal of this epoch. */
  readonly update?: { readonly publicKey: Uint8Array; readonly privateKey: Uint8Array };
}

/** The same windows as stack/mls has by default, no padding. */
const config: ClientConfig = {
  keyRetentionConfig: {
    retainKeysForGenerations: 1000,
    retainKeysForEpochs: 3,
    maximumForwardRatchetSteps: 1000,
  },
  lifetimeConfig: defaultLifetimeConfig,
  keyPackageEqualityConfig: defaultKeyPackageEqualityConfig,
  paddingConfig: { kind: 'alwaysPad', paddingLength: 0 },
  authService: defaultAuthenticationService,
};

export function suiteName(cipherSuite: number): CiphersuiteName {
  const found = Object.entries(ciphersuites).find(([, id]) => id === cipherSuite);
  if (found === undefined) throw new Error(`ts-mls has no cipher suite ${cipherSuite}`);
  return found[0] as CiphersuiteName;
}

export function tsMlsEngine(name: string, cs: CiphersuiteImpl): MlsEngine<TsMlsState> {
  const message = (content: object): Uint8Array =>
    encodeMlsMessage({ version: 'mls10', ...content } as MLSMessage);

  const committed = async (
    client: ClientState,
    psks: PskIndex,
    extraProposals: Proposal[],
    wireAsPublicMessage: boolean,
  ): Promise<Committed<TsMlsState>> => {
    const result = await createCommit(
      { state: client, pskIndex: psks, cipherSuite: cs },
      { extraProposals, wireAsPublicMessage, ratchetTreeExtension: true },
    );
    return {
      state: { client: result.newState },
      commit: encodeMlsMessage(result.commit),
      welcome:
        result.welcome === undefined
          ? undefined
          : message({ wireformat: 'mls_welcome', welcome: result.welcome }),
    };
  };

  const proposalOf = (proposal: Exclude<EngineProposal, { kind: 'update' }>): Proposal => {
    switch (proposal.kind) {
      case 'add':
        return { proposalType: 'add', add: { keyPackage: keyPackageOf(proposal.keyPackage) } };
      case 'remove':
        return { proposalType: 'remove', remove: { removed: proposal.leaf } };
      case 'psk': {
        const pskNonce = cs.rng.randomBytes(cs.kdf.size);
        const preSharedKeyId = { psktype: 'external', pskId: proposal.id, pskNonce } as const;
        return { proposalType: 'psk', psk: { preSharedKeyId } };
      }
      case 'reinit': {
        const { groupId } = proposal;
        const reinit = { groupId, version: 'mls10', cipherSuite: cs.name, extensions: [] } as const;
        return { proposalType: 'reinit', reinit: { ...reinit, extensions: [] } };
      }
      case 'extensions':
        throw new Error('ts-mls gives GroupContextExtensions no path, which section 17.4 wants');
    }
  };

  return {
    name,
    commitsExtensions: false,
    keyPackage: async (identity, given) => {
      const signatureKeys = given ?? (await rawSignatureKeyPair(cs));
      const { publicPackage, privatePackage } = await generateKeyPackageWithKey(
        { credentialType: 'basic', identity },
        {
          versions: ['mls10'],
          ciphersuites: [cs.name],
          extensions: [],
          proposals: [],
          credentials: ['basic', 'x509'],
        },
        { notBefore: 0n, notAfter: 2n ** 63n - 1n },
        [],
        { publicKey: signatureKeys.publicKey, signKey: signatureKeys.privateKey },
        cs,
      );
      return {
        keyPackage: encodeKeyPackage(publicPackage),
        initPrivateKey: privatePackage.initPrivateKey,
        leafPrivateKey: privatePackage.hpkePrivateKey,
        signatureKeys,
      };
    },
    create: async (bundle, groupId) => ({
      client: await createGroup(groupId, keyPackageOf(bundle.keyPackage), keysOf(bundle), [], cs, config),
    }),
    commit: ({ client }, { proposals = [], psks = [], framing }) =>
      committed(client, pskIndex(client, psks), proposals.map(proposalOf), framing === 'public'),
    propose: async ({ client }, proposal, framing) => {
      const keys = proposal.kind === 'update' ? await freshLeafKeys(cs) : undefined;
      const content: Proposal =
        keys === undefined
          ? proposalOf(proposal as Exclude<EngineProposal, { kind: 'update' }>)
          : { proposalType: 'update', update: { leafNode: await updatedLeaf(cs, client, keys.publicKey) } };
      const result = await createProposal(client, framing === 'public', content, cs);
      return {
        state: { client: result.newState, ...(keys === undefined ? {} : { update: keys }) },
        message: encodeMlsMessage(result.message),
      };
    },
    join: async (bundle, bytes, { psks = [], from } = {}) => {
      const welcome = decodeWhole(bytes);
      if (welcome.wireformat !== 'mls_welcome') throw new Error(`${welcome.wireformat} instead of a Welcome`);
      const client = await joinGroup(
        welcome.welcome,
        keyPackageOf(bundle.keyPackage),
        keysOf(bundle),
        pskIndex(from?.client, psks),
        cs,
        undefined,
        from?.client,
        config,
      );
      return { client };
    },
    groupInfo: async ({ client }) =>
      message({ wireformat: 'mls_group_info', groupInfo: await groupInfoWithExternalPub(cs, client) }),
    joinExternally: async (bundle, bytes, replaces) => {
      const info = decodeWhole(bytes);
      if (info.wireformat !== 'mls_group_info') throw new Error(`${info.wireformat} instead of a GroupInfo`);
      const { groupInfo } = info;
      const { publicMessage, newState } = await joinGroupExternal(
        groupInfo,
        keyPackageOf(bundle.keyPackage),
        keysOf(bundle),
        replaces !== undefined,
        readingExternalPub(cs, groupInfo),
        undefined,
        config,
      );
      return {
        state: { client: newState },
        commit: message({ wireformat: 'mls_public_message', publicMessage }),
      };
    },
    process: async ({ client, update }, bytes, psks = []) => {
      const received = decodeWhole(bytes);
      if (received.wireformat !== 'mls_private_message' && received.wireformat !== 'mls_public_message') {
        throw new Error(`${received.wireformat} is not sent to a group`);
      }
      if (isReplacedBy(client, received)) {
        const closed: ClientState = { ...client, groupActiveState: { kind: 'removedFromGroup' } };
        return { kind: 'handshake', state: { client: closed }, removed: true };
      }
      const processFrom = (from: ClientState) => processWithPsks(from, received, pskIndex(from, psks), cs);
      const result = await (update === undefined
        ? processFrom(client)
        : processWithOwnUpdate(client, update, processFrom));
      if (result.kind === 'applicationMessage') {
        return { kind: 'application', state: { client: result.newState }, content: result.message };
      }
      const sameEpoch = result.newState.groupContext.epoch === client.groupContext.epoch;
      const removed = result.newState.groupActiveState.kind === 'removedFromGroup';
      return {
        kind: 'handshake',
        state: { client: result.newState, ...(sameEpoch && update !== undefined ? { update } : {}) },
        removed,
      };
    },
    protect: async ({ client }, content) => {
      const { newState, privateMessage } = await createApplicationMessage(client, content, cs);
      return {
        state: { client: newState },
        message: message({ wireformat: 'mls_private_message', privateMessage }),
      };
    },
    resume: async ({ client: old }, usage, bundle, groupId, members) => {
      const keyPackage = keyPackageOf(bundle.keyPackage);
      const group = await createGroup(groupId, keyPackage, keysOf(bundle), [], cs, config);
      const { id } = makeResumptionPsk(old, usage, cs);
      return committed(
        group,
        makePskIndex(old, {}),
        [
          ...members.map((member) => proposalOf({ kind: 'add', keyPackage: member })),
          { proposalType: 'psk', psk: { preSharedKeyId: id } },
        ],
        true,
      );
    },
    epoch: ({ client }) => client.groupContext.epoch,
    ownLeaf: ({ client }) => client.privatePath.leafIndex,
    members: ({ client }) => client.ratchetTree.filter((node) => node?.nodeType === 'leaf').length,
    treeHash: ({ client }) => client.groupContext.treeHash,
    epochAuthenticator: ({ client }) => client.keySchedule.epochAuthenticator,
    exporter: ({ client }, label, context, length) =>
      mlsExporter(client.keySchedule.exporterSecret, label, context, length, cs),
    ratchetTree: ({ client }) => encodeRatchetTree(client.ratchetTree),
    encodeState: ({ client }) => encodeGroupState(client),
    decodeState: (bytes) => {
      const decoded = decodeGroupState(bytes, 0);
      if (decoded === undefined) throw new Error('ts-mls cannot decode its own state');
      return { client: { ...decoded[0], clientConfig: config } };
    },
  };
}

async function freshLeafKeys(
  cs: CiphersuiteImpl,
): Promise<{ publicKey: Uint8Array; privateKey: Uint8Array }> {
  const pair = await cs.hpke.generateKeyPair();
  return {
    publicKey: await cs.hpke.exportPublicKey(pair.publicKey),
    privateKey: await cs.hpke.exportPrivateKey(pair.privateKey),
  };
}

/** Section 7.3; ts-mls signs key_package and commit leaves only. */
async function updatedLeaf(
  cs: CiphersuiteImpl,
  client: ClientState,
  hpkePublicKey: Uint8Array,
): Promise<LeafNodeUpdate> {
  const { leafIndex } = client.privatePath;
  const node = client.ratchetTree[leafIndex * 2];
  if (node?.nodeType !== 'leaf') throw new Error(`leaf ${leafIndex} is blank`);
  const { signaturePublicKey, credential, capabilities, extensions } = node.leaf;
  const content = {
    leafNodeSource: 'update',
    hpkePublicKey,
    signaturePublicKey,
    credential,
    capabilities,
    extensions,
  } as const;
  const tbs = encodeLeafNodeTBS({ ...content, groupId: client.groupContext.groupId, leafIndex });
  const signature = await signWithLabel(client.signaturePrivateKey, 'LeafNodeTBS', tbs, cs.signature);
  return { ...content, signature };
}

function pskIndex(state: ClientState | undefined, psks: readonly ExternalPsk[]): PskIndex {
  return makePskIndex(
    state,
    Object.fromEntries(psks.map(({ id, secret }) => [bytesToBase64(id), secret] as const)),
  );
}

function keyPackageOf(bytes: Uint8Array): KeyPackage {
  const decoded = decodeKeyPackage(bytes, 0);
  if (decoded === undefined) throw new Error('ts-mls cannot decode the KeyPackage');
  return decoded[0];
}

function keysOf(bundle: KeyBundle): PrivateKeyPackage {
  return {
    initPrivateKey: bundle.initPrivateKey,
    hpkePrivateKey: bundle.leafPrivateKey,
    signaturePrivateKey: bundle.signatureKeys.privateKey,
  };
}
