/** Proposals from outside the group (RFC 9420 section 12.1.8). */
import {
  createExternalProposal,
  createNewMemberProposal,
  encodeExternalSender,
} from '../../../stack/mls/index.ts';
import type { Service } from '../contract.ts';
import { RpcError } from '../rpc-error.ts';
import { freshBundle, type InteropClient, knownSuite, mlsContext, privateKeysOut } from './client.ts';
import { groupSeen } from './group-seen.ts';
import { proposalOf } from './proposal-of.ts';

type OutsiderMethod = 'NewMemberAddProposal' | 'CreateExternalSigner' | 'ExternalSignerProposal';

/** The contract has no place for it in NewMemberAddProposal. */
const noTree = new Uint8Array(0);

export function outsiderHandlers(client: InteropClient): Pick<Service, OutsiderMethod> {
  const { held } = client;
  const context = mlsContext(client);
  return {
    NewMemberAddProposal({ groupInfo, identity }) {
      const { groupContext } = groupSeen(context, groupInfo, noTree);
      const bundle = freshBundle(client, groupContext.cipherSuite, identity);
      const proposal = createNewMemberProposal(context, { group: groupContext, bundle });
      const transactionId = held.add({ kind: 'key package', bundle, psks: new Map() });
      return { transactionId, proposal, ...privateKeysOut(bundle) };
    },

    CreateExternalSigner({ cipherSuite, identity }) {
      const suite = context.suiteProvider.suite(knownSuite(cipherSuite));
      const { publicKey, privateKey } = suite.generateSignatureKeyPair(context.random);
      const signerId = held.add({ kind: 'external signer', cipherSuite, signaturePrivateKey: privateKey });
      const credential = { type: 1, identity } as const;
      return { signerId, externalSender: encodeExternalSender({ signatureKey: publicKey, credential }) };
    },

    ExternalSignerProposal({ signerId, signerIndex, groupInfo, ratchetTree, description }) {
      const { signaturePrivateKey, cipherSuite } = held.get(signerId, 'external signer');
      if (description === null) throw new RpcError('INVALID_ARGUMENT', 'description: missing');
      const group = groupSeen(context, groupInfo, ratchetTree);
      const { groupContext } = group;
      if (groupContext.cipherSuite !== cipherSuite) {
        const found = groupContext.cipherSuite;
        throw new RpcError(
          'INVALID_ARGUMENT',
          `group_info: suite ${found}, the signer has one of ${cipherSuite}`,
        );
      }
      const proposal = createExternalProposal(context, {
        group: groupContext,
        senderIndex: signerIndex,
        signaturePrivateKey,
        proposal: proposalOf(context, group, description),
      });
      return { proposal };
    },
  };
}
