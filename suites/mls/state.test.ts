import { describe, expect, it } from 'vitest';
import {
  commit,
  createUpdateProposal,
  DecodeError,
  decodeKeyPackageBundle,
  decodeState,
  encodeKeyPackageBundle,
  encodeState,
  exportSecret,
  type GroupState,
  joinFromWelcome,
  process,
  protect,
  prune,
  resumptionPsk,
} from '../../stack/mls/index.ts';
import { flip } from './forging.ts';
import {
  agreement,
  found,
  hex,
  join,
  type Person,
  person,
  presentSeconds,
  refusal,
  suites,
  testContext,
  text,
  utf8,
} from './members.ts';

function pair(suite = suites[0]!, options: Parameters<typeof testContext>[1] = {}) {
  const alice = person('alice', suite);
  const bob = person('bob', suite, { context: testContext('bob', options) });
  const added = commit(alice.context, found(alice), { add: [bob.verified] });
  return { alice, bob, added, aliceState: added.state, bobState: join(bob, added.welcome) };
}

function read(receiver: Person, state: GroupState, message: Uint8Array) {
  const received = process(receiver.context, state, message);
  if (received.kind !== 'application') throw new Error(`expected application data, found ${received.kind}`);
  return received;
}

/** Alice's next epoch as both see it. */
function rotate(alice: Person, bob: Person, a: GroupState, b: GroupState): [GroupState, GroupState] {
  const rotated = commit(alice.context, a);
  return [rotated.state, process(bob.context, b, rotated.commit).state];
}

const holds = (state: GroupState, secret: Uint8Array): boolean =>
  Buffer.from(encodeState(state)).includes(Buffer.from(secret));

describe.each(suites)('a stored state of suite %i', (suite) => {
  it('comes back as it was, whatever it holds: late keys, past epochs, own proposals, a ReInit', () => {
    const { alice, bob, aliceState, bobState } = pair(suite);
    const first = protect(alice.context, aliceState, utf8('0'));
    const second = protect(alice.context, first.state, utf8('1'));
    const skipping = read(bob, bobState, second.message).state;
    const [aliceNext, bobNext] = rotate(alice, bob, second.state, skipping);
    const proposed = createUpdateProposal(bob.context, bobNext, { wireFormat: 'private' });
    const reInit = {
      type: 5 as const,
      groupId: utf8('next'),
      version: 1,
      cipherSuite: suite,
      extensions: [],
    };
    const closed = commit(alice.context, aliceNext, { proposals: [reInit] }).state;
    for (const [who, state] of [
      [bob, proposed.state],
      [alice, closed],
      [alice, found(alice)],
    ] as const) {
      const bytes = encodeState(state);
      const back = decodeState(who.context, bytes);
      expect(hex(encodeState(back))).toBe(hex(bytes));
      expect({ ...back, tree: { ...back.tree, hashes: [] } }).toEqual({
        ...state,
        tree: { ...state.tree, hashes: [] },
      });
    }
    const back = decodeState(bob.context, encodeState(proposed.state));
    expect(text(read(bob, back, first.message).content), 'the skipped message of the past epoch').toBe('0');
    const taken = process(alice.context, aliceNext, proposed.message).state;
    const committed = commit(alice.context, taken);
    const updated = process(bob.context, back, committed.commit).state;
    expect(agreement(bob.context, updated)).toEqual(agreement(alice.context, committed.state));
  });
});

describe('bytes that are no stored state', () => {
  const { alice, bob, bobState } = pair();
  const bytes = encodeState(bobState);

  it('are a DecodeError: changed anywhere, cut short, longer, of another version', () => {
    for (let at = 0; at < bytes.length; at += 7) {
      expect(() => decodeState(bob.context, flip(bytes, at)), `byte ${at}`).toThrow(DecodeError);
      expect(() => decodeState(bob.context, bytes.slice(0, at)), `${at} bytes`).toThrow(DecodeError);
    }
    expect(() => decodeState(bob.context, Uint8Array.of(...bytes, 0))).toThrow(DecodeError);
    expect(() => decodeState(bob.context, bytes.with(1, 9))).toThrow(/GroupState.version/);
    expect(() => decodeState(bob.context, bytes.with(3, 99))).toThrow(/GroupState.cipher_suite/);
  });

  it('a KeyPackageBundle comes back the same and still opens its Welcome', () => {
    const encoded = encodeKeyPackageBundle(bob.bundle);
    const bundle = decodeKeyPackageBundle(encoded);
    expect(bundle).toEqual(bob.bundle);
    const { welcome } = commit(alice.context, found(alice), { add: [bob.verified] });
    expect(joinFromWelcome(bob.context, { welcome: welcome!, bundles: [bundle] }).state.ownLeafIndex).toBe(1);
    expect(() => decodeKeyPackageBundle(Uint8Array.of(...encoded, 0))).toThrow(DecodeError);
    expect(() => decodeKeyPackageBundle(encoded.slice(0, -1))).toThrow(DecodeError);
    expect(() => decodeKeyPackageBundle(encoded.with(1, 2))).toThrow(/KeyPackageBundle.version/);
  });
});

describe('forward secrecy, RFC 9420 sections 9.2 and 16.6: what was used or is too old is gone from the state', () => {
  it('the key of a message once it was read, and the secrets of the epoch it was in', () => {
    const { alice, bob, aliceState, bobState } = pair();
    const sent = protect(alice.context, aliceState, utf8('once'));
    const after = read(bob, bobState, sent.message).state;
    expect(refusal(() => process(bob.context, after, sent.message))).toBe('RFC9420-9-1');
    const rootSecret = bobState.secretTree.nodes.find((secret) => secret !== undefined)!;
    expect(holds(bobState, rootSecret)).toBe(true);
    expect(holds(after, rootSecret)).toBe(false);
    const [, next] = rotate(alice, bob, sent.state, after);
    const { exporter, init, membershipKey, epochAuthenticator } = bobState.secrets;
    for (const secret of [exporter, init, membershipKey, epochAuthenticator]) {
      expect([holds(after, secret), holds(next, secret)]).toEqual([true, false]);
    }
  });

  it('all of an epoch after as many epochs as the policy keeps', () => {
    const { alice, bob, aliceState, bobState } = pair(suites[0]!, { policy: { pastEpochs: 2 } });
    const late = protect(alice.context, aliceState, utf8('late')).message;
    const { senderData } = bobState.secrets;
    let [a, b] = [aliceState, bobState];
    const kept: boolean[] = [];
    for (let i = 0; i < 3; i++) {
      [a, b] = rotate(alice, bob, a, b);
      kept.push(holds(b, senderData) && resumptionPsk(b, 1n) !== undefined);
    }
    expect(kept).toEqual([true, true, false]);
    expect(refusal(() => process(bob.context, b, late))).toBe('RFC9420-6-2');
  });

  it('all of an epoch after the time the policy keeps it: refused at once, and wiped by prune', () => {
    let now = presentSeconds;
    const { alice, bob, aliceState, bobState } = pair(suites[0]!, {
      policy: { pastEpochSeconds: 60 },
      now: () => now,
    });
    const late = protect(alice.context, aliceState, utf8('late')).message;
    const { senderData, resumptionPsk: psk } = bobState.secrets;
    const [, b] = rotate(alice, bob, aliceState, bobState);
    now += 60;
    expect(prune(bob.context, b)).toBe(b);
    expect(text(read(bob, b, late).content)).toBe('late');
    now += 1;
    expect(refusal(() => process(bob.context, b, late))).toBe('RFC9420-6-2');
    const pruned = prune(bob.context, b);
    for (const secret of [senderData, psk])
      expect([holds(b, secret), holds(pruned, secret)]).toEqual([true, false]);
    now = presentSeconds;
    expect(
      refusal(() => process(bob.context, pruned, late)),
      'gone, not only refused',
    ).toBe('RFC9420-6-2');
  });

  it('keys of skipped messages beyond the bound of the policy', () => {
    const { alice, bob, aliceState, bobState } = pair(suites[0]!, { policy: { maxSkippedKeys: 3 } });
    let a = aliceState;
    const messages = Array.from({ length: 9 }, () => {
      const sent = protect(alice.context, a, utf8('x'));
      a = sent.state;
      return sent.message;
    });
    const sizes = [3, 8].map((i) => encodeState(read(bob, bobState, messages[i]!).state).length);
    expect(sizes[1]).toBe(sizes[0]);
  });
});

describe('post-compromise security, RFC 9420 section 16.6', () => {
  it('a stolen state opens nothing once its owner has updated, by commit or by proposal', () => {
    const { alice, bob, aliceState, bobState } = pair();
    const thief = { ...bob, context: testContext('thief') };
    const stolen = decodeState(thief.context, encodeState(bobState));
    expect(agreement(thief.context, stolen)).toEqual(agreement(bob.context, bobState));

    const healed = commit(bob.context, bobState);
    const aliceNext = process(alice.context, aliceState, healed.commit).state;
    const sent = protect(alice.context, aliceNext, utf8('secret')).message;
    const unhide = (state: GroupState) => refusal(() => process(thief.context, state, sent));
    expect(unhide(stolen)).toBe('RFC9420-6-2');
    const followed = { ...stolen, ownLeafIndex: 0 };
    expect(
      refusal(() => process(thief.context, followed, healed.commit)),
      'the path is not for it',
    ).toBe('RFC9420-7.5-5');

    const proposed = createUpdateProposal(bob.context, bobState);
    const committed = commit(alice.context, process(alice.context, aliceState, proposed.message).state);
    const pending = proposed.state.pending.map(({ reference, proposal, sender }) => ({
      reference,
      proposal,
      sender,
    }));
    const seen = { ...stolen, pending };
    expect(refusal(() => process(thief.context, seen, committed.commit))).toBe('RFC9420-7.5-5');
    expect(refusal(() => process(bob.context, proposed.state, committed.commit))).toBe('accepted');
  });

  it('a stolen state of before is blind to what was exported after', () => {
    const { alice, bob, aliceState, bobState } = pair();
    const [, next] = rotate(alice, bob, aliceState, bobState);
    const exported = exportSecret(bob.context, next, 'label', utf8(''), 32);
    expect(hex(exportSecret(bob.context, bobState, 'label', utf8(''), 32))).not.toBe(hex(exported));
  });
});
