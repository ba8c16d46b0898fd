/** RFC 9420 section 15: application messages out. */
import { emptyBytes } from '../crypto/bytes.ts';
import { type MlsContext, policyOf } from './context.ts';
import { ensure } from './errors.ts';
import { signFramedContent, wireFormat } from './framed-content.ts';
import { ensureOpen, type GroupState } from './group-state.ts';
import { encodeMlsMessage } from './mls-message.ts';
import { protectPrivate } from './private-message.ts';
import { nextKey } from './secret-tree.ts';

export interface ProtectOptions {
  /** Sent in clear, bound to the message. */
  readonly authenticatedData?: Uint8Array;
  /** Bytes of zeros to add for a content of the given length; default as the policy says. */
  readonly paddingLength?: (contentLength: number) => number;
}

export interface Protected {
  readonly state: GroupState;
  /** MLSMessage. */
  readonly message: Uint8Array;
  /** Of the sender's application ratchet in this epoch, from 0. */
  readonly generation: number;
}

/** `content` may depend on the generation it will be sent with. */
export function protect(
  context: MlsContext,
  state: GroupState,
  content: Uint8Array | ((generation: number) => Uint8Array),
  options: ProtectOptions = {},
): Protected {
  ensureOpen(state);
  const policy = policyOf(context);
  ensure(state.pending.length === 0 || policy.dataBesideProposals, 'RFC9420-12.4-4');
  const { suite, ownLeafIndex } = state;
  const draw = nextKey(suite, state.secretTree, ownLeafIndex, 'application');
  const { generation } = draw.key;
  const data = typeof content === 'function' ? content(generation) : content;
  const message = signFramedContent(
    suite,
    state.signaturePrivateKey,
    wireFormat.private,
    {
      groupId: state.groupContext.groupId,
      epoch: state.groupContext.epoch,
      sender: { type: 'member', leafIndex: ownLeafIndex },
      authenticatedData: options.authenticatedData ?? emptyBytes,
      content: { type: 'application', data },
    },
    state.groupContextBytes,
  );
  const padding = (options.paddingLength ?? policy.padding)(data.length, 'application');
  const { senderData } = state.secrets;
  const privateMessage = protectPrivate(
    suite,
    context.random,
    senderData,
    ownLeafIndex,
    draw.key,
    message,
    padding,
  );
  return {
    state: { ...state, secretTree: draw.tree },
    message: encodeMlsMessage({ kind: 'private', privateMessage }),
    generation,
  };
}
