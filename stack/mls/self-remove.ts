/** draft-ietf-mls-extensions, SelfRemove: taking up a pending one in an external commit. */
import { sameBytes } from '../crypto/bytes.ts';
import { type MlsContext, suiteOf } from './context.ts';
import { ensure } from './errors.ts';
import { proposalReference, verifyFramedContent } from './framed-content.ts';
import { encodeGroupContext, type GroupContext } from './group-context.ts';
import { decodeMlsMessage } from './mls-message.ts';
import { isSelfRemove } from './proposal.ts';
import type { SentProposal } from './proposal-list.ts';
import { memberLeaf, type RatchetTree } from './ratchet-tree.ts';

export interface ReferencedProposal extends SentProposal {
  readonly reference: Uint8Array;
}

/** All the checks of a member but the membership tag, whose key an outsider lacks. `bytes` an MLSMessage. */
export function receiveSelfRemove(
  context: MlsContext,
  group: GroupContext,
  tree: RatchetTree,
  bytes: Uint8Array,
): ReferencedProposal {
  const decoded = decodeMlsMessage(bytes);
  ensure(decoded.kind === 'public', 'RFC9420-6-5', `a ${decoded.kind} message`);
  const { message } = decoded.publicMessage;
  const { sender, content, groupId, epoch } = message.framed;
  ensure(sameBytes(groupId, group.groupId), 'RFC9420-6-1', undefined, 'group_id');
  ensure(epoch === group.epoch, 'RFC9420-6-3', () => `epoch ${epoch}`, 'epoch');
  ensure(
    sender.type === 'member' && content.type === 'proposal' && isSelfRemove(content.proposal),
    'RFC9420-12.2-8',
  );
  const suite = suiteOf(context, group.cipherSuite);
  const { signatureKey } = memberLeaf(tree, sender.leafIndex);
  ensure(verifyFramedContent(suite, signatureKey, message, encodeGroupContext(group)), 'RFC9420-6.1-1');
  const reference = proposalReference(suite, message);
  return { proposal: content.proposal, sender, byReference: true, reference };
}
