/** RFC 9420 section 12.2: which of the proposals received in an epoch its committer takes up. */
import { toHex } from '../crypto/bytes.ts';
import type { GroupState, PendingProposal } from './group-state.ts';
import {
  isAdd,
  isGroupContextExtensions,
  isPreSharedKey,
  isReInit,
  isRemove,
  isSelfRemove,
  isUpdate,
  type Proposal,
} from './proposal.ts';
import { leavingLeaf } from './proposal-list.ts';
import { writePskId } from './psk.ts';
import { encode } from './writer.ts';

/**
 * Of the pending proposals those that may stand beside each other and `inline`: nothing of the committer's own leaf;
 * for each other leaf its SelfRemove, or else a Remove, or else the latest Update; each client added and each PSK
 * named once; one GroupContextExtensions; a ReInit only when it is all there is.
 */
export function pendingToCommit(state: GroupState, inline: readonly Proposal[]): readonly PendingProposal[] {
  const taken = new Set(inline.map((proposal) => subject(proposal)).filter((about) => about !== undefined));
  taken.add(`leaf ${state.ownLeafIndex}`);
  const chosen = new Set<PendingProposal>();
  const claim = (items: readonly PendingProposal[]) => {
    for (const item of items) {
      const about = subject(item.proposal, item);
      if (about !== undefined && taken.has(about)) continue;
      if (about !== undefined) taken.add(about);
      chosen.add(item);
    }
  };
  const { pending } = state;
  const others = pending.filter(({ proposal }) => !isReInit(proposal));
  claim(others.filter(({ proposal }) => isSelfRemove(proposal)));
  claim(others.filter(({ proposal }) => isRemove(proposal)));
  claim(others.toReversed().filter(({ proposal }) => isUpdate(proposal)));
  claim(
    others.filter(({ proposal }) => !(isSelfRemove(proposal) || isRemove(proposal) || isUpdate(proposal))),
  );
  if (chosen.size === 0 && inline.length === 0) claim(pending.filter(({ proposal }) => isReInit(proposal)));
  return pending.filter((item) => chosen.has(item));
}

/** What only one proposal of a commit may be about; undefined when any number may stand together. */
function subject(proposal: Proposal, item?: PendingProposal): string | undefined {
  const leaf = item === undefined ? undefined : leavingLeaf(item);
  if (isRemove(proposal)) return `leaf ${proposal.removed}`;
  if (leaf !== undefined) return `leaf ${leaf}`;
  if (isUpdate(proposal) && item?.sender.type === 'member') return `leaf ${item.sender.leafIndex}`;
  if (isAdd(proposal)) return `client ${toHex(proposal.keyPackage.leafNode.signatureKey)}`;
  if (isPreSharedKey(proposal)) return `psk ${toHex(encode(writePskId, proposal.psk))}`;
  if (isGroupContextExtensions(proposal)) return 'extensions';
  return isReInit(proposal) ? 'reinit' : undefined;
}
