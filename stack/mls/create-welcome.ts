/** RFC 9420 section 12.4.3.1: the Welcome for the members a commit adds. */
import { emptyBytes } from '../crypto/bytes.ts';
import type { AppliedProposals } from './apply-proposals.ts';
import type { MlsContext } from './context.ts';
import type { NextEpoch } from './epoch-change.ts';
import { groupInfoOf } from './export-group-info.ts';
import type { Extension } from './extension.ts';
import { writeGroupInfo } from './group-info.ts';
import type { GroupState } from './group-state.ts';
import { keyPackageRef } from './key-package.ts';
import { welcomeKey, welcomeSecret } from './key-schedule.ts';
import { encryptContext, encryptInContext } from './labels.ts';
import { encodeMlsMessage } from './mls-message.ts';
import { commonAncestor, leafToNode } from './tree-math.ts';
import type { StagedPath } from './treekem.ts';
import { type EncryptedGroupSecrets, writeGroupSecrets } from './welcome.ts';
import { encode } from './writer.ts';

/** An MLSMessage, or undefined when nobody was added. `state` is that of the new epoch. */
export function createWelcome(
  context: MlsContext,
  state: GroupState,
  next: NextEpoch,
  applied: AppliedProposals,
  staged: StagedPath | undefined,
  options: { readonly ratchetTree: boolean; readonly extensions: readonly Extension[] },
): Uint8Array | undefined {
  if (applied.added.length === 0) return undefined;
  const { suite, ownLeafIndex } = state;
  const groupInfo = groupInfoOf(state, { ...options, externalPub: false });
  const { key, nonce } = welcomeKey(suite, welcomeSecret(suite, next.member));
  const encryptedGroupInfo = suite.aeadSeal(key, nonce, emptyBytes, encode(writeGroupInfo, groupInfo));
  const info = encryptContext('Welcome', encryptedGroupInfo);
  const secrets = applied.added.map(({ leafIndex, keyPackage }): EncryptedGroupSecrets => {
    const shared = commonAncestor(leafToNode(ownLeafIndex), leafToNode(leafIndex));
    const step = staged?.path.findIndex(({ node }) => node === shared) ?? -1;
    const plain = encode(writeGroupSecrets, {
      joinerSecret: next.joiner,
      pathSecret: staged?.pathSecrets[step],
      psks: applied.psks,
    });
    return {
      newMember: keyPackageRef(context, keyPackage),
      encryptedGroupSecrets: encryptInContext(suite, context.random, keyPackage.initKey, info, plain),
    };
  });
  return encodeMlsMessage({
    kind: 'welcome',
    welcome: { cipherSuite: suite.id, secrets, encryptedGroupInfo },
  });
}
