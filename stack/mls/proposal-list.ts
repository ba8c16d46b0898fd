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
  isSelfRemove,
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

/** Whether a proposal is of a kind to be kept for a commit: one that not all members know is dropped. */
export function isKept(proposal: Proposal, tree: RatchetTree): boolean {
  return proposal.type !== rcsSignature && (!isCustom(proposal) || isSupported(tree, proposal.type));
}

/** Table 5 (section 12.1.8) and section 17.4: types that need not come from a member. */
export function maySendFromOutside(proposal: Proposal): boolean {
  return !(isUpdate(proposal) || isExternalInit(proposal) || isSelfRemove(proposal));
}

/** The rules for a commit by the member at `committer`. */
export function ensureMemberProposals(
  items: readonly SentProposal[],
  committer: number,
  tree: RatchetTree,
  isFirst = false,
): void {
  ensureCommon(items, tree, isFirst);
  ensure(!items.some(({ proposal }) => isExternalInit(proposal)), 'RFC9420-12.2-7');
  ensure(
    !items.some(({ proposal, sender }) => isUpdate(proposal) && isLeafOf(sender, committer)),
    'RFC9420-12.2-1',
  );
  ensure(!items.some((item) => leavingLeaf(item) === committer), 'RFC9420-12.2-2');
}

/** The rules for an external commit. */
export function ensureExternalProposals(items: readonly SentProposal[], tree: RatchetTree): void {
  ensureCommon(items, tree, false);
  const inline = items.filter((item) => !item.byReference).map(({ proposal }) => proposal);
  const allowed = inline.every(
    (proposal) =>
      isExternalInit(proposal) ||
      isRemove(proposal) ||
      proposal.type === proposalType.preSharedKey ||
      (isCustom(proposal) && !isSelfRemove(proposal)),
  );
  // draft-ietf-mls-extensions, SelfRemove: the one type an external commit takes by reference.
  const referenced = items.filter((item) => item.byReference).map(({ proposal }) => proposal);
  ensure(
    allowed &&
      referenced.every(isSelfRemove) &&
      inline.filter(isExternalInit).length === 1 &&
      inline.filter(isRemove).length <= 1,
    'RFC9420-12.2-8',
  );
}

/** The leaf that a Remove or SelfRemove takes out. */
export function leavingLeaf({
  proposal,
  sender,
}: Pick<SentProposal, 'proposal' | 'sender'>): number | undefined {
  if (isRemove(proposal)) return proposal.removed;
  return isSelfRemove(proposal) && sender.type === 'member' ? sender.leafIndex : undefined;
}

function ensureCommon(items: readonly SentProposal[], tree: RatchetTree, isFirst: boolean): void {
  const proposals = items.map(({ proposal }) => proposal);
  const replaced = items.flatMap((item) => {
    const { proposal, sender } = item;
    const leaf = leavingLeaf(item);
    if (leaf !== undefined) return [leaf];
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
    ensure(psk.type === 'external' || psk.usage === 'application' || isFirst, 'RFC9420-8.4-4');
  }
  ensure(
    proposals.filter(isReInit).every(({ version }) => version >= protocolVersionMls10),
    'RFC9420-12.1.5-1',
  );
  ensure(!proposals.some(({ type }) => type === rcsSignature), 'RFC9420-12.2-10');
  for (const { type } of proposals.filter(isCustom)) ensureSupported(tree, type);
}

export function ensureSupported(tree: RatchetTree, type: number): void {
  ensure(isSupported(tree, type), 'RFC9420-12.2-9', `proposal type ${type}`);
}

function isSupported(tree: RatchetTree, type: number): boolean {
  return tree.leaves.every((leaf) => leaf?.capabilities.proposals.includes(type) ?? true);
}

/** Section 12.1.2; SelfRemove is named by its sender alike. */
function ensureFromRightSender({ proposal, sender, byReference }: SentProposal): void {
  if (isUpdate(proposal) || isSelfRemove(proposal)) {
    ensure(
      sender.type === 'member' && byReference,
      'RFC9420-12.1.2-1',
      () => `proposal type ${proposal.type}`,
    );
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
        isSelfRemove(proposal) ||
        isExternalInit(proposal) ||
        isGroupContextExtensions(proposal),
    )
  );
}
