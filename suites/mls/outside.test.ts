import { describe, expect, it } from 'vitest';
import {
  commit,
  createExternalProposal,
  createNewMemberProposal,
  createSelfRemoveProposal,
  decodeExternalSender,
  encodeExternalSender,
  exportGroupInfo,
  externalSenders,
  externalSendersExtension,
  joinByExternalCommit,
  type Proposal,
  process,
  protect,
  roster,
  selfRemoveType,
  verifyGroupInfo,
} from '../../stack/mls/index.ts';
import { anyMessage, recommitted, reframed } from './forging.ts';
import { agreement, found, join, type Person, person, refusal, suites, utf8 } from './members.ts';

const parameters = { capabilities: { proposals: [0x000a, 0xf003] } };

function groupWithServer(suiteId = suites[0]!) {
  const [alice, bob, carol] = ['alice', 'bob', 'carol'].map((name) =>
    person(name, suiteId, { parameters }),
  ) as [Person, Person, Person];
  const suite = alice.context.suiteProvider.suite(suiteId);
  const keys = suite.generateSignatureKeyPair(alice.context.random);
  const server = { signatureKey: keys.publicKey, credential: { type: 1, identity: utf8('server') } as const };
  const added = commit(alice.context, found(alice), {
    add: [bob.verified, carol.verified],
    groupContextExtensions: [externalSendersExtension([server])],
  });
  return {
    alice,
    bob,
    carol,
    keys,
    server,
    groupInfo: added.groupInfo,
    group: added.state.groupContext,
    states: [added.state, join(bob, added.welcome), join(carol, added.welcome)] as const,
  };
}

describe.each(suites)('proposals from outside in suite %i, RFC 9420 section 12.1.8', (suiteId) => {
  it('a party named in external_senders proposes; a member commits it', () => {
    const { alice, bob, keys, group, states } = groupWithServer(suiteId);
    const proposal: Proposal = { type: 3, removed: 2 };
    const signaturePrivateKey = keys.privateKey;
    const message = createExternalProposal(alice.context, {
      group,
      senderIndex: 0,
      signaturePrivateKey,
      proposal,
    });
    const received = process(alice.context, states[0], message);
    expect(received).toMatchObject({ kind: 'proposal', sender: { type: 'external', senderIndex: 0 } });
    const committed = commit(alice.context, received.state);
    const bobNow = process(bob.context, states[1], message).state;
    const seen = process(bob.context, bobNow, committed.commit);
    expect(seen).toMatchObject({ removed: [2] });
    expect(agreement(bob.context, seen.state)).toEqual(agreement(alice.context, committed.state));
  });

  it('a client outside proposes to add itself; whoever commits it sends the Welcome', () => {
    const { alice, bob, group, states } = groupWithServer(suiteId);
    const dave = person('dave', suiteId, { parameters });
    const message = createNewMemberProposal(dave.context, { group, bundle: dave.bundle });
    const bobNow = process(bob.context, states[1], message).state;
    const committed = commit(bob.context, bobNow);
    const seen = process(alice.context, process(alice.context, states[0], message).state, committed.commit);
    expect(seen).toMatchObject({ added: [3] });
    expect(agreement(dave.context, join(dave, committed.welcome))).toEqual(
      agreement(alice.context, seen.state),
    );
  });
});

describe('proposals from outside that are refused', () => {
  const { alice, bob, keys, group, groupInfo, states } = groupWithServer();
  const signaturePrivateKey = keys.privateKey;
  const remove: Proposal = { type: 3, removed: 2 };
  const update: Proposal = { type: 2, leafNode: bob.bundle.keyPackage.leafNode };
  const external = (proposal: Proposal, senderIndex = 0, key = signaturePrivateKey) =>
    createExternalProposal(alice.context, { group, senderIndex, signaturePrivateKey: key, proposal });
  const receive = (message: Uint8Array) => refusal(() => process(alice.context, states[0], message));

  it('for their sender: not named, or another key', () => {
    expect(receive(external(remove, 1))).toBe('RFC9420-12.1.8.1-1');
    expect(receive(external(remove, 0, bob.bundle.signaturePrivateKey))).toBe('RFC9420-6.1-1');
  });

  it('for their type: Update, ExternalInit and SelfRemove are of members and joiners', () => {
    expect(refusal(() => external(update))).toBe('RFC9420-12.1.8-1');
    expect(refusal(() => external({ type: 6, kemOutput: utf8('x') }))).toBe('RFC9420-12.1.8-1');
    expect(refusal(() => external({ type: 0x000a, body: utf8('') }))).toBe('RFC9420-12.1.8-1');
    const server = { ...states[1], signaturePrivateKey };
    const sender = { type: 'external', senderIndex: 0 } as const;
    expect(receive(anyMessage(server, sender, { type: 'proposal', proposal: update }))).toBe(
      'RFC9420-12.1.8-1',
    );
    const newMember = { type: 'new_member_proposal' } as const;
    expect(receive(anyMessage(server, newMember, { type: 'proposal', proposal: remove }))).toBe(
      'RFC9420-12.1.8-1',
    );
  });

  it('for their content: outsiders commit only by new_member_commit, and only so', () => {
    const made = commit(bob.context, states[1]).commit;
    const as = (type: 'new_member_proposal' | 'new_member_commit') =>
      reframed(states[1], made, () => ({ sender: { type } }));
    expect(receive(as('new_member_proposal'))).toBe('RFC9420-6-5');
    const external = reframed(states[1], made, () => ({ sender: { type: 'external', senderIndex: 0 } }));
    expect(receive(external)).toBe('RFC9420-6-5');
    const proposing = anyMessage(
      states[1],
      { type: 'new_member_commit' },
      { type: 'proposal', proposal: remove },
    );
    expect(receive(proposing)).toBe('RFC9420-6-5');
    const pathless = recommitted(states[1], as('new_member_commit'), () => ({ path: undefined }));
    expect(receive(pathless)).toBe('RFC9420-12.4-3');
    expect(receive(as('new_member_commit')), 'no ExternalInit').toBe('RFC9420-12.2-8');
  });

  it('for a Remove or SelfRemove that does not fit an external commit', () => {
    const dave = person('dave', suites[0]!, { parameters });
    const attempt = (...proposals: Proposal[]) =>
      refusal(() => joinByExternalCommit(dave.context, { groupInfo, bundle: dave.bundle, proposals }));
    expect(attempt(remove, { type: 3, removed: 1 })).toBe('RFC9420-12.2-8');
    expect(attempt({ type: 0x000a, body: utf8('') })).toBe('RFC9420-12.1.2-1');
  });

  it('for a kem_output that is no key', () => {
    const dave = person('dave', suites[0]!, { parameters });
    const joined = joinByExternalCommit(dave.context, { groupInfo, bundle: dave.bundle });
    const broken = recommitted(joined.state, joined.commit, ({ proposals }) => ({
      proposals: proposals.map((item) =>
        item.kind === 'proposal' && item.proposal.type === 6
          ? { kind: 'proposal', proposal: { type: 6, kemOutput: utf8('no key') } }
          : item,
      ),
    }));
    const signed = reframed(
      { ...joined.state, groupContextBytes: states[0].groupContextBytes },
      broken,
      () => ({}),
    );
    expect(receive(signed)).toBe('RFC9420-12.2-8');
  });
});

describe('external_senders, RFC 9420 section 12.1.8.1', () => {
  it('is a vector of ExternalSender, each decoding to itself', () => {
    const { server, states } = groupWithServer();
    expect(externalSenders(states[0].groupContext.extensions)).toEqual([server]);
    expect(decodeExternalSender(encodeExternalSender(server))).toEqual(server);
    const data = externalSendersExtension([server]).data;
    expect(data.length, 'the length of the vector is in front').toBe(encodeExternalSender(server).length + 1);
  });

  it('that is malformed is refused with the commit that brings it', () => {
    const { alice, states } = groupWithServer();
    const malformed = { type: 5, data: Uint8Array.of(9) };
    expect(() => commit(alice.context, states[0], { groupContextExtensions: [malformed] })).toThrow(
      /ExternalSenders/,
    );
  });
});

describe.each(Object.values(selfRemoveType))('SelfRemove of type %i', (type) => {
  it('is proposed by who leaves, committed by another, and ends the membership', () => {
    const { alice, bob, carol, states } = groupWithServer();
    const leaving = createSelfRemoveProposal(carol.context, states[2], { type });
    const [a, b] = [alice, bob].map((who, i) => process(who.context, states[i]!, leaving.message).state);
    const committed = commit(alice.context, a!);
    expect(roster(committed.state).map(({ leafIndex }) => leafIndex)).toEqual([0, 1]);
    const seen = process(bob.context, b!, committed.commit);
    expect(seen).toMatchObject({ removed: [2] });
    expect(agreement(bob.context, seen.state)).toEqual(agreement(alice.context, committed.state));
    expect(process(carol.context, leaving.state, committed.commit)).toMatchObject({ removedSelf: true });
  });

  it('is not committed by who leaves, wins over a Remove of the same leaf, and is never inline', () => {
    const { alice, bob, carol, states } = groupWithServer();
    const leaving = createSelfRemoveProposal(carol.context, states[2], { type });
    expect(refusal(() => commit(carol.context, leaving.state, { references: [leaving.reference] }))).toBe(
      'RFC9420-12.2-2',
    );
    expect(commit(carol.context, leaving.state), 'left out by default').toBeDefined();
    const now = process(alice.context, states[0], leaving.message).state;
    expect(refusal(() => commit(alice.context, now, { remove: [2], references: [leaving.reference] }))).toBe(
      'RFC9420-12.2-3',
    );
    const removal = process(
      alice.context,
      now,
      reframed(states[1], leaving.message, () => ({
        sender: { type: 'member', leafIndex: 1 },
        content: { type: 'proposal', proposal: { type: 3, removed: 2 } },
      })),
    );
    const both = commit(alice.context, removal.state);
    const bobNow = process(bob.context, states[1], leaving.message).state;
    expect(refusal(() => process(bob.context, bobNow, both.commit))).toBe('accepted');
    const inline = { type, body: utf8('') };
    expect(refusal(() => commit(alice.context, states[0], { proposals: [inline] }))).toBe('RFC9420-12.1.2-1');
  });

  it('is carried out by an external commit too, by reference', () => {
    const { alice, bob, carol, states, groupInfo } = groupWithServer();
    const leaving = createSelfRemoveProposal(carol.context, states[2], { type });
    const dave = person('dave', suites[0]!, { parameters });
    const joined = joinByExternalCommit(dave.context, {
      groupInfo,
      bundle: dave.bundle,
      selfRemoves: [leaving.message],
    });
    expect(roster(joined.state).length).toBe(3);
    for (const [who, state] of [
      [alice, states[0]],
      [bob, states[1]],
    ] as const) {
      const seen = process(who.context, process(who.context, state, leaving.message).state, joined.commit);
      expect(seen).toMatchObject({ removed: [2], added: [2] });
      expect(agreement(who.context, seen.state)).toEqual(agreement(dave.context, joined.state));
    }
    const other = createSelfRemoveProposal(
      carol.context,
      { ...states[2], ownLeafIndex: 1 },
      { type },
    ).message;
    const attempt = (message: Uint8Array) =>
      refusal(() =>
        joinByExternalCommit(dave.context, { groupInfo, bundle: dave.bundle, selfRemoves: [message] }),
      );
    expect(attempt(other), 'in the name of another').toBe('RFC9420-6.1-1');
    const later = commit(alice.context, states[0]);
    const early = createSelfRemoveProposal(alice.context, later.state, { type }).message;
    expect(attempt(early)).toBe('RFC9420-6-3');
    const elsewhere = createSelfRemoveProposal(alice.context, found(alice, 'elsewhere'), { type }).message;
    expect(attempt(elsewhere)).toBe('RFC9420-6-1');
    expect(attempt(later.commit)).toBe('RFC9420-12.2-8');
    expect(attempt(protect(alice.context, states[0], utf8('x')).message)).toBe('RFC9420-6-5');
  });

  it('is not sent where a member does not know it', () => {
    const alice = person('alice', suites[0]!, { parameters });
    const plain = person('plain', suites[0]!);
    const { state } = commit(alice.context, found(alice), { add: [plain.verified] });
    expect(refusal(() => createSelfRemoveProposal(alice.context, state, { type }))).toBe('RFC9420-12.2-9');
  });
});

describe('a GroupInfo in the hands of an outsider, RFC 9420 section 12.4.3', () => {
  it('tells group, epoch and roster once its signature and tree are checked', () => {
    const { alice, groupInfo, states } = groupWithServer();
    const info = verifyGroupInfo(alice.context, groupInfo);
    expect(info.groupContext).toEqual(states[0].groupContext);
    expect(info.roster).toEqual(roster(states[0]));
    const bare = exportGroupInfo(states[0], { ratchetTree: false, externalPub: true, extensions: [] });
    expect(refusal(() => verifyGroupInfo(alice.context, bare))).toBe('RFC9420-12.4.3.1-5');
    expect(refusal(() => verifyGroupInfo(alice.context, commit(alice.context, states[0]).commit))).toBe(
      'RFC9420-12.4.3.2-1',
    );
  });
});
