import { describe, expect, it } from 'vitest';
import {
  commit,
  createProposal,
  createUpdateProposal,
  type Extension,
  type GroupState,
  groupExtensions,
  type MlsContext,
  process,
  roster,
  verifyDetachedProposal,
} from '../../stack/mls/index.ts';
import { agreement, found, fromHex, hex, join, type Person, person, refusal, utf8 } from './members.ts';

const capabilities = { extensions: [0xf001], proposals: [0xf002, 0xf010], credentials: [1, 2] };

function trio(): { people: Person[]; states: GroupState[] } {
  const people = ['alice', 'bob', 'carol'].map((name) => person(name, 2, { parameters: { capabilities } }));
  const [alice, bob, carol] = people as [Person, Person, Person];
  const added = commit(alice.context, found(alice), { add: [bob.verified, carol.verified] });
  return { people, states: [added.state, join(bob, added.welcome), join(carol, added.welcome)] };
}

/** Gives `message` to everyone but its sender. */
function deliver(people: Person[], states: GroupState[], sender: number, message: Uint8Array): GroupState[] {
  return states.map((state, i) => (i === sender ? state : process(people[i]!.context, state, message).state));
}

describe('proposals by reference', () => {
  it('an Update proposed by one and committed by another rotates the keys of the proposer', () => {
    const { people, states } = trio();
    const [alice, bob] = people as [Person, Person, Person];
    const suite = alice.context.suiteProvider.suite(2);
    const signatureKeyPair = suite.generateSignatureKeyPair(bob.context.random);
    const proposed = createUpdateProposal(bob.context, states[1]!, { leaf: { signatureKeyPair } });
    let now = deliver(people, states.with(1, proposed.state), 1, proposed.message);
    const committed = commit(alice.context, now[0]!);
    now = deliver(people, now.with(0, committed.state), 0, committed.commit);
    const [first, second, third] = now.map((state, i) => agreement(people[i]!.context, state));
    expect(second).toEqual(first);
    expect(third).toEqual(first);
    expect(roster(now[2]!)[1]!.signatureKey).toEqual(signatureKeyPair.publicKey);
    const again = commit(bob.context, now[1]!);
    expect(
      refusal(() => process(alice.context, now[0]!, again.commit)),
      'signed with the new key',
    ).toBe('accepted');
  });

  it('a commit that names a proposal its receiver never saw is refused', () => {
    const { people, states } = trio();
    const proposed = createProposal(people[1]!.context, states[1]!, { type: 3, removed: 2 });
    const alice = process(people[0]!.context, states[0]!, proposed.message).state;
    const committed = commit(people[0]!.context, alice);
    expect(refusal(() => process(people[2]!.context, states[2]!, committed.commit))).toBe('RFC9420-12.4-1');
  });

  it('of one leaf, a Remove wins over an Update, and the committer leaves its own Update out', () => {
    const { people, states } = trio();
    const update = createUpdateProposal(people[2]!.context, states[2]!);
    let now = deliver(people, states.with(2, update.state), 2, update.message);
    const removal = createProposal(people[1]!.context, now[1]!, { type: 3, removed: 2 });
    now = deliver(people, now.with(1, removal.state), 1, removal.message);
    const own = createUpdateProposal(people[0]!.context, now[0]!);
    now = deliver(people, now.with(0, own.state), 0, own.message);
    const committed = commit(people[0]!.context, now[0]!);
    const seen = process(people[1]!.context, now[1]!, committed.commit);
    expect(seen).toMatchObject({ removed: [2], updated: [] });
    expect(agreement(people[1]!.context, seen.state)).toEqual(agreement(people[0]!.context, committed.state));
  });
});

describe('GroupContextExtensions, RFC 9420 section 12.1.7', () => {
  const era: Extension = { type: 0xf001, data: fromHex('00000001') };

  it('replaces the extensions of the group for every member', () => {
    const { people, states } = trio();
    const committed = commit(people[0]!.context, states[0]!, { groupContextExtensions: [era] });
    const seen = process(people[1]!.context, states[1]!, committed.commit);
    expect(groupExtensions(seen.state)).toEqual([era]);
    expect(agreement(people[1]!.context, seen.state)).toEqual(agreement(people[0]!.context, committed.state));
  });

  it('is refused when a member does not list the type, or a type comes twice', () => {
    const { people, states } = trio();
    const attempt = (groupContextExtensions: Extension[]) =>
      refusal(() => commit(people[0]!.context, states[0]!, { groupContextExtensions }));
    expect(attempt([{ type: 0xf006, data: new Uint8Array() }])).toBe('RFC9420-12.1.7-1');
    expect(attempt([era, era])).toBe('RFC9420-13.4-1');
  });
});

describe('PreSharedKey, RFC 9420 section 8.4', () => {
  const id = utf8('shared');
  const psk = { type: 4 as const, psk: { type: 'external' as const, id, nonce: new Uint8Array(32).fill(7) } };
  const holding = (context: MlsContext, secret: string): MlsContext => ({
    ...context,
    externalPsk: (asked) => (hex(asked) === hex(id) ? utf8(secret) : undefined),
  });

  it('binds the epoch to a secret that all must hold', () => {
    const { people, states } = trio();
    const [alice, bob, carol] = people.map(({ context }) => context) as [MlsContext, MlsContext, MlsContext];
    const committed = commit(holding(alice, 's3cret'), states[0]!, { proposals: [psk] });
    const seen = process(holding(bob, 's3cret'), states[1]!, committed.commit);
    expect(agreement(bob, seen.state)).toEqual(agreement(alice, committed.state));
    expect(
      refusal(() => process(carol, states[2]!, committed.commit)),
      'not held',
    ).toBe('RFC9420-8.4-1');
    expect(
      refusal(() => process(holding(carol, 'other'), states[2]!, committed.commit)),
      'another secret',
    ).toBe('RFC9420-6.1-2');
  });

  it('takes the resumption secret of an epoch still held', () => {
    const { people, states } = trio();
    const resumption = {
      type: 4 as const,
      psk: {
        type: 'resumption' as const,
        usage: 'application' as const,
        groupId: utf8('group'),
        epoch: 1n,
        nonce: new Uint8Array(32),
      },
    };
    const committed = commit(people[0]!.context, states[0]!, { proposals: [resumption] });
    expect(refusal(() => process(people[1]!.context, states[1]!, committed.commit))).toBe('accepted');
    const branch = { ...resumption, psk: { ...resumption.psk, usage: 'branch' as const } };
    expect(refusal(() => commit(people[0]!.context, states[0]!, { proposals: [branch] }))).toBe(
      'RFC9420-8.4-4',
    );
  });
});

describe('custom proposals', () => {
  it('of a type all members list are committed and carried untouched', () => {
    const { people, states } = trio();
    const custom = { type: 0xf010, body: utf8('anything') };
    const committed = commit(people[0]!.context, states[0]!, { proposals: [custom] });
    expect(refusal(() => process(people[1]!.context, states[1]!, committed.commit))).toBe('accepted');
    const unknown = { type: 0xf018, body: new Uint8Array() };
    expect(refusal(() => commit(people[0]!.context, states[0]!, { proposals: [unknown] }))).toBe(
      'RFC9420-12.2-9',
    );
  });

  it('rcs_signature (RCC.16 7.6) signs its authenticated data, is not kept, and is never committed', () => {
    const { people, states } = trio();
    const statement = utf8('delivered Mx1');
    const signature = { type: 0xf002, body: new Uint8Array() };
    const sent = createProposal(people[1]!.context, states[1]!, signature, { authenticatedData: statement });
    expect(sent.state.pending).toEqual([]);
    const verified = verifyDetachedProposal(people[0]!.context, states[0]!, sent.message);
    expect(verified).toEqual({ proposal: signature, authenticatedData: statement, senderLeaf: 1 });
    expect(process(people[0]!.context, states[0]!, sent.message).state.pending).toEqual([]);
    expect(refusal(() => commit(people[0]!.context, states[0]!, { proposals: [signature] }))).toBe(
      'RFC9420-12.2-10',
    );
    const at = Buffer.from(sent.message).indexOf(Buffer.from(statement));
    const forged = sent.message.with(at, sent.message[at]! ^ 1);
    expect(refusal(() => verifyDetachedProposal(people[0]!.context, states[0]!, forged))).toBe(
      'RFC9420-6.2-1',
    );
  });
});
