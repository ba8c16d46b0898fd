/** RFC 9420 section 6.1: whose signature key a message must verify with. */

import { readCredential } from './credential.ts';
import { ensure } from './errors.ts';
import { extensionType, findExtension } from './extension.ts';
import type { FramedContent } from './framed-content.ts';
import type { GroupContext } from './group-context.ts';
import { isAdd } from './proposal.ts';
import { memberLeaf, type RatchetTree } from './ratchet-tree.ts';
import { decodeAll } from './reader.ts';

export function senderSignatureKey(
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
      const key = externalSenderKeys(group)[sender.senderIndex];
      ensure(key !== undefined, 'RFC9420-6-5', () => `external sender ${sender.senderIndex}`);
      return key;
    }
    case 'new_member_proposal':
      ensure(content.type === 'proposal' && isAdd(content.proposal), 'RFC9420-6-5');
      return content.proposal.keyPackage.leafNode.signatureKey;
    case 'new_member_commit':
      ensure(content.type === 'commit', 'RFC9420-6-5');
      ensure(content.commit.path !== undefined, 'RFC9420-12.4-3');
      return content.commit.path.leafNode.signatureKey;
  }
}

/** Section 12.1.8.1. */
function externalSenderKeys(group: GroupContext): Uint8Array[] {
  const extension = findExtension(group.extensions, extensionType.externalSenders);
  if (extension === undefined) return [];
  return decodeAll(extension.data, 'ExternalSenders', (reader) =>
    reader.vector('ExternalSenders', (r) => {
      const key = r.opaque('ExternalSender.signature_key');
      readCredential(r);
      return key;
    }),
  );
}
