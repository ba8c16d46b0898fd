import { describe, expect, it } from 'vitest';
import {
  type CommitOptions,
  commit,
  createProposal,
  createUpdateProposal,
  type GroupState,
  type KeyPackage,
  type LeafNode,
  type Proposal,
  process,
  type RequirementId,
  type VerifiedKeyPackage,
  verifyKeyPackage,
} from '../../stack/mls/index.ts';
import { signKeyPackage } from '../../stack/mls/key-package.ts';
import { type LeafNodeContent, signLeafNode } from '../../stack/mls/leaf-node.ts';
import { ensureMemberProposals } from '../../stack/mls/proposal-list.ts';
import { found, join, person, presentSeconds, refusal } from './members.ts';

const alice = person('alice', 2);
const bob = person('bob', 2);
const carol = person('carol', 2);
const suite = alice.context.suiteProvider.suite(2);

/** Bob's package with changes to leaf and package, both properly signed again. */
function altered(leaf: Partial<LeafNodeContent>, outer: Partial<KeyPackage> = {}): KeyPackage {
  const { keyPackage, signaturePrivateKey } = bob.bundle;
  const leafNode = signLeafNode(suite, signaturePrivateKey, { ...keyPackage.leafNode, ...leaf }, undefined);
  return signKeyPackage(suite, signaturePrivateKey, { ...keyPackage, leafNode, ...outer });
}

describe('a KeyPackage, RFC 9420 sections 7.3 and 10.1', () => {
  const { keyPackage } = bob.bundle;
  const { leafNode } = keyPackage;
  const caps = leafNode.capabilities;
  const now = BigInt(presentSeconds);
  const lifetime = (notBefore: bigint, notAfter: bigint) => ({
    source: { type: 'key_package', lifetime: { notBefore, notAfter } } as const,
  });
  const flip = (bytes: Uint8Array) => bytes.with(10, bytes[10]! ^ 1);
  const cases: [string, KeyPackage, RequirementId | 'accepted'][] = [
    ['unchanged', altered({}), 'accepted'],
    ['of another version', altered({}, { version: 2 }), 'RFC9420-10.1-1'],
    ['of an unknown suite', altered({}, { cipherSuite: 0x0a0a }), 'RFC9420-5.1-1'],
    ['with a forged signature', { ...keyPackage, signature: flip(keyPackage.signature) }, 'RFC9420-10.1-2'],
    ['whose init key is its leaf key', altered({}, { initKey: leafNode.encryptionKey }), 'RFC9420-10.1-3'],
    [
      'whose init key is off the curve',
      altered({}, { initKey: flip(keyPackage.initKey) }),
      'RFC9420-5.1.1-1',
    ],
    [
      'with an unlisted extension',
      altered({}, { extensions: [{ type: 10, data: new Uint8Array() }] }),
      'RFC9420-10-1',
    ],
    [
      'with a forged leaf',
      { ...keyPackage, leafNode: { ...leafNode, signature: flip(leafNode.signature) } },
      'RFC9420-7.3-2',
    ],
    ['with an update leaf', altered({ source: { type: 'update' } }), 'RFC9420-7.3-7'],
    ['not yet valid', altered(lifetime(now + 1n, now + 9n)), 'RFC9420-7.3-5'],
    ['valid from this second', altered(lifetime(now, now)), 'accepted'],
    ['expired a second ago', altered(lifetime(0n, now - 1n)), 'RFC9420-7.3-5'],
    [
      'with an unlisted leaf extension',
      altered({ extensions: [{ type: 99, data: new Uint8Array() }] }),
      'RFC9420-7.3-6',
    ],
    [
      'with an extension twice',
      altered({ extensions: [1, 1].map((type) => ({ type, data: new Uint8Array() })) }),
      'RFC9420-13.4-1',
    ],
    [
      'that does not list its own credential type',
      altered({ capabilities: { ...caps, credentials: [2] } }),
      'RFC9420-7.3-1',
    ],
    [
      'that does not list its own suite',
      altered({ capabilities: { ...caps, cipherSuites: [1] } }),
      'RFC9420-7.3-10',
    ],
    [
      'with GREASE in its capabilities (13.5)',
      altered({
        capabilities: { ...caps, extensions: [0x1a1a], proposals: [0x2a2a], credentials: [1, 2, 0x3a3a] },
      }),
      'accepted',
    ],
  ];
  it.each(cases)('%s', (_name, changed, expected) => {
    expect(refusal(() => verifyKeyPackage(alice.context, changed))).toBe(expected);
  });
});

/** Skips the check on purpose, to see that the group itself refuses. */
const unverified = (keyPackage: KeyPackage) => ({ keyPackage }) as VerifiedKeyPackage;

describe('a commit, RFC 9420 sections 12.2 to 12.4', () => {
  const added = commit(alice.context, found(alice), { add: [bob.verified] });
  const bobState = join(bob, added.welcome);
  const attempt = (options: CommitOptions) => refusal(() => commit(alice.context, added.state, options));
  const dave = person('dave', 2);
  const remove = (removed: number): Proposal => ({ type: 3, removed });

  it.each([
    ['removing its own sender', { remove: [0] }, 'RFC9420-12.2-2'],
    ['removing a blank leaf', { remove: [5] }, 'RFC9420-12.1.3-1'],
    ['removing one leaf twice', { remove: [1, 1] }, 'RFC9420-12.2-3'],
    ['adding one client twice', { add: [carol.verified, carol.verified] }, 'RFC9420-12.2-4'],
    ['adding a member again', { add: [bob.verified] }, 'RFC9420-7.3-8'],
    [
      'adding an expired package',
      {
        add: [
          unverified(altered({ source: { type: 'key_package', lifetime: { notBefore: 0n, notAfter: 1n } } })),
        ],
      },
      'RFC9420-7.3-5',
    ],
    ['adding a package of another suite', { add: [person('x', 1).verified] }, 'RFC9420-10.1-4'],
    [
      'with an Update by value',
      { proposals: [{ type: 2, leafNode: bob.bundle.keyPackage.leafNode }] },
      'RFC9420-12.1.2-1',
    ],
    ['with an ExternalInit', { proposals: [{ type: 6, kemOutput: new Uint8Array() }] }, 'RFC9420-12.2-7'],
    [
      'with GroupContextExtensions twice',
      { proposals: [7, 7].map((type) => ({ type, extensions: [] }) as Proposal) },
      'RFC9420-12.2-5',
    ],
    [
      'with a ReInit beside another',
      {
        proposals: [
          { type: 5, groupId: new Uint8Array(), version: 1, cipherSuite: 2, extensions: [] },
          remove(1),
        ],
      },
      'RFC9420-12.2-6',
    ],
    [
      'with a ReInit to a lower version',
      { proposals: [{ type: 5, groupId: new Uint8Array(), version: 0, cipherSuite: 2, extensions: [] }] },
      'RFC9420-12.1.5-1',
    ],
    ['removing without a path', { remove: [1], path: false }, 'RFC9420-12.4-2'],
    ['empty without a path', { path: false }, 'RFC9420-12.4-2'],
    ['adding without a path', { add: [dave.verified], path: false }, 'accepted'],
  ] as [string, CommitOptions, RequirementId | 'accepted'][])('%s', (_name, options, expected) => {
    expect(attempt(options)).toBe(expected);
  });

  it('that requires what a member cannot do (11.1) is refused', () => {
    const required = { type: 3, data: Uint8Array.of(2, 0xf0, 0x01, 0, 0) };
    expect(attempt({ groupContextExtensions: [required] })).toBe('RFC9420-7.3-3');
  });

  it('adding a client whose credential type another member cannot take is refused', () => {
    const basicOnly = person('basic only', 2, { parameters: { capabilities: { credentials: [1] } } });
    const state = commit(alice.context, found(alice), { add: [basicOnly.verified] }).state;
    const x509 = person('x509', 2, {
      parameters: { credential: { type: 2, certificates: [new Uint8Array(3)] } },
    });
    expect(refusal(() => commit(alice.context, state, { add: [x509.verified] }))).toBe('RFC9420-7.3-4');
  });

  it('from a member, whose leaf or path was altered, is refused by the rule it breaks', () => {
    const forge = (change: (leaf: LeafNode) => LeafNode): RequirementId | 'accepted' => {
      const proposed = createUpdateProposal(bob.context, bobState);
      const received = process(alice.context, added.state, proposed.message);
      if (received.kind !== 'proposal' || !('leafNode' in received.proposal))
        throw new Error('not an Update');
      const proposal = { ...received.proposal, leafNode: change(received.proposal.leafNode) };
      const direct = createProposal(bob.context, bobState, proposal).message;
      const state = process(alice.context, added.state, direct).state;
      return refusal(() => commit(alice.context, state));
    };
    expect(forge((leaf) => leaf)).toBe('accepted');
    expect(forge((leaf) => ({ ...leaf, encryptionKey: carol.bundle.keyPackage.initKey }))).toBe(
      'RFC9420-7.3-2',
    );
    expect(forge(() => bob.bundle.keyPackage.leafNode)).toBe('RFC9420-7.3-7');
    const { groupId } = added.state.groupContext;
    const resign = (leaf: LeafNode, content: Partial<LeafNodeContent>, leafIndex = 1) =>
      signLeafNode(suite, bob.bundle.signaturePrivateKey, { ...leaf, ...content }, { groupId, leafIndex });
    expect(
      forge((leaf) => resign(leaf, {}, 2)),
      'signed for another leaf',
    ).toBe('RFC9420-7.3-2');
    const taken = alice.bundle.keyPackage.leafNode.signatureKey;
    expect(forge((leaf) => ({ ...resign(leaf, { signatureKey: taken }) }))).toBe('RFC9420-7.3-2');
  });

  it('naming an Update of its own sender is refused by whoever receives it', () => {
    const proposal: Proposal = { type: 2, leafNode: bob.bundle.keyPackage.leafNode };
    const items = [{ proposal, sender: { type: 'member', leafIndex: 1 } as const, byReference: true }];
    const received = (committer: number) =>
      refusal(() => ensureMemberProposals(items, committer, added.state.tree));
    expect(received(1)).toBe('RFC9420-12.2-1');
    expect(received(0)).toBe('accepted');
  });

  it('signed by one member in the name of another is refused', () => {
    const threeWay = commit(alice.context, added.state, { add: [carol.verified] });
    const carolState = join(carol, threeWay.welcome);
    const bobNow = process(bob.context, bobState, threeWay.commit).state;
    const disguised: GroupState = { ...carolState, ownLeafIndex: 0 };
    const forged = createProposal(carol.context, disguised, remove(2)).message;
    expect(refusal(() => process(bob.context, bobNow, forged))).toBe('RFC9420-6.1-1');
  });
});
