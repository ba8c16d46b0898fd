import { describe, expect, it } from 'vitest';
import {
  commit,
  createGroup,
  createKeyPackage,
  createUpdateProposal,
  decodeMlsMessage,
  extensionType,
  isLastResort,
  joinFromWelcome,
  type MlsMessage,
  type MlsPolicy,
  process,
  protect,
  verifyKeyPackage,
  withHandshakeFormat,
} from '../../stack/mls/index.ts';
import { agreement, found, person, testContext, utf8 } from './members.ts';

const kindOf = (bytes: Uint8Array): MlsMessage['kind'] => decodeMlsMessage(bytes).kind;

describe('the frame of handshake messages is a policy of the group, RFC 9420 section 6', () => {
  it.each(['public', 'private'] as const)('%s unless a call says otherwise', (handshakeFormat) => {
    const [alice, bob] = [person('alice', 2), person('bob', 2)];
    const group = createGroup(alice.context, { groupId: utf8('g'), bundle: alice.bundle, handshakeFormat });
    const added = commit(alice.context, group, { add: [bob.verified] });
    const { welcome } = added;
    const joined = joinFromWelcome(bob.context, {
      welcome: welcome!,
      bundles: [bob.bundle],
      handshakeFormat,
    });
    const proposed = createUpdateProposal(bob.context, joined.state);
    const committed = commit(alice.context, process(alice.context, added.state, proposed.message).state);
    expect([added.commit, proposed.message, committed.commit].map(kindOf)).toEqual([
      handshakeFormat,
      handshakeFormat,
      handshakeFormat,
    ]);
    const seen = process(bob.context, proposed.state, committed.commit).state;
    expect(agreement(bob.context, seen)).toEqual(agreement(alice.context, committed.state));
    const other = handshakeFormat === 'public' ? 'private' : 'public';
    expect(kindOf(commit(alice.context, group, { wireFormat: other }).commit)).toBe(other);
    expect(kindOf(commit(alice.context, withHandshakeFormat(group, other)).commit)).toBe(other);
  });
});

describe('padding, RFC 9420 section 6.3.1', () => {
  it('is a policy for every PrivateMessage: lengths tell only the step they are padded to', () => {
    const asked: string[] = [];
    const policy: MlsPolicy = {
      padding: (length, contentType) => {
        asked.push(contentType);
        return (4096 - (length % 4096)) % 4096;
      },
    };
    const alice = person('alice', 1, { context: testContext('alice', { policy }) });
    const bob = person('bob', 1);
    const state = found(alice);
    const short = protect(alice.context, state, utf8('a'.repeat(100))).message;
    const long = protect(alice.context, state, utf8('a'.repeat(900))).message;
    expect(short.length).toBe(long.length);
    const update = createUpdateProposal(alice.context, state, { wireFormat: 'private' });
    const added = commit(alice.context, state, { add: [bob.verified], wireFormat: 'private' });
    expect(asked).toEqual(['application', 'application', 'proposal', 'commit']);
    for (const { length } of [update.message, added.commit]) expect(length).toBeGreaterThan(4096);
  });
});

describe('a last_resort KeyPackage, RFC 9420 section 16.8', () => {
  it('is marked as such, and joins more than once', () => {
    const [alice, bob] = [person('alice', 2), person('bob', 2)];
    const { leafNode } = bob.bundle.keyPackage;
    const lastResort = createKeyPackage(bob.context, {
      cipherSuite: 2,
      credential: leafNode.credential,
      signatureKeyPair: { publicKey: leafNode.signatureKey, privateKey: bob.bundle.signaturePrivateKey },
      lifetime: { notBefore: 0n, notAfter: 2n ** 40n },
      keyPackageExtensions: [{ type: extensionType.lastResort, data: utf8('') }],
    });
    expect([isLastResort(lastResort.keyPackage), isLastResort(bob.bundle.keyPackage)]).toEqual([true, false]);
    const add = [verifyKeyPackage(alice.context, lastResort.keyPackage)];
    for (const name of ['one', 'two']) {
      const { welcome, state } = commit(alice.context, found(alice, name), { add });
      const joined = joinFromWelcome(bob.context, { welcome: welcome!, bundles: [lastResort] });
      expect(agreement(bob.context, joined.state)).toEqual(agreement(alice.context, state));
    }
  });
});
