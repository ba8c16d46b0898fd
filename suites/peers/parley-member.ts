/** stack/mls as one of the engines that the differential tests and the bench deal roles to. */
import type {
  EngineProposal,
  ExternalPsk,
  KeyBundle,
  MlsEngine,
  Processed,
} from '../../harness/bench/mls-engine.ts';
import type { CipherSuiteId } from '../../stack/crypto/index.ts';
import {
  commit,
  createBranch,
  createGroup,
  createKeyPackage,
  createProposal,
  createReInitGroup,
  createUpdateProposal,
  decodeKeyPackage,
  decodeState,
  encodeKeyPackage,
  encodeRatchetTree,
  encodeState,
  epoch,
  epochAuthenticator,
  exportGroupInfo,
  exportSecret,
  type GroupState,
  joinByExternalCommit,
  joinFromWelcome,
  type KeyPackageBundle,
  type MlsContext,
  ownLeafIndex,
  type Proposal,
  process,
  proposalType,
  protect,
  roster,
  treeHash,
  verifyKeyPackage,
} from '../../stack/mls/index.ts';

const foreverFromEpochStart = { notBefore: 0n, notAfter: 2n ** 63n - 1n };

export function parleyEngine(base: MlsContext, cipherSuite: CipherSuiteId): MlsEngine<GroupState> {
  const suite = base.suiteProvider.suite(cipherSuite);
  const contextWith = (psks: readonly ExternalPsk[]): MlsContext => ({
    ...base,
    externalPsk: (id) => psks.find((psk) => Buffer.compare(psk.id, id) === 0)?.secret,
  });
  const proposalOf = (proposal: Exclude<EngineProposal, { kind: 'update' }>): Proposal => {
    switch (proposal.kind) {
      case 'add':
        return { type: proposalType.add, keyPackage: decodeKeyPackage(proposal.keyPackage) };
      case 'remove':
        return { type: proposalType.remove, removed: proposal.leaf };
      case 'psk': {
        const nonce = base.random.bytes(suite.hashLength);
        return { type: proposalType.preSharedKey, psk: { type: 'external', id: proposal.id, nonce } };
      }
      case 'reinit':
        return {
          type: proposalType.reInit,
          groupId: proposal.groupId,
          version: 1,
          cipherSuite,
          extensions: [],
        };
      case 'extensions':
        return { type: proposalType.groupContextExtensions, extensions: proposal.extensions };
    }
  };

  return {
    name: 'parley',
    commitsExtensions: true,
    keyPackage: (identity, given) => {
      const signatureKeys = given ?? suite.generateSignatureKeyPair(base.random);
      const bundle = createKeyPackage(base, {
        cipherSuite,
        credential: { type: 1, identity },
        signatureKeyPair: signatureKeys,
        lifetime: foreverFromEpochStart,
      });
      const { initPrivateKey, leafPrivateKey, keyPackage } = bundle;
      return { keyPackage: encodeKeyPackage(keyPackage), initPrivateKey, leafPrivateKey, signatureKeys };
    },
    create: (bundle, groupId) => createGroup(base, { groupId, bundle: parsed(bundle) }),
    commit: (state, { proposals = [], psks = [], framing, path = true }) => {
      const add = proposals.flatMap((proposal) =>
        proposal.kind === 'add' ? [verifyKeyPackage(base, decodeKeyPackage(proposal.keyPackage))] : [],
      );
      const others = proposals.filter((proposal) => proposal.kind !== 'add').map(proposalOf);
      const result = commit(contextWith(psks), state, { add, proposals: others, wireFormat: framing, path });
      return { state: result.state, commit: result.commit, welcome: result.welcome };
    },
    propose: (state, proposal, framing) => {
      const options = { wireFormat: framing };
      return proposal.kind === 'update'
        ? createUpdateProposal(base, state, options)
        : createProposal(base, state, proposalOf(proposal), options);
    },
    join: (bundle, welcome, { psks = [], from } = {}) =>
      joinFromWelcome(contextWith(psks), {
        welcome,
        bundles: [parsed(bundle)],
        ...(from === undefined ? {} : { predecessor: from }),
      }).state,
    groupInfo: (state) => exportGroupInfo(state, { ratchetTree: true, externalPub: true, extensions: [] }),
    joinExternally: (bundle, groupInfo, replaces) =>
      joinByExternalCommit(base, {
        groupInfo,
        bundle: parsed(bundle),
        ...(replaces === undefined ? {} : { replaces }),
      }),
    process: (state, message, psks = []): Processed<GroupState> => {
      const received = process(contextWith(psks), state, message);
      if (received.kind === 'application') {
        return { kind: 'application', state: received.state, content: received.content };
      }
      const removed = received.kind === 'commit' && received.removedSelf;
      return { kind: 'handshake', state: received.state, removed };
    },
    protect: (state, content) => protect(base, state, content),
    resume: (old, usage, bundle, groupId, keyPackages) => {
      const members = keyPackages.map((bytes) => verifyKeyPackage(base, decodeKeyPackage(bytes)));
      const parameters = { bundle: parsed(bundle), members };
      const result =
        usage === 'reinit'
          ? createReInitGroup(base, old, parameters)
          : createBranch(base, old, { ...parameters, groupId });
      return { state: result.state, commit: result.commit, welcome: result.welcome };
    },
    epoch,
    ownLeaf: ownLeafIndex,
    members: (state) => roster(state).length,
    treeHash,
    epochAuthenticator,
    exporter: (state, label, context, length) => exportSecret(base, state, label, context, length),
    ratchetTree: (state) => encodeRatchetTree(state.tree),
    encodeState,
    decodeState: (bytes) => decodeState(base, bytes),
  };
}

function parsed(bundle: KeyBundle): KeyPackageBundle {
  return {
    keyPackage: decodeKeyPackage(bundle.keyPackage),
    initPrivateKey: bundle.initPrivateKey,
    leafPrivateKey: bundle.leafPrivateKey,
    signaturePrivateKey: bundle.signatureKeys.privateKey,
  };
}
