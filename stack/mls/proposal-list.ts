/** RFC 9420 section 12.2: which proposals may stand together in one commit. */
import { toHex } from '../crypto/bytes.ts';
import { ensure } from './errors.ts';
import type { Sender } from './framed-content.ts';
import { protocolVersionMls10 } from './leaf-node.ts';
import {
  isAdd,
  isCustom,
  isExternalInit,
  isGroupContextExtensions,
  isPreSharedKey,
  isReInit,
  isRemove,
  isUpdate,
  type Proposal,
  proposalType,
} from './proposal.ts';
import type { RatchetTree } from './ratchet-tree.ts';

export interface SentProposal {
  readonly proposal: Proposal;
  /** Of the proposal itself when it came by reference, else the committer. */
  readonly sender: Sender;
  readonly byReference: boolean;
}

/** RCC.16 section 7.6: carries a signed receipt and is never committed. */
const rcsSignature = 0xf002;

/** Whether a proposal is of a kind to be kept for a commit. */
export function isCommittable(proposal: Proposal): boolean {
  return proposal.type !== rcsSignature;
}

/** The rules for a commit by the member at `committer`. */
export function ensureMemberProposals(
  items: readonly SentProposal[],
  committer: number,
  tree: RatchetTree,
): void {
  ensureCommon(items, tree);
  ensure(!items.some(({ proposal }) => isExternalInit(proposal)), 'RFC9420-12.2-7');
  ensure(
    !items.some(({ proposal, sender }) => isUpdate(proposal) && isLeafOf(sender, committer)),
    'RFC9420-12.2-1',
  );
  ensure(
    !items.some(({ proposal }) => isRemove(proposal) && proposal.removed === committer),
    'RFC9420-12.2-2',
  );
}

/** The rules for an external commit. */
export function ensureExternalProposals(items: readonly SentProposal[], tree: RatchetTree): void {
  ensureCommon(items, tree);
  const inline = items.filter((item) => !item.byReference).map(({ proposal }) => proposal);
  const allowed = inline.every(
    (proposal) =>
      isExternalInit(proposal) ||
      isRemove(proposal) ||
      proposal.type === proposalType.preSharedKey ||
      isCustom(proposal),
  );
  ensure(
    allowed &&
      items.length === inline.length &&
      inline.filter(isExternalInit).length === 1 &&
      inline.filter(isRemove).length <= 1,
    'RFC9420-12.2-8',
  );
}

function ensureCommon(items: readonly SentProposal[], tree: RatchetTree): void {
  const proposals = items.map(({ proposal }) => proposal);
  const replaced = items.flatMap(({ proposal, sender }) => {
    if (isRemove(proposal)) return [proposal.removed];
    return isUpdate(proposal) && sender.type === 'member' ? [sender.leafIndex] : [];
  });
  ensure(new Set(replaced).size === replaced.length, 'RFC9420-12.2-3');
  for (const item of items) ensureFromRightSender(item);
  for (const leaf of replaced) {
    ensure(tree.leaves[leaf] !== undefined, 'RFC9420-12.1.3-1', `leaf ${leaf}`, 'Remove.removed');
  }
  const clients = proposals.filter(isAdd).map(({ keyPackage }) => toHex(keyPackage.leafNode.signatureKey));
  ensure(new Set(clients).size === clients.length, 'RFC9420-12.2-4');
  ensure(proposals.filter(isGroupContextExtensions).length <= 1, 'RFC9420-12.2-5');
  ensure(!proposals.some(isReInit) || proposals.length === 1, 'RFC9420-12.2-6');
  for (const { psk } of proposals.filter(isPreSharedKey)) {
    ensure(psk.type === 'external' || psk.usage === 'application', 'RFC9420-8.4-4');
  }
  ensure(
    proposals.filter(isReInit).every(({ version }) => version >= protocolVersionMls10),
    'RFC9420-12.1.5-1',
  );
  ensure(proposals.every(isCommittable), 'RFC9420-12.2-10');
  for (const { type } of proposals.filter(isCustom)) {
    const supported = tree.leaves.every((leaf) => leaf?.capabilities.proposals.includes(type) ?? true);
    ensure(supported, 'RFC9420-12.2-9', `proposal type ${type}`);
  }
}

/** Section 12.1.2 and table 5 (section 12.1.8). */
function ensureFromRightSender({ proposal, sender, byReference }: SentProposal): void {
  if (isUpdate(proposal)) {
    ensure(sender.type === 'member' && byReference, 'RFC9420-12.1.2-1', undefined, 'Update.leaf_node');
  } else if (sender.type === 'new_member_proposal') {
    ensure(isAdd(proposal), 'RFC9420-6-5', 'a new member may propose only to add itself');
  }
}

function isLeafOf(sender: Sender, leafIndex: number): boolean {
  return sender.type === 'member' && sender.leafIndex === leafIndex;
}

/** Section 12.4: whether a commit of these may leave its path out. */
export function pathRequired(proposals: readonly Proposal[]): boolean {
  return (
    proposals.length === 0 ||
    proposals.some(
      (proposal) =>
        isUpdate(proposal) ||
        isRemove(proposal) ||
        isExternalInit(proposal) ||
        isGroupContextExtensions(proposal),
    )
  );
}
