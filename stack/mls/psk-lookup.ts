/** RFC 9420 sections 8.4 and 8.6: where the secret behind a PreSharedKeyID comes from. */
import { sameBytes } from '../crypto/bytes.ts';
import type { CipherSuite } from '../crypto/index.ts';
import type { MlsContext } from './context.ts';
import { type GroupState, resumptionPsk } from './group-state.ts';
import { type PreSharedKeyId, type PskLookup, pskSecret } from './psk.ts';

/**
 * External PSKs come from the context; resumption PSKs from the epochs of `held` (the group itself, or the one it
 * succeeds), and those of other groups from the context.
 */
export function pskSecretFor(
  context: MlsContext,
  suite: CipherSuite,
  ids: readonly PreSharedKeyId[],
  held: readonly GroupState[],
): Uint8Array {
  const lookup: PskLookup = (id) => {
    if (id.type === 'external') return context.externalPsk?.(id.id);
    const group = held.find(({ groupContext }) => sameBytes(groupContext.groupId, id.groupId));
    const known = group && resumptionPsk(group, id.epoch);
    return known ?? context.resumptionPsk?.(id.groupId, id.epoch);
  };
  return pskSecret(suite, ids, lookup);
}
