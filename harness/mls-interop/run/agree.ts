import { sameBytes, toHex } from '../../../stack/crypto/bytes.ts';
import { compare, Deviation, type PlayedGroup, type Stage, utf8 } from './stage.ts';

const exported = { label: 'parley interop', context: utf8('all members'), keyLength: 32 };

/**
 * Members of one epoch have one epoch authenticator and export one secret (RFC 9420 sections 8.7 and 8.5). `told` holds
 * the authenticators that came with the answers to the calls that led here.
 */
export async function agree(
  stage: Stage,
  group: PlayedGroup,
  told: ReadonlyMap<string, Uint8Array> = new Map(),
): Promise<void> {
  compare(stage, 'epoch authenticator that they enter the epoch with', told);
  const authenticators = new Map<string, Uint8Array>();
  const secrets = new Map<string, Uint8Array>();
  for (const [who, stateId] of group.states) {
    const { stateAuthSecret } = await stage.call(who, 'StateAuth', { stateId });
    const before = told.get(who);
    if (before !== undefined && !sameBytes(before, stateAuthSecret)) {
      throw new Deviation({
        who: [who],
        call: 'StateAuth',
        what: 'another epoch authenticator than it entered the epoch with',
        expected: toHex(before),
        found: toHex(stateAuthSecret),
      });
    }
    authenticators.set(who, stateAuthSecret);
    secrets.set(who, (await stage.call(who, 'Export', { stateId, ...exported })).exportedSecret);
  }
  compare(stage, 'epoch authenticator', authenticators, 'StateAuth');
  compare(stage, 'exported secret', secrets, 'Export');
}
