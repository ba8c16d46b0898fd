/** RFC 9420 sections 12.1.8 and 6: proposals from outside, always in a PublicMessage. */
import { emptyBytes } from '../crypto/bytes.ts';
import { type MlsContext, suiteOf } from './context.ts';
import { ensure } from './errors.ts';
import { type Sender, signFramedContent, wireFormat } from './framed-content.ts';
import type { GroupContext } from './group-context.ts';
import type { KeyPackageBundle } from './key-package.ts';
import { encodeMlsMessage } from './mls-message.ts';
import { type Proposal, proposalType } from './proposal.ts';
import { maySendFromOutside } from './proposal-list.ts';

/** Where a proposal from outside is addressed to: the GroupContext of a GroupInfo serves. */
export type GroupAddress = Pick<GroupContext, 'groupId' | 'epoch' | 'cipherSuite'>;

export interface NewMemberProposalParameters {
  readonly group: GroupAddress;
  /** Whose KeyPackage is proposed; it stays needed for the Welcome. */
  readonly bundle: KeyPackageBundle;
  readonly authenticatedData?: Uint8Array;
}

/** A client outside proposes to add itself (sender type new_member_proposal). MLSMessage. */
export function createNewMemberProposal(
  context: MlsContext,
  parameters: NewMemberProposalParameters,
): Uint8Array {
  const { group, bundle } = parameters;
  const proposal = { type: proposalType.add, keyPackage: bundle.keyPackage };
  const sender = { type: 'new_member_proposal' } as const;
  const data = parameters.authenticatedData ?? emptyBytes;
  return sign(context, group, sender, proposal, bundle.signaturePrivateKey, data);
}

export interface ExternalProposalParameters {
  readonly group: GroupAddress;
  /** Place of the signer in the group's external_senders. */
  readonly senderIndex: number;
  readonly signaturePrivateKey: Uint8Array;
  /** Add, Remove, PreSharedKey, ReInit, GroupContextExtensions or a custom type. */
  readonly proposal: Proposal;
  readonly authenticatedData?: Uint8Array;
}

/** A party named in external_senders proposes. MLSMessage; MlsError 12.1.8-1 for a type it may not send. */
export function createExternalProposal(
  context: MlsContext,
  parameters: ExternalProposalParameters,
): Uint8Array {
  const { group, senderIndex, proposal, signaturePrivateKey } = parameters;
  ensure(maySendFromOutside(proposal), 'RFC9420-12.1.8-1', () => `proposal type ${proposal.type}`);
  const sender = { type: 'external', senderIndex } as const;
  return sign(
    context,
    group,
    sender,
    proposal,
    signaturePrivateKey,
    parameters.authenticatedData ?? emptyBytes,
  );
}

function sign(
  context: MlsContext,
  group: GroupAddress,
  sender: Sender,
  proposal: Proposal,
  privateKey: Uint8Array,
  authenticatedData: Uint8Array,
): Uint8Array {
  const suite = suiteOf(context, group.cipherSuite);
  const { groupId, epoch } = group;
  const content = { type: 'proposal', proposal } as const;
  const framed = { groupId, epoch, sender, authenticatedData, content };
  // Signed without a GroupContext (section 6.1): who is outside has none.
  const message = signFramedContent(suite, privateKey, wireFormat.public, framed, emptyBytes);
  return encodeMlsMessage({ kind: 'public', publicMessage: { message, membershipTag: undefined } });
}
