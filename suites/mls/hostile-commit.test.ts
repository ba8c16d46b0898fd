import { describe, expect, it } from 'vitest';
import type { Commit } from '../../stack/mls/commit-codec.ts';
import {
  commit,
  createUpdateProposal,
  type Proposal,
  process,
  protect,
  type RequirementId,
} from '../../stack/mls/index.ts';
import { type LeafNodeContent, signLeafNode } from '../../stack/mls/leaf-node.ts';
import { sealedSecrets } from '../../stack/mls/sealed-secrets.ts';
import type { UpdatePath } from '../../stack/mls/update-path.ts';
import { anyMessage, flip, meddling, recommitted, reframed } from './forging.ts';
import { found, join, type Person, person, refusal, utf8 } from './members.ts';

const parameters = { capabilities: { proposals: [0x000a] } };
const [alice, bob, carol] = ['alice', 'bob', 'carol'].map((name) => person(name, 2, { parameters })) as [
  Person,
  Person,
  Person,
];
const added = commit(alice.context, found(alice), { add: [bob.verified, carol.verified] });
const aliceState = added.state;
const bobState = join(bob, added.welcome);
const carolState = join(carol, added.welcome);
const { suite } = aliceState;
const { groupId } = aliceState.groupContext;
const honest = commit(alice.context, aliceState);
const receive = (bytes: Uint8Array) => refusal(() => process(bob.context, bobState, bytes));

describe('a commit by a dishonest member, signed and MACed as it should be, RFC 9420 sections 7.5 and 12.4.2', () => {
  const withPath = (change: (path: UpdatePath) => Partial<UpdatePath>) => (made: Commit) => ({
    path: { ...made.path!, ...change(made.path!) },
  });
  const resigned = (content: Partial<LeafNodeContent>, key = alice.bundle.signaturePrivateKey) =>
    withPath(({ leafNode }) => ({
      leafNode: signLeafNode(suite, key, { ...leafNode, ...content }, { groupId, leafIndex: 0 }),
    }));
  const firstNode = (change: (node: UpdatePath['nodes'][number]) => Partial<UpdatePath['nodes'][number]>) =>
    withPath(({ nodes }) => ({ nodes: nodes.with(0, { ...nodes[0]!, ...change(nodes[0]!) }) }));
  const inline = (proposal: Proposal) => () => ({ proposals: [{ kind: 'proposal', proposal } as const] });
  const someLeaf = carol.bundle.keyPackage.leafNode;

  const cases: [string, (made: Commit) => Partial<Commit>, RequirementId | 'accepted'][] = [
    ['without its path', () => ({ path: undefined }), 'RFC9420-12.4-2'],
    ['with a path node left out', withPath(({ nodes }) => ({ nodes: nodes.slice(1) })), 'RFC9420-7.5-3'],
    [
      'with a path secret left out',
      firstNode(() => ({ encryptedPathSecrets: sealedSecrets([]) })),
      'RFC9420-7.5-4',
    ],
    [
      'with a path secret that does not open',
      firstNode(({ encryptedPathSecrets }) => ({
        encryptedPathSecrets: sealedSecrets([
          { ...encryptedPathSecrets.at(0), ciphertext: flip(encryptedPathSecrets.at(0).ciphertext) },
        ]),
      })),
      'RFC9420-7.5-5',
    ],
    [
      'with a path key off the curve',
      firstNode((node) => ({ encryptionKey: flip(node.encryptionKey) })),
      'RFC9420-5.1.1-1',
    ],
    [
      'with a path key of another node',
      firstNode(() => ({ encryptionKey: someLeaf.encryptionKey })),
      'RFC9420-7.5-2',
    ],
    [
      'with another parent hash',
      resigned({ source: { type: 'commit', parentHash: new Uint8Array(32) } }),
      'RFC9420-7.9-1',
    ],
    [
      'that keeps the encryption key of its leaf',
      resigned({ encryptionKey: aliceState.tree.leaves[0]!.encryptionKey }),
      'RFC9420-7.5-1',
    ],
    [
      'with the encryption key of another',
      resigned({ encryptionKey: someLeaf.encryptionKey }),
      'RFC9420-7.5-2',
    ],
    [
      'with one key at two nodes of its path',
      withPath(({ nodes }) => ({
        nodes: nodes.map((node) => ({ ...node, encryptionKey: nodes[0]!.encryptionKey })),
      })),
      'RFC9420-7.3-9',
    ],
    [
      'with the signature key of another member',
      resigned({ signatureKey: someLeaf.signatureKey }, carol.bundle.signaturePrivateKey),
      'RFC9420-7.3-8',
    ],
    ['with a leaf of the wrong source', resigned({ source: { type: 'update' } }), 'RFC9420-7.3-7'],
    [
      'with a leaf not signed',
      withPath(() => ({ leafNode: { ...someLeaf, source: { type: 'commit', parentHash: utf8('') } } })),
      'RFC9420-7.3-2',
    ],
    ['removing itself', inline({ type: 3, removed: 0 }), 'RFC9420-12.2-2'],
    ['removing nobody', inline({ type: 3, removed: 3 }), 'RFC9420-12.1.3-1'],
    ['with an Update by value', inline({ type: 2, leafNode: someLeaf }), 'RFC9420-12.1.2-1'],
    ['with an ExternalInit', inline({ type: 6, kemOutput: utf8('x') }), 'RFC9420-12.2-7'],
    ['of a type that not all know', inline({ type: 0xf777, body: utf8('x') }), 'RFC9420-12.2-9'],
    ['of an rcs_signature', inline({ type: 0xf002, body: utf8('') }), 'RFC9420-12.2-10'],
    [
      'naming a proposal nobody sent',
      () => ({ proposals: [{ kind: 'reference', reference: new Uint8Array(32) }] }),
      'RFC9420-12.4-1',
    ],
  ];
  it.each(cases)('%s', (_name, change, expected) => {
    expect(receive(recommitted(aliceState, honest.commit, change))).toBe(expected);
  });

  it('is accepted when nothing was changed', () => {
    expect(receive(recommitted(aliceState, honest.commit, () => ({})))).not.toBe('RFC9420-6.1-1');
    expect(receive(honest.commit)).toBe('accepted');
  });

  it('with a wrong confirmation tag, or one that is missing', () => {
    expect(
      receive(
        reframed(
          aliceState,
          honest.commit,
          () => ({}),
          (tag) => flip(tag!),
        ),
      ),
    ).toBe('RFC9420-6.1-2');
  });

  it('whose path secret is another than the tree says', () => {
    let sealed = 0;
    const liar = {
      ...aliceState,
      suite: meddling(suite, { hpke: (secret) => (sealed++ === 0 ? flip(secret) : secret) }),
    };
    const made = commit(alice.context, liar).commit;
    const outcomes = [bobState, carolState].map((state, i) =>
      refusal(() => process([bob, carol][i]!.context, state, made)),
    );
    expect(outcomes).toContain('RFC9420-7.5-5');
  });
});

describe('who sends, RFC 9420 section 6', () => {
  const remove: Proposal = { type: 3, removed: 2 };

  it('a leaf that is no member', () => {
    const message = anyMessage(
      carolState,
      { type: 'member', leafIndex: 3 },
      { type: 'proposal', proposal: remove },
    );
    expect(receive(message)).toBe('RFC9420-6-4');
    const disguised = { ...carolState, ownLeafIndex: 3 };
    expect(receive(protect(carol.context, disguised, utf8('x')).message)).toBe('RFC9420-6-4');
  });

  it('application data in the open', () => {
    const message = anyMessage(
      aliceState,
      { type: 'member', leafIndex: 0 },
      { type: 'application', data: utf8('x') },
    );
    expect(receive(message)).toBe('RFC9420-6.2-2');
  });

  it('what is not for a group at all', () => {
    expect(receive(added.welcome!)).toBe('RFC9420-6-5');
  });

  it('a member of whom one holds no membership key', () => {
    const secrets = { ...aliceState.secrets, membershipKey: new Uint8Array(32) };
    expect(receive(reframed({ ...aliceState, secrets }, honest.commit, () => ({})))).toBe('RFC9420-6.2-1');
  });

  it('who was removed', () => {
    const removal = commit(alice.context, aliceState, { remove: [1] });
    const { state } = process(bob.context, bobState, removal.commit);
    expect(refusal(() => protect(bob.context, state, utf8('x')))).toBe('RFC9420-12.4.1-1');
    expect(refusal(() => commit(bob.context, state))).toBe('RFC9420-12.4.1-1');
    expect(refusal(() => process(bob.context, state, honest.commit))).toBe('RFC9420-12.4.1-1');
  });

  it('application data before the proposals received are committed (12.4), unless the policy says so', () => {
    const proposed = createUpdateProposal(carol.context, carolState);
    const { state } = process(bob.context, bobState, proposed.message);
    expect(refusal(() => protect(bob.context, state, utf8('x')))).toBe('RFC9420-12.4-4');
    const relaxed = { ...bob.context, policy: { dataBesideProposals: true } };
    expect(refusal(() => protect(relaxed, state, utf8('x')))).toBe('accepted');
    expect(refusal(() => protect(bob.context, commit(bob.context, state).state, utf8('x')))).toBe('accepted');
  });
});

describe('an Update by a dishonest member, RFC 9420 section 7.3', () => {
  const attempt = (content: Partial<LeafNodeContent>) => {
    const proposed = createUpdateProposal(bob.context, bobState);
    const message = reframed(bobState, proposed.message, ({ content: { ...sent } }) => {
      if (sent.type !== 'proposal' || !('leafNode' in sent.proposal)) throw new Error('no Update');
      const key = bob.bundle.signaturePrivateKey;
      const changed = { ...sent.proposal.leafNode, ...content };
      const leafNode = signLeafNode(suite, key, changed, { groupId, leafIndex: 1 });
      return { content: { type: 'proposal', proposal: { type: 2, leafNode } } };
    });
    const { state } = process(alice.context, aliceState, message);
    return refusal(() => commit(alice.context, state));
  };
  const own = bob.bundle.keyPackage.leafNode;
  const other = carol.bundle.keyPackage.leafNode;

  it.each([
    ['unchanged', {}, 'accepted'],
    ['that keeps its encryption key', { encryptionKey: own.encryptionKey }, 'RFC9420-7.3-11'],
    ['with the encryption key of another', { encryptionKey: other.encryptionKey }, 'RFC9420-7.3-9'],
    [
      'whose capabilities lack a credential type in use',
      { credential: { type: 2, certificates: [] }, capabilities: { ...own.capabilities, credentials: [2] } },
      'RFC9420-7.3-4',
    ],
  ] as [string, Partial<LeafNodeContent>, RequirementId | 'accepted'][])('%s', (_name, content, expected) => {
    expect(attempt(content)).toBe(expected);
  });
});

describe('a PrivateMessage by a dishonest member, RFC 9420 section 6.3', () => {
  const sealedAs = (aead: (plaintext: Uint8Array) => Uint8Array, padding = 0) => {
    const liar = { ...aliceState, suite: meddling(suite, { aead }) };
    return receive(protect(alice.context, liar, utf8('text'), { paddingLength: () => padding }).message);
  };
  const sent = protect(alice.context, aliceState, utf8('text')).message;

  it('padded with anything but zeros', () => {
    expect(sealedAs((plain) => plain, 8)).toBe('accepted');
    expect(sealedAs((plain) => flip(plain), 8)).toBe('RFC9420-6.3.1-2');
  });

  it('whose content is cut short', () => {
    expect(sealedAs((plain) => plain.slice(0, 20))).toBe('RFC9420-6.3.1-3');
  });

  it('whose content or sender data was changed on the way', () => {
    expect(receive(flip(sent))).toBe('RFC9420-6.3.1-1');
    expect(receive(flip(sent, sent.length - 90))).toBe('RFC9420-6.3.2-1');
  });
});

describe('PSKs, RFC 9420 section 8.4', () => {
  const psk = (nonceLength: number) => ({
    type: 4 as const,
    psk: { type: 'external' as const, id: utf8('id'), nonce: new Uint8Array(nonceLength) },
  });
  const holding = { ...alice.context, externalPsk: () => utf8('secret') };
  const attempt = (...proposals: Proposal[]) => refusal(() => commit(holding, aliceState, { proposals }));

  it('named twice, or with a nonce of another length than the hash, are refused', () => {
    expect(attempt(psk(32))).toBe('accepted');
    expect(attempt(psk(31))).toBe('RFC9420-8.4-2');
    expect(attempt(psk(32), psk(32))).toBe('RFC9420-8.4-3');
  });
});
