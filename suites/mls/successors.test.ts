import { describe, expect, it } from 'vitest';
import { isSupportedSuite } from '../../stack/crypto/index.ts';
import { commitAfter } from '../../stack/mls/create-commit.ts';
import {
  commit,
  createBranch,
  createKeyPackage,
  createProposal,
  createReInitGroup,
  type Extension,
  epoch,
  type GroupState,
  groupExtensions,
  groupId,
  joinFromWelcome,
  type KeyPackageBundle,
  process,
  protect,
  reInit,
  verifyKeyPackage,
} from '../../stack/mls/index.ts';
import { agreement, found, join, type Person, person, refusal, suites, text, utf8 } from './members.ts';

const parameters = { capabilities: { extensions: [0xf001] } };

function trio() {
  const [alice, bob, carol] = ['alice', 'bob', 'carol'].map((name) => person(name, 2, { parameters })) as [
    Person,
    Person,
    Person,
  ];
  const added = commit(alice.context, found(alice), { add: [bob.verified, carol.verified] });
  return {
    alice,
    bob,
    carol,
    states: [added.state, join(bob, added.welcome), join(carol, added.welcome)] as const,
  };
}

/** A fresh package of the same identity for a successor. */
function packageFor(who: Person, cipherSuite: number): KeyPackageBundle {
  if (!isSupportedSuite(cipherSuite)) throw new Error(`no suite ${cipherSuite}`);
  const suite = who.context.suiteProvider.suite(cipherSuite);
  return createKeyPackage(who.context, {
    cipherSuite,
    credential: who.bundle.keyPackage.leafNode.credential,
    signatureKeyPair: suite.generateSignatureKeyPair(who.context.random),
    lifetime: { notBefore: 0n, notAfter: 2n ** 64n - 1n },
    capabilities: { extensions: [0xf001] },
  });
}

const era: Extension = { type: 0xf001, data: new Uint8Array(4) };
const intent = (cipherSuite: number) => ({
  type: 5 as const,
  groupId: utf8('the next'),
  version: 1,
  cipherSuite,
  extensions: [era],
});

describe.each(suites)('reinitialisation into suite %i, RFC 9420 section 11.2', (target) => {
  it('closes the group for all and takes its members into a successor of the agreed shape', () => {
    const { alice, bob, carol, states } = trio();
    const proposed = createProposal(bob.context, states[1], intent(target));
    const aliceNow = process(alice.context, states[0], proposed.message).state;
    const carolNow = process(carol.context, states[2], proposed.message).state;
    const closing = commit(alice.context, aliceNow, { path: false });
    const closed = [
      closing.state,
      process(bob.context, proposed.state, closing.commit).state,
      process(carol.context, carolNow, closing.commit).state,
    ] as const;
    expect(closed.map((state) => reInit(state)?.cipherSuite)).toEqual([target, target, target]);

    const [own, bobs, carols] = [alice, bob, carol].map((who) => packageFor(who, target)) as [
      KeyPackageBundle,
      KeyPackageBundle,
      KeyPackageBundle,
    ];
    const members = [bobs, carols].map(({ keyPackage }) => verifyKeyPackage(alice.context, keyPackage));
    const next = createReInitGroup(alice.context, closed[0], { bundle: own, members });
    expect([text(groupId(next.state)), epoch(next.state), groupExtensions(next.state)]).toEqual([
      'the next',
      1n,
      [era],
    ]);
    const welcome = next.welcome!;
    const joined = joinFromWelcome(bob.context, { welcome, bundles: [bobs], predecessor: closed[1] }).state;
    expect(agreement(bob.context, joined)).toEqual(agreement(alice.context, next.state));
    const third = joinFromWelcome(carol.context, { welcome, bundles: [carols], predecessor: closed[2] });
    const sent = protect(carol.context, third.state, utf8('over here')).message;
    const read = process(alice.context, next.state, sent);
    expect(read.kind === 'application' && text(read.content)).toBe('over here');
  });
});

describe('a group closed by a ReInit, RFC 9420 section 11.2', () => {
  function closedPair() {
    const { alice, bob, carol, states } = trio();
    const closing = commit(alice.context, states[0], { proposals: [intent(2)] });
    return {
      alice,
      bob,
      carol,
      states,
      closing,
      bobClosed: process(bob.context, states[1], closing.commit).state,
    };
  }

  it('sends nothing more and takes nothing more (RFC9420-11.2-1)', () => {
    const { alice, bob, closing, bobClosed } = closedPair();
    expect(refusal(() => protect(bob.context, bobClosed, utf8('x')))).toBe('RFC9420-11.2-1');
    expect(refusal(() => commit(bob.context, bobClosed))).toBe('RFC9420-11.2-1');
    expect(refusal(() => createProposal(bob.context, bobClosed, intent(2)))).toBe('RFC9420-11.2-1');
    const open = { ...closing.state, reInit: undefined };
    const late = protect(alice.context, open, utf8('x')).message;
    expect(refusal(() => process(bob.context, bobClosed, late))).toBe('RFC9420-11.2-1');
    const rotated = commit(alice.context, open).commit;
    expect(refusal(() => process(bob.context, bobClosed, rotated))).toBe('RFC9420-11.2-1');
  });

  it('still reads what was sent before it closed', () => {
    const { bob, carol, states, bobClosed } = closedPair();
    const late = protect(carol.context, states[2], utf8('before')).message;
    const read = process(bob.context, bobClosed, late);
    expect(read.kind === 'application' && text(read.content)).toBe('before');
  });

  it('has a successor only of what the ReInit says', () => {
    const { alice, bob, states, closing, bobClosed } = closedPair();
    const bundle = packageFor(alice, 2);
    const bobs = packageFor(bob, 2);
    const members = [verifyKeyPackage(alice.context, bobs.keyPackage)];
    const create = (closed: GroupState) => createReInitGroup(alice.context, closed, { bundle, members });
    expect(
      refusal(() => create(states[0])),
      'no ReInit',
    ).toBe('RFC9420-11.2-2');
    const otherSuite = { ...closing.state, reInit: intent(1) };
    expect(refusal(() => create(otherSuite))).toBe('RFC9420-11.2-3');

    const attempt = (made: GroupState, predecessor: GroupState | undefined = bobClosed) =>
      refusal(() =>
        joinFromWelcome(bob.context, {
          welcome: create(made).welcome!,
          bundles: [bobs],
          ...(predecessor === undefined ? {} : { predecessor }),
        }),
      );
    expect(attempt(closing.state)).toBe('accepted');
    expect(attempt(closing.state, states[1]), 'its PSK is of a later epoch').toBe('RFC9420-11.2-5');
    expect(attempt(closing.state, { ...bobClosed, reInit: undefined })).toBe('RFC9420-11.2-2');
    const renamed = { ...closing.state, reInit: { ...intent(2), groupId: utf8('elsewhere') } };
    expect(attempt(renamed)).toBe('RFC9420-11.2-3');
    const plain = { ...closing.state, reInit: { ...intent(2), extensions: [] } };
    expect(attempt(plain)).toBe('RFC9420-11.2-3');
    const foreign = found(bob, 'unrelated');
    expect(attempt(closing.state, foreign)).toBe('RFC9420-12.4.3.1-11');
    const alone = () =>
      joinFromWelcome(bob.context, { welcome: create(closing.state).welcome!, bundles: [bobs] });
    expect(refusal(alone), 'no predecessor at hand').toBe('RFC9420-12.4.3.1-11');
  });

  it('has no successor by a Welcome of a later epoch, nor by one without its PSK', () => {
    const { alice, bob, closing, bobClosed } = closedPair();
    const [bundle, bobs] = [packageFor(alice, 2), packageFor(bob, 2)];
    const created = createReInitGroup(alice.context, closing.state, { bundle, members: [] });
    const member = verifyKeyPackage(alice.context, bobs.keyPackage);
    const psk = {
      type: 4 as const,
      psk: {
        type: 'resumption' as const,
        usage: 'reinit' as const,
        groupId: utf8('group'),
        epoch: 2n,
        nonce: new Uint8Array(32),
      },
    };
    const enter = (welcome: Uint8Array | undefined) =>
      refusal(() =>
        joinFromWelcome(bob.context, { welcome: welcome!, bundles: [bobs], predecessor: bobClosed }),
      );
    expect(enter(commit(alice.context, created.state, { add: [member] }).welcome)).toBe(
      'RFC9420-12.4.3.1-11',
    );
    const late = commitAfter(
      alice.context,
      created.state,
      { add: [member], proposals: [psk] },
      closing.state,
    );
    expect(enter(late.welcome)).toBe('RFC9420-11.2-4');
    const resumption = { ...alice.context, resumptionPsk: () => closing.state.secrets.resumptionPsk };
    expect(
      refusal(() => commit(resumption, created.state, { add: [member], proposals: [psk] })),
      'only the first commit of a group may name it',
    ).toBe('RFC9420-8.4-4');
  });
});

describe('a branch, RFC 9420 section 11.3', () => {
  it('takes some members into a group of their own, while the first goes on', () => {
    const { alice, bob, carol, states } = trio();
    const [bundle, bobs] = [packageFor(alice, 2), packageFor(bob, 2)];
    const members = [verifyKeyPackage(alice.context, bobs.keyPackage)];
    const branch = createBranch(alice.context, states[0], { groupId: utf8('aside'), bundle, members });
    const welcome = branch.welcome!;
    const joined = joinFromWelcome(bob.context, { welcome, bundles: [bobs], predecessor: states[1] }).state;
    expect(agreement(bob.context, joined)).toEqual(agreement(alice.context, branch.state));
    const still = protect(carol.context, states[2], utf8('all of us')).message;
    expect(process(alice.context, states[0], still).kind).toBe('application');
  });

  it('keeps to the suite and the members of its origin', () => {
    const { alice, bob, states } = trio();
    const bundle = packageFor(alice, 2);
    const dave = person('dave', 2);
    const branch = (own: KeyPackageBundle, added: Person | KeyPackageBundle) => {
      const { keyPackage } = 'bundle' in added ? added.bundle : added;
      const members = [verifyKeyPackage(alice.context, keyPackage)];
      return createBranch(alice.context, states[0], { groupId: utf8('aside'), bundle: own, members });
    };
    expect(refusal(() => branch(packageFor(alice, 1), packageFor(bob, 1)))).toBe('RFC9420-11.3-1');
    expect(refusal(() => branch(bundle, dave))).toBe('RFC9420-11.3-2');
    const { welcome } = branch(bundle, packageFor(bob, 2));
    expect(welcome).toBeDefined();
  });

  it('is refused by a joiner to whom it brings another suite, or a stranger', () => {
    const { alice, bob, states } = trio();
    const [bundle, bobs] = [packageFor(alice, 2), packageFor(bob, 2)];
    const members = [verifyKeyPackage(alice.context, bobs.keyPackage)];
    const { welcome } = createBranch(alice.context, states[0], { groupId: utf8('aside'), bundle, members });
    const enter = (predecessor: GroupState) =>
      refusal(() => joinFromWelcome(bob.context, { welcome: welcome!, bundles: [bobs], predecessor }));
    expect(enter({ ...states[1], groupContext: { ...states[1].groupContext, cipherSuite: 1 } })).toBe(
      'RFC9420-11.3-1',
    );
    const withoutAlice = { ...states[1].tree, leaves: states[1].tree.leaves.with(0, undefined) };
    expect(enter({ ...states[1], tree: withoutAlice })).toBe('RFC9420-11.3-2');
  });
});
