import { describe, expect, it } from 'vitest';
import { commit, encodeRatchetTree, type GroupState, process, protect } from '../../stack/mls/index.ts';
import { found, hex, join, type Person, person, refusal, testContext, text, utf8 } from './members.ts';

function pair(policy = {}) {
  const alice = person('alice', 1);
  const bob = person('bob', 1, { context: testContext('bob', { policy }) });
  const added = commit(alice.context, found(alice), { add: [bob.verified] });
  return { alice, bob, aliceState: added.state, bobState: join(bob, added.welcome) };
}

function sendMany(sender: Person, from: GroupState, count: number) {
  const messages: Uint8Array[] = [];
  let state = from;
  for (let i = 0; i < count; i++) {
    const sent = protect(sender.context, state, utf8(`message ${i}`));
    expect(sent.generation).toBe(i);
    messages.push(sent.message);
    ({ state } = sent);
  }
  return { messages, state };
}

function read(receiver: Person, state: GroupState, message: Uint8Array) {
  const received = process(receiver.context, state, message);
  if (received.kind !== 'application')
    throw new Error(`expected an application message, found ${received.kind}`);
  return received;
}

describe('application messages, RFC 9420 sections 9 and 15.3', () => {
  it('are read in any order, each once', () => {
    const { alice, bob, aliceState, bobState } = pair();
    const { messages } = sendMany(alice, aliceState, 6);
    let state = bobState;
    for (const i of [4, 0, 5, 2, 1, 3]) {
      const received = read(bob, state, messages[i]!);
      expect([text(received.content), received.generation]).toEqual([`message ${i}`, i]);
      ({ state } = received);
    }
    for (const message of messages) {
      expect(refusal(() => process(bob.context, state, message))).toBe('RFC9420-9-1');
    }
  });

  it('leave the state given untouched, so one state reads the same message to the same end twice', () => {
    const { alice, bob, aliceState, bobState } = pair();
    const { messages } = sendMany(alice, aliceState, 2);
    const first = read(bob, bobState, messages[1]!);
    expect(read(bob, bobState, messages[1]!)).toEqual(first);
  });

  it('further ahead than the policy allows are refused without deriving their keys', () => {
    const { alice, bob, aliceState, bobState } = pair({ maxForwardGenerations: 3 });
    const { messages } = sendMany(alice, aliceState, 5);
    expect(refusal(() => process(bob.context, bobState, messages[4]!))).toBe('RFC9420-9-1');
    expect(refusal(() => process(bob.context, bobState, messages[3]!))).toBe('accepted');
  });

  it('skipped by more than the window holds can no longer be read, the rest can', () => {
    const { alice, bob, aliceState, bobState } = pair({ maxSkippedKeys: 2 });
    const { messages } = sendMany(alice, aliceState, 5);
    const { state } = read(bob, bobState, messages[4]!);
    const outcomes = [0, 1, 2, 3].map((i) => refusal(() => process(bob.context, state, messages[i]!)));
    expect(outcomes).toEqual(['RFC9420-9-1', 'RFC9420-9-1', 'accepted', 'accepted']);
  });

  it('of a past epoch are read for as many epochs as the policy keeps', () => {
    const { alice, bob, aliceState, bobState } = pair({ pastEpochs: 2 });
    const late = protect(alice.context, aliceState, utf8('late')).message;
    let [a, b] = [aliceState, bobState];
    const outcomes: string[] = [];
    for (let i = 0; i < 3; i++) {
      const rotated = commit(alice.context, a);
      a = rotated.state;
      b = process(bob.context, b, rotated.commit).state;
      outcomes.push(refusal(() => read(bob, b, late)));
    }
    expect(outcomes).toEqual(['accepted', 'accepted', 'RFC9420-6-2']);
  });

  it('of a past epoch are read once', () => {
    const { alice, bob, aliceState, bobState } = pair();
    const late = protect(alice.context, aliceState, utf8('late')).message;
    const rotated = commit(alice.context, aliceState);
    const { state } = read(bob, process(bob.context, bobState, rotated.commit).state, late);
    expect(refusal(() => process(bob.context, state, late))).toBe('RFC9420-9-1');
  });

  it('of the last epoch are still read by a member who was removed; those of the next are not', () => {
    const { alice, bob, aliceState, bobState } = pair();
    const late = protect(alice.context, aliceState, utf8('late')).message;
    const removal = commit(alice.context, aliceState, { remove: [1] });
    const { state } = process(bob.context, bobState, removal.commit);
    expect(text(read(bob, state, late).content)).toBe('late');
    const next = protect(alice.context, removal.state, utf8('secret')).message;
    expect(refusal(() => process(bob.context, state, next))).toBe('RFC9420-6-2');
  });

  it('of oneself are refused as such', () => {
    const { alice, aliceState } = pair();
    const sent = protect(alice.context, aliceState, utf8('mine'));
    expect(refusal(() => process(alice.context, sent.state, sent.message))).toBe('RFC9420-6-6');
  });

  it('of another group are refused as such', () => {
    const { alice, bob, bobState } = pair();
    const other = protect(alice.context, found(alice, 'elsewhere'), utf8('x')).message;
    expect(refusal(() => process(bob.context, bobState, other))).toBe('RFC9420-6-1');
  });

  it('change wholly with the reuse guard, though content and generation are the same', () => {
    const { alice, aliceState } = pair();
    const one = protect(alice.context, aliceState, utf8('same')).message;
    const two = protect(alice.context, aliceState, utf8('same')).message;
    expect(hex(one)).not.toBe(hex(two));
  });
});

describe('commits', () => {
  it('are taken once, and only in the epoch they were made in', () => {
    const { alice, bob, aliceState, bobState } = pair();
    const rotated = commit(alice.context, aliceState);
    const { state } = process(bob.context, bobState, rotated.commit);
    expect(refusal(() => process(bob.context, state, rotated.commit))).toBe('RFC9420-6-3');
    const ahead = commit(alice.context, rotated.state).commit;
    expect(refusal(() => process(bob.context, bobState, ahead))).toBe('RFC9420-6-3');
  });

  it('made at the same time exclude each other: the loser drops its own and takes the winner', () => {
    const { alice, bob, aliceState, bobState } = pair();
    const [winner, loser] = [commit(alice.context, aliceState), commit(bob.context, bobState)];
    expect(refusal(() => process(bob.context, loser.state, winner.commit))).toBe('RFC9420-6-3');
    const recovered = process(bob.context, bobState, winner.commit).state;
    const sent = protect(bob.context, recovered, utf8('still here')).message;
    expect(text(read(alice, winner.state, sent).content)).toBe('still here');
  });

  it('heal: who holds all secrets of one epoch reads nothing sent after the next commit of that member', () => {
    const { alice, bob, aliceState, bobState } = pair();
    const stolen = bobState;
    const healed = commit(bob.context, bobState);
    const aliceNext = process(alice.context, aliceState, healed.commit).state;
    const sent = protect(alice.context, aliceNext, utf8('secret')).message;
    expect(refusal(() => process(bob.context, stolen, sent))).toBe('RFC9420-6-2');
  });
});

describe('a Welcome', () => {
  it('opens only with the KeyPackage it was sealed to, and its init key', () => {
    const { alice, bob } = pair();
    const carol = person('carol', 1);
    const { welcome } = commit(alice.context, found(alice), { add: [bob.verified] });
    expect(refusal(() => join(carol, welcome))).toBe('RFC9420-12.4.3.1-1');
    const wrongInit = { ...bob, bundle: { ...bob.bundle, initPrivateKey: carol.bundle.initPrivateKey } };
    expect(refusal(() => join(wrongInit, welcome))).toBe('RFC9420-12.4.3.1-3');
  });

  it('may come without the tree, which is then handed over beside it', () => {
    const { alice, bob } = pair();
    const added = commit(alice.context, found(alice), { add: [bob.verified], ratchetTreeExtension: false });
    expect(refusal(() => join(bob, added.welcome))).toBe('RFC9420-12.4.3.1-5');
    const state = join(bob, added.welcome, encodeRatchetTree(added.state.tree));
    expect(state.groupContext).toEqual(added.state.groupContext);
    const foreign = encodeRatchetTree(found(bob).tree);
    expect(refusal(() => join(bob, added.welcome, foreign))).not.toBe('accepted');
  });
});
