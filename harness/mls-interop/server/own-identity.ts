import { credentialType, type GroupState, ownLeafIndex, roster } from '../../../stack/mls/index.ts';
import { RpcError } from '../rpc-error.ts';

/** What the member's basic credential says; RpcError FAILED_PRECONDITION when it has none. */
export function ownIdentity(state: GroupState): Uint8Array {
  const own = roster(state).find(({ leafIndex }) => leafIndex === ownLeafIndex(state));
  if (own?.credential.type === credentialType.basic) return own.credential.identity;
  throw new RpcError('FAILED_PRECONDITION', 'the member has no basic credential');
}
