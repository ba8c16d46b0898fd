/** RFC 9420 section 6: a signed handshake message put into the frame the sender chose. */
import { type MlsContext, policyOf } from './context.ts';
import type { AuthenticatedContent } from './framed-content.ts';
import type { GroupState } from './group-state.ts';
import { encodeMlsMessage } from './mls-message.ts';
import { protectPrivate } from './private-message.ts';
import { protectPublic } from './public-message.ts';
import { nextKey, type SecretTree } from './secret-tree.ts';

export type WireFormatName = 'public' | 'private';

export function frameHandshake(
  context: MlsContext,
  state: GroupState,
  message: AuthenticatedContent,
): { readonly bytes: Uint8Array; readonly secretTree: SecretTree } {
  const { suite, secrets, secretTree, ownLeafIndex } = state;
  if (message.wireFormat === 1) {
    const publicMessage = protectPublic(suite, secrets.membershipKey, message, state.groupContextBytes);
    return { bytes: encodeMlsMessage({ kind: 'public', publicMessage }), secretTree };
  }
  const draw = nextKey(suite, secretTree, ownLeafIndex, 'handshake');
  const privateMessage = protectPrivate(
    suite,
    context.random,
    secrets.senderData,
    ownLeafIndex,
    draw.key,
    message,
    policyOf(context).padding(message.framedBytes.length, message.framed.content.type),
  );
  return { bytes: encodeMlsMessage({ kind: 'private', privateMessage }), secretTree: draw.tree };
}
