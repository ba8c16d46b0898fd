import { describe, expect, it } from 'vitest';
import {
  type Credential,
  type CredentialCheck,
  commit,
  decodeMlsMessage,
  type Extension,
  encodeMlsMessage,
  encodeRatchetTree,
  joinByExternalCommit,
  joinFromWelcome,
  process,
  verifyKeyPackage,
} from '../../stack/mls/index.ts';
import type { RatchetTree } from '../../stack/mls/ratchet-tree.ts';
import { treeHash } from '../../stack/mls/tree-hash.ts';
import { flip, forgedWelcome } from './forging.ts';
import { agreement, found, join, type Person, person, refusal, utf8 } from './members.ts';

const [alice, bob, carol, dave] = ['alice', 'bob', 'carol', 'dave'].map((name) => person(name, 2)) as [
  Person,
  Person,
  Person,
  Person,
];
const trio = commit(alice.context, found(alice), { add: [bob.verified, carol.verified] }).state;
const { suite } = trio;
type Change = Parameters<typeof forgedWelcome>[3];
const attempt = (change: Change) => {
  const welcome = forgedWelcome(alice.context, trio, dave.verified, change);
  return refusal(() => join(dave, welcome));
};

/** A change of the tree, with tree hash and extension as if it were the right one. */
const otherTree = (change: (tree: RatchetTree) => Partial<RatchetTree>): Change => ({
  groupInfo: (info) => {
    const tree = commit(alice.context, trio, { add: [dave.verified], path: false }).state.tree;
    const changed: RatchetTree = { ...tree, ...change(tree), hashes: [] };
    const groupContext = { ...info.groupContext, treeHash: treeHash(suite, changed) };
    return { groupContext, extensions: [{ type: 2, data: encodeRatchetTree(changed) }] };
  },
});

describe('a Welcome by a dishonest member, RFC 9420 section 12.4.3.1', () => {
  it('is taken when nothing in it was changed', () => {
    expect(attempt({})).toBe('accepted');
    expect(attempt(otherTree(() => ({})))).toBe('accepted');
  });

  it('of another cipher suite than the KeyPackage it names', () => {
    const decoded = decodeMlsMessage(forgedWelcome(alice.context, trio, dave.verified, {}));
    if (decoded.kind !== 'welcome') throw new Error('no Welcome');
    const welcome = encodeMlsMessage({ ...decoded, welcome: { ...decoded.welcome, cipherSuite: 3 } });
    expect(refusal(() => join(dave, welcome))).toBe('RFC9420-12.4.3.1-2');
  });

  it.each([
    ['not signed', (info) => ({ signature: flip(info.signature, 20) }), 'RFC9420-12.4.3.1-4'],
    ['signed by nobody', () => ({ signer: 9 }), 'RFC9420-6-4'],
    ['in the name of another', () => ({ signer: 1 }), 'RFC9420-12.4.3.1-4'],
    [
      'of another confirmation tag',
      (info) => ({ confirmationTag: flip(info.confirmationTag) }),
      'RFC9420-12.4.3.1-7',
    ],
    [
      'of another version',
      (info) => ({ groupContext: { ...info.groupContext, version: 2 } }),
      'RFC9420-12.4.3.1-9',
    ],
    [
      'of another suite inside',
      (info) => ({ groupContext: { ...info.groupContext, cipherSuite: 3 } }),
      'RFC9420-12.4.3.1-2',
    ],
    ['without a tree', () => ({ extensions: [] }), 'RFC9420-12.4.3.1-5'],
    [
      'of another tree hash',
      (info) => ({ groupContext: { ...info.groupContext, treeHash: new Uint8Array(32) } }),
      'RFC9420-7.8-1',
    ],
  ] as [string, NonNullable<Change['groupInfo']>, string][])(
    'whose GroupInfo is %s',
    (_name, groupInfo, rule) => {
      expect(attempt({ groupInfo })).toBe(rule);
    },
  );

  it.each([
    [
      'without the joiner',
      (tree) => ({
        leaves: tree.leaves.with(3, undefined),
        parents: tree.parents.map((parent) => parent && { ...parent, unmergedLeaves: [] }),
      }),
      'RFC9420-12.4.3.1-6',
    ],
    [
      'with a parent nobody vouches for',
      (tree) => ({ parents: tree.parents.with(0, { ...tree.parents[0]!, parentHash: new Uint8Array(32) }) }),
      'RFC9420-7.9.2-1',
    ],
    [
      'with an unmerged leaf that is not there',
      (tree) => ({ parents: tree.parents.with(0, { ...tree.parents[0]!, unmergedLeaves: [7] }) }),
      'RFC9420-12.4.3.3-1',
    ],
    [
      'with unmerged leaves out of order',
      (tree) => ({ parents: tree.parents.with(1, { ...tree.parents[1]!, unmergedLeaves: [3, 2] }) }),
      'RFC9420-12.4.3.3-1',
    ],
    [
      'with a leaf that nobody signed',
      (tree) => ({
        leaves: tree.leaves.with(3, { ...tree.leaves[3]!, credential: { type: 1, identity: utf8('eve') } }),
      }),
      'RFC9420-7.3-2',
    ],
  ] as [string, (tree: RatchetTree) => Partial<RatchetTree>, string][])(
    'whose tree is %s',
    (_name, change, rule) => {
      const populated = commit(alice.context, trio).state;
      expect(populated.tree.parents[0], 'the first parent is in use').toBeDefined();
      expect(attempt(otherTree(change))).toBe(rule);
    },
  );

  it('whose path secret is another than that of the tree', () => {
    const secrets: Change['secrets'] = ({ pathSecret }) => ({ pathSecret: flip(pathSecret ?? utf8('')) });
    expect(attempt({ secrets })).toBe('RFC9420-12.4.3.1-8');
  });

  it('is refused again for a group one is in: the replay of a Welcome', () => {
    const { welcome } = commit(alice.context, trio, { add: [dave.verified] });
    const context = { ...dave.context, holdsGroup: () => true };
    expect(refusal(() => joinFromWelcome(context, { welcome: welcome!, bundles: [dave.bundle] }))).toBe(
      'RFC9420-12.4.3.1-10',
    );
  });
});

describe('where the ratchet tree comes from, RFC 9420 section 12.4.3.3', () => {
  it('a server may splice it into a GroupInfo that has none: it is beside the signature that way', () => {
    const bare = commit(alice.context, trio, { add: [dave.verified], ratchetTreeExtension: false });
    const state = join(dave, bare.welcome, encodeRatchetTree(bare.state.tree));
    expect(agreement(dave.context, state)).toEqual(agreement(alice.context, bare.state));
  });

  it('that in the GroupInfo is taken before one beside it', () => {
    const full = commit(alice.context, trio, { add: [dave.verified] });
    expect(refusal(() => join(dave, full.welcome, utf8('no tree')))).toBe('accepted');
  });
});

describe('credentials, RFC 9420 section 5.3', () => {
  const chain: Credential = { type: 2, certificates: [utf8('end entity'), utf8('intermediate')] };
  const xavier = person('xavier', 2, { parameters: { credential: chain } });

  it('of type x509 are carried as they are', () => {
    const made = commit(alice.context, trio, { add: [xavier.verified] });
    expect(join(xavier, made.welcome).tree.leaves[3]!.credential).toEqual(chain);
  });

  it('are put before the authentication service wherever a leaf or sender comes in', () => {
    const checks: CredentialCheck[] = [];
    const watching = (accept: (check: CredentialCheck) => boolean) => ({
      ...bob.context,
      verifyCredential: (check: CredentialCheck) => {
        checks.push(check);
        return accept(check);
      },
    });
    const nobody = watching(() => false);
    expect(refusal(() => verifyKeyPackage(nobody, carol.bundle.keyPackage))).toBe('RFC9420-5.3.1-1');
    const bobs = commit(alice.context, found(alice), { add: [bob.verified] });
    const bobState = join(bob, bobs.welcome);
    expect(refusal(() => joinFromWelcome(nobody, { welcome: bobs.welcome!, bundles: [bob.bundle] }))).toBe(
      'RFC9420-5.3.1-1',
    );
    const adding = commit(alice.context, bobs.state, { add: [carol.verified] });
    expect(refusal(() => process(nobody, bobState, adding.commit))).toBe('RFC9420-5.3.1-1');

    const renamed = commit(alice.context, bobs.state, { leaf: { credential: chain } });
    checks.length = 0;
    expect(
      refusal(() =>
        process(
          watching(() => true),
          bobState,
          renamed.commit,
        ),
      ),
    ).toBe('accepted');
    expect(checks.map(({ credential, previous }) => ({ credential, previous }))).toEqual([
      { credential: chain, previous: alice.bundle.keyPackage.leafNode.credential },
    ]);
    const same = watching(({ credential, previous }) => credential.type === previous?.type);
    expect(
      refusal(() => process(same, bobState, renamed.commit)),
      'no valid successor',
    ).toBe('RFC9420-5.3.1-1');
  });

  it('of a leaf that an external commit takes over are those it has to succeed', () => {
    const bobs = commit(alice.context, found(alice), { add: [bob.verified] });
    const joined = joinByExternalCommit(carol.context, {
      groupInfo: bobs.groupInfo,
      bundle: carol.bundle,
      replaces: 1,
    });
    const verifyCredential = ({ credential, previous }: CredentialCheck) =>
      previous === undefined || JSON.stringify(credential) === JSON.stringify(previous);
    expect(refusal(() => process({ ...alice.context, verifyCredential }, bobs.state, joined.commit))).toBe(
      'RFC9420-5.3.1-1',
    );
  });
});

describe('GREASE, RFC 9420 section 13.5', () => {
  const grease = Array.from({ length: 15 }, (_, i) => 0x0a0a + i * 0x1010);
  const extension = (type: number): Extension => ({ type, data: utf8('grease') });

  it('in capabilities, extensions of leaf, KeyPackage, GroupInfo and Welcome is carried and ignored', () => {
    const greasy = person('greasy', 2, {
      parameters: {
        capabilities: {
          versions: [1, ...grease],
          cipherSuites: [2, ...grease],
          extensions: grease,
          proposals: grease,
          credentials: [1, 2, ...grease],
        },
        leafExtensions: [extension(0x1a1a)],
        keyPackageExtensions: [extension(0x2a2a)],
      },
    });
    const made = commit(alice.context, trio, {
      add: [greasy.verified],
      welcomeExtensions: [extension(0x3a3a)],
      groupInfoExtensions: [extension(0x4a4a)],
    });
    const state = join(greasy, made.welcome);
    expect(state.tree.leaves[3]!.extensions).toEqual([extension(0x1a1a)]);
    expect(agreement(greasy.context, state)).toEqual(agreement(alice.context, made.state));
    expect(
      refusal(() => joinByExternalCommit(dave.context, { groupInfo: made.groupInfo, bundle: dave.bundle })),
    ).toBe('accepted');
  });

  it('as an unlisted extension of a leaf is refused like any other', () => {
    const make = () =>
      person('sloppy', 2, {
        parameters: { leafExtensions: [extension(0x1a1a)], capabilities: { extensions: [] } },
      });
    expect(refusal(make)).toBe('RFC9420-7.3-6');
  });
});
