/** Proposals of a member, sent by themselves. */
import { toHex } from '../../../stack/crypto/bytes.ts';
import {
  createProposal,
  createUpdateProposal,
  decodeExternalSender,
  externalSenders,
  externalSendersExtension,
  groupExtensions,
  type Proposal,
  roster,
  type SentProposalMessage,
} from '../../../stack/mls/index.ts';
import type { ProposalDescription, ProposalName, ProposalResponse, Service } from '../contract.ts';
import { RpcError } from '../rpc-error.ts';
import { type InteropClient, mlsContext } from './client.ts';
import type { HeldGroup } from './held-table.ts';
import { proposalOf } from './proposal-of.ts';

type ProposalMethod =
  | 'AddProposal'
  | 'UpdateProposal'
  | 'RemoveProposal'
  | 'ExternalPSKProposal'
  | 'ResumptionPSKProposal'
  | 'GroupContextExtensionsProposal'
  | 'ReInitProposal'
  | 'AddExternalSigner';

export function proposalHandlers(client: InteropClient): Pick<Service, ProposalMethod> {
  const { held } = client;
  const context = mlsContext(client);

  const send = (stateId: number, propose: (group: HeldGroup) => SentProposalMessage): ProposalResponse => {
    const group = held.get(stateId, 'group state');
    ensureNothingPending(group);
    const { state, message } = propose(group);
    // Last, for it is the newest: the stack appends what it sends.
    const reference = toHex(state.pending.at(-1)!.reference);
    const proposals = new Map([...group.proposals, [toHex(message), reference]]);
    held.replace(stateId, { ...group, state, proposals });
    return { proposal: message };
  };
  const sendProposal = (stateId: number, make: (group: HeldGroup) => Proposal) =>
    send(stateId, (group) => createProposal(context, group.state, make(group)));
  const sendDescribed = (
    stateId: number,
    name: ProposalName,
    fields: Omit<ProposalDescription, 'proposalType'>,
  ) =>
    sendProposal(stateId, ({ state }) =>
      proposalOf(
        context,
        { groupContext: state.groupContext, roster: roster(state) },
        { ...fields, proposalType: new TextEncoder().encode(name) },
      ),
    );

  return {
    AddProposal: ({ stateId, keyPackage }) => sendDescribed(stateId, 'add', { keyPackage }),
    UpdateProposal: ({ stateId }) => send(stateId, ({ state }) => createUpdateProposal(context, state)),
    RemoveProposal: ({ stateId, removedId }) => sendDescribed(stateId, 'remove', { removedId }),
    ExternalPSKProposal: ({ stateId, pskId }) => sendDescribed(stateId, 'externalPSK', { pskId }),
    ResumptionPSKProposal: ({ stateId, epochId }) => sendDescribed(stateId, 'resumptionPSK', { epochId }),
    GroupContextExtensionsProposal: ({ stateId, extensions }) =>
      sendDescribed(stateId, 'groupContextExtensions', { extensions }),
    ReInitProposal: ({ stateId, cipherSuite, groupId, extensions }) =>
      sendDescribed(stateId, 'reinit', { cipherSuite, groupId, extensions }),
    AddExternalSigner: ({ stateId, externalSender }) =>
      sendProposal(stateId, ({ state }) => {
        const before = groupExtensions(state);
        const after = externalSendersExtension([
          ...externalSenders(before),
          decodeExternalSender(externalSender),
        ]);
        return { type: 7, extensions: [...before.filter(({ type }) => type !== after.type), after] };
      }),
  };
}

/**
 * A commit is framed with a key of the sender's handshake ratchet; until it is accepted or gives way to another's, the
 * state it was made from would use that key again.
 */
export function ensureNothingPending(group: HeldGroup): void {
  if (group.pendingCommit !== undefined) {
    throw new RpcError('FAILED_PRECONDITION', 'a commit of this member is pending');
  }
}
