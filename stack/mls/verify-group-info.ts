/** RFC 9420 section 12.4.3: a GroupInfo handed to someone outside the group, checked before it is used. */
import { type MlsContext, suiteOf } from './context.ts';
import { ensure } from './errors.ts';
import type { GroupContext } from './group-context.ts';
import { type GroupInfo, verifyGroupInfoSignature } from './group-info.ts';
import { type RosterEntry, rosterOf } from './group-state.ts';
import { receivedTree } from './join.ts';
import { protocolVersionMls10 } from './leaf-node.ts';
import { decodeMlsMessage } from './mls-message.ts';
import { memberLeaf, type RatchetTree } from './ratchet-tree.ts';
import { ensureTrustworthyTree } from './ratchet-tree-validation.ts';

declare const verified: unique symbol;

/** Only verifyGroupInfo makes one. */
export interface VerifiedGroupInfo {
  readonly groupInfo: GroupInfo;
  readonly groupContext: GroupContext;
  readonly tree: RatchetTree;
  /** Members in order of leaf index. */
  readonly roster: readonly RosterEntry[];
  readonly [verified]: true;
}

/** `message` an MLSMessage; `ratchetTree` the encoded tree when the GroupInfo does not carry it. */
export function verifyGroupInfo(
  context: MlsContext,
  message: Uint8Array,
  ratchetTree?: Uint8Array,
): VerifiedGroupInfo {
  const decoded = decodeMlsMessage(message);
  ensure(decoded.kind === 'groupInfo', 'RFC9420-12.4.3.2-1', `a ${decoded.kind} message`);
  const { groupInfo } = decoded;
  const { groupContext } = groupInfo;
  ensure(groupContext.version === protocolVersionMls10, 'RFC9420-12.4.3.1-9');
  const suite = suiteOf(context, groupContext.cipherSuite);
  const tree = receivedTree(groupInfo, ratchetTree);
  const signer = memberLeaf(tree, groupInfo.signer);
  ensure(verifyGroupInfoSignature(suite, signer.signatureKey, groupInfo), 'RFC9420-12.4.3.1-4');
  ensureTrustworthyTree(context, suite, tree, groupContext);
  return { groupInfo, groupContext, tree, roster: rosterOf(tree) } as unknown as VerifiedGroupInfo;
}
