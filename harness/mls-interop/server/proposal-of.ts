import { sameBytes } from '../../../stack/crypto/bytes.ts';
import {
  credentialType,
  externalPskProposal,
  type GroupContext,
  type MlsContext,
  type Proposal,
  proposalType,
  type RosterEntry,
} from '../../../stack/mls/index.ts';
import { type ProposalDescription, proposalNames, type Uint64 } from '../contract.ts';
import { RpcError } from '../rpc-error.ts';
import { extensionsIn, keyPackageIn, knownSuite } from './client.ts';

/** What a proposal can be about, as a member or an outsider sees the group. */
export interface ProposalSubject {
  readonly groupContext: GroupContext;
  readonly roster: readonly RosterEntry[];
}

const mls10 = 1;
const none = new Uint8Array(0);

/** RpcError INVALID_ARGUMENT for a type that the contract does not name. */
export function proposalOf(
  context: MlsContext,
  subject: ProposalSubject,
  description: ProposalDescription,
): Proposal {
  const { keyPackage, removedId, pskId, epochId, extensions, groupId, cipherSuite } = description;
  const text = Buffer.from(description.proposalType).toString();
  const name = proposalNames.find((known) => known === text);
  switch (name) {
    case 'add':
      return { type: proposalType.add, keyPackage: keyPackageIn(keyPackage ?? none, 'key_package') };
    case 'remove':
      return { type: proposalType.remove, removed: memberCalled(subject.roster, removedId ?? none) };
    case 'externalPSK':
      return externalPskProposal(context, subject.groupContext.cipherSuite, pskId ?? none);
    case 'resumptionPSK':
      return resumptionPsk(context, subject.groupContext, epochId ?? '0');
    case 'groupContextExtensions':
      return { type: proposalType.groupContextExtensions, extensions: extensionsIn(extensions ?? []) };
    case 'reinit':
      return {
        type: proposalType.reInit,
        groupId: groupId ?? none,
        version: mls10,
        cipherSuite: knownSuite(cipherSuite ?? 0),
        extensions: extensionsIn(extensions ?? []),
      };
    case undefined: {
      const known = proposalNames.join(', ');
      throw new RpcError('INVALID_ARGUMENT', `proposal_type: "${text.slice(0, 40)}" is not one of ${known}`);
    }
  }
}

/** Index of the first leaf with this identity; RpcError INVALID_ARGUMENT when there is none. */
export function memberCalled(roster: readonly RosterEntry[], identity: Uint8Array): number {
  const member = roster.find(
    ({ credential }) => credential.type === credentialType.basic && sameBytes(credential.identity, identity),
  );
  if (member !== undefined) return member.leafIndex;
  throw new RpcError('INVALID_ARGUMENT', `no member is called "${Buffer.from(identity).toString()}"`);
}

/** Section 12.1.4, usage application: also from outside, where no state of the group is at hand. */
function resumptionPsk(context: MlsContext, group: GroupContext, epochId: Uint64): Proposal {
  const { groupId, cipherSuite } = group;
  const nonce = context.random.bytes(context.suiteProvider.suite(knownSuite(cipherSuite)).hashLength);
  const epoch = BigInt(epochId);
  return {
    type: proposalType.preSharedKey,
    psk: { type: 'resumption', usage: 'application', groupId, epoch, nonce },
  };
}
