import {
  decodeMlsMessage,
  extensionType,
  findExtension,
  type MlsContext,
  verifyGroupInfo,
} from '../../../stack/mls/index.ts';
import { RpcError } from '../rpc-error.ts';
import { present } from './client.ts';
import type { ProposalSubject } from './proposal-of.ts';

/**
 * The group that a party outside addresses. Without a tree, which the contract does not promise outsiders, the GroupInfo
 * cannot be verified; it then only says where a proposal goes, and the members judge that.
 */
export function groupSeen(
  context: MlsContext,
  groupInfo: Uint8Array,
  ratchetTree: Uint8Array,
): ProposalSubject {
  const message = decodeMlsMessage(groupInfo);
  if (message.kind !== 'groupInfo') {
    throw new RpcError('INVALID_ARGUMENT', `group_info: expected a GroupInfo, found ${message.kind}`);
  }
  const { extensions, groupContext } = message.groupInfo;
  const tree = present(ratchetTree);
  if (tree === undefined && findExtension(extensions, extensionType.ratchetTree) === undefined) {
    return { groupContext, roster: [] };
  }
  return verifyGroupInfo(context, groupInfo, tree);
}
