import { describe, expect, it } from 'vitest';
import {
  commit,
  encodeRatchetTree,
  exportGroupInfo,
  joinByExternalCommit,
  MlsError,
  ownLeafIndex,
  process,
  protect,
  roster,
} from '../../stack/mls/index.ts';
import { agreement, found, join, person, testContext, text, utf8 } from './members.ts';

function pair() {
  const alice = person('alice', 2);
  const bob = person('bob', 2);
  const added = commit(alice.context, found(alice), { add: [bob.verified] });
  return { alice, bob, added, bobState: join(bob, added.welcome) };
}

describe('an external commit, RFC 9420 section 12.4.3.2', () => {
  it('lets an outsider in by the GroupInfo alone', () => {
    const { alice, bob, added, bobState } = pair();
    const carol = person('carol', 2);
    const joined = joinByExternalCommit(carol.context, { groupInfo: added.groupInfo, bundle: carol.bundle });
    const seenByAlice = process(alice.context, added.state, joined.commit);
    const seenByBob = process(bob.context, bobState, joined.commit);
    expect(seenByAlice).toMatchObject({ kind: 'commit', added: [2], removed: [], committer: 2 });
    const expected = agreement(carol.context, joined.state);
    expect(agreement(alice.context, seenByAlice.state)).toEqual(expected);
    expect(agreement(bob.context, seenByBob.state)).toEqual(expected);
    const sent = protect(bob.context, seenByBob.state, utf8('welcome')).message;
    const read = process(carol.context, joined.state, sent);
    expect(read.kind === 'application' && text(read.content)).toBe('welcome');
  });

  it('replaces the leaf of a member who lost its state, in the same place', () => {
    const { alice, added } = pair();
    const again = person('bob', 2, { context: testContext('bob restored') });
    const groupInfo = exportGroupInfo(added.state, { ratchetTree: false, externalPub: true, extensions: [] });
    const joined = joinByExternalCommit(again.context, {
      groupInfo,
      ratchetTree: encodeRatchetTree(added.state.tree),
      bundle: again.bundle,
      replaces: 1,
    });
    expect(ownLeafIndex(joined.state)).toBe(1);
    const seen = process(alice.context, added.state, joined.commit);
    expect(seen).toMatchObject({ added: [1], removed: [1], removedSelf: false });
    expect(roster(seen.state).length).toBe(2);
    expect(agreement(alice.context, seen.state)).toEqual(agreement(again.context, joined.state));
  });

  it('needs external_pub, and holds nothing but what it may', () => {
    const { added, bob } = pair();
    const carol = person('carol', 2);
    const closed = exportGroupInfo(added.state, { ratchetTree: true, externalPub: false, extensions: [] });
    const refusal = (groupInfo: Uint8Array, proposals = [] as never[]) => {
      try {
        joinByExternalCommit(carol.context, { groupInfo, bundle: carol.bundle, proposals });
        return 'accepted';
      } catch (error) {
        if (error instanceof MlsError) return error.requirement;
        throw error;
      }
    };
    expect(refusal(closed)).toBe('RFC9420-12.4.3.2-2');
    expect(refusal(added.commit)).toBe('RFC9420-12.4.3.2-1');
    const add = { type: 1, keyPackage: bob.bundle.keyPackage } as never;
    expect(refusal(added.groupInfo, [add])).toBe('RFC9420-12.2-8');
  });
});
