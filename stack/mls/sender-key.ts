/** RFC 9420 section 6.1: whose signature key a message must verify with. */
import { ensureCredential, type MlsContext } from './context.ts';
import { ensure } from './errors.ts';
import { externalSenders } from './external-senders.ts';
import type { FramedContent } from './framed-content.ts';
import type { GroupContext } from './group-context.ts';
import { isAdd } from './proposal.ts';
import { maySendFromOutside } from './proposal-list.ts';
import { memberLeaf, type RatchetTree } from './ratchet-tree.ts';

export function senderSignatureKey(
  context: MlsContext,
  framed: FramedContent,
  group: GroupContext,
  tree: RatchetTree,
): Uint8Array {
  const { sender, content } = framed;
  switch (sender.type) {
    case 'member':
      return memberLeaf(tree, sender.leafIndex).signatureKey;
    case 'external': {
      ensure(content.type === 'proposal', 'RFC9420-6-5');
      const named = externalSenders(group.extensions)[sender.senderIndex];
      ensure(named !== undefined, 'RFC9420-12.1.8.1-1', () => `external sender ${sender.senderIndex}`);
      ensure(maySendFromOutside(content.proposal), 'RFC9420-12.1.8-1');
      ensureCredential(context, named);
      return named.signatureKey;
    }
    case 'new_member_proposal':
      ensure(content.type === 'proposal', 'RFC9420-6-5');
      ensure(isAdd(content.proposal), 'RFC9420-12.1.8-1', 'a new member may propose only to add itself');
      return content.proposal.keyPackage.leafNode.signatureKey;
    case 'new_member_commit':
      ensure(content.type === 'commit', 'RFC9420-6-5');
      ensure(content.commit.path !== undefined, 'RFC9420-12.4-3');
      return content.commit.path.leafNode.signatureKey;
  }
}
