import { describe, expect, it } from 'vitest';
import { commit, process, protect, roster } from '../../stack/mls/index.ts';
import { agreement, found, join, person, suites, text, utf8 } from './members.ts';

describe.each(suites)('a group of suite %i', (suite) => {
  it('adds two members, who then read what the others send', () => {
    const [alice, bob, carol] = ['alice', 'bob', 'carol'].map((name) => person(name, suite)) as [
      ReturnType<typeof person>,
      ReturnType<typeof person>,
      ReturnType<typeof person>,
    ];
    const added = commit(alice.context, found(alice), { add: [bob.verified] });
    let aliceState = added.state;
    let bobState = join(bob, added.welcome);
    expect(agreement(bob.context, bobState)).toEqual(agreement(alice.context, aliceState));

    const second = commit(bob.context, bobState, { add: [carol.verified], wireFormat: 'private' });
    bobState = second.state;
    const carolState = join(carol, second.welcome);
    const received = process(alice.context, aliceState, second.commit);
    expect(received).toMatchObject({ kind: 'commit', epoch: 2n, added: [2], removedSelf: false });
    aliceState = received.state;
    expect(agreement(alice.context, aliceState)).toEqual(agreement(bob.context, bobState));
    expect(agreement(carol.context, carolState)).toEqual(agreement(bob.context, bobState));
    expect(roster(carolState).map(({ leafIndex }) => leafIndex)).toEqual([0, 1, 2]);

    const sent = protect(carol.context, carolState, (generation) => utf8(`hello ${generation}`), {
      authenticatedData: utf8('aad'),
      paddingLength: () => 7,
    });
    const read = process(alice.context, aliceState, sent.message);
    if (read.kind !== 'application') throw new Error(`expected an application message, found ${read.kind}`);
    expect(text(read.content)).toBe('hello 0');
    expect(text(read.authenticatedData)).toBe('aad');
    expect(read.senderLeaf).toBe(2);
  });
});
