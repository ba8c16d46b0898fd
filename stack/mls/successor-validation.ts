/** RFC 9420 sections 11.2 and 11.3: what a member checks of a group that succeeds one it is in. */
import { sameBytes, toHex } from '../crypto/bytes.ts';
import { writeCredential } from './credential.ts';
import { ensure } from './errors.ts';
import { writeExtensions } from './extension.ts';
import type { GroupState } from './group-state.ts';
import type { PreSharedKeyId } from './psk.ts';
import type { RatchetTree } from './ratchet-tree.ts';
import { encode } from './writer.ts';

export type SuccessorUsage = 'reinit' | 'branch';

/** The usage that the PSKs of a Welcome tell, checked against the predecessor at hand; undefined for a new group. */
export function successorUsage(
  psks: readonly PreSharedKeyId[],
  predecessor: GroupState | undefined,
): SuccessorUsage | undefined {
  const found = psks.flatMap((id) =>
    id.type === 'resumption' && id.usage !== 'application' ? [{ ...id, usage: id.usage }] : [],
  );
  const [id] = found;
  ensure(
    found.length === (predecessor === undefined ? 0 : 1),
    'RFC9420-12.4.3.1-11',
    () => `${found.length} found`,
    'GroupSecrets.psks',
  );
  if (predecessor === undefined || id === undefined) return undefined;
  ensure(sameBytes(id.groupId, predecessor.groupContext.groupId), 'RFC9420-12.4.3.1-11', 'another group');
  ensure(id.epoch === predecessor.groupContext.epoch, 'RFC9420-11.2-5', () => `epoch ${id.epoch}`);
  return id.usage;
}

export function ensureSuccessor(before: GroupState, usage: SuccessorUsage, after: GroupState): void {
  const { groupContext } = after;
  ensure(groupContext.epoch === 1n, 'RFC9420-11.2-4', () => `epoch ${groupContext.epoch}`);
  if (usage === 'branch') {
    ensure(
      groupContext.version === before.groupContext.version &&
        groupContext.cipherSuite === before.groupContext.cipherSuite,
      'RFC9420-11.3-1',
    );
    ensureMembersOf(before.tree, after.tree);
    return;
  }
  const { reInit } = before;
  ensure(reInit !== undefined, 'RFC9420-11.2-2');
  ensure(
    sameBytes(groupContext.groupId, reInit.groupId) &&
      groupContext.version === reInit.version &&
      groupContext.cipherSuite === reInit.cipherSuite &&
      sameBytes(encode(writeExtensions, groupContext.extensions), encode(writeExtensions, reInit.extensions)),
    'RFC9420-11.2-3',
  );
}

/** A member is the same when its credential is. */
export function ensureMembersOf(before: RatchetTree, after: Pick<RatchetTree, 'leaves'>): void {
  const credentials = ({ leaves }: Pick<RatchetTree, 'leaves'>) =>
    leaves.flatMap((leaf) => (leaf === undefined ? [] : [toHex(encode(writeCredential, leaf.credential))]));
  const known = new Set(credentials(before));
  ensure(
    credentials(after).every((credential) => known.has(credential)),
    'RFC9420-11.3-2',
  );
}
