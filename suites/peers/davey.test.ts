/**
 * RFC 9420 between stack/mls and OpenMLS, which @snazzah/davey carries as a native module: suite 2, basic credentials of 8
 * bytes, Add proposals of an external sender. It commits what that sender proposes, takes commits and Welcomes, and
 * shows its epoch authenticator; it has no application messages and no commits of its own.
 */
import { DAVESession } from '@snazzah/davey';
import { describe, expect, it } from 'vitest';
import type { KeyPair } from '../../stack/crypto/index.ts';
import {
  commit,
  createExternalProposal,
  createGroup,
  createKeyPackage,
  decodeKeyPackage,
  encodeExternalSender,
  epoch,
  epochAuthenticator,
  externalSendersExtension,
  type GroupState,
  joinFromWelcome,
  type KeyPackage,
  type KeyPackageBundle,
  type Proposal,
  process,
  proposalType,
  roster,
  verifyKeyPackage,
} from '../../stack/mls/index.ts';
import { hex, testContext } from '../mls/members.ts';

const cipherSuite = 2;
const context = testContext('parley beside davey');
const suite = context.suiteProvider.suite(cipherSuite);
const channel = '81985529216486895';
const eight = (id: string): Uint8Array => {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(BigInt(id));
  return new Uint8Array(bytes);
};
/** A vector of section 2.1.2. */
const vector = (...items: Uint8Array[]): Buffer => {
  const body = Buffer.concat(items);
  return Buffer.concat([Uint8Array.of(0x40 | (body.length >> 8), body.length & 0xff), body]);
};
/** Its Welcomes come and go without the MLSMessage header of section 6. */
const welcomeHeader = Uint8Array.of(0, 1, 0, 3);
const bare = (welcome: Uint8Array | undefined): Buffer => Buffer.from(welcome!.slice(4));
const framed = (welcome: Buffer | undefined): Uint8Array => Uint8Array.from([...welcomeHeader, ...welcome!]);

const gateway: { keys: KeyPair; sender: Parameters<typeof encodeExternalSender>[0] } = (() => {
  const keys = suite.generateSignatureKeyPair(context.random);
  return { keys, sender: { signatureKey: keys.publicKey, credential: { type: 1, identity: eight('42') } } };
})();

function daveyMember(id: string): DAVESession {
  const session = new DAVESession(1, id, channel);
  session.setExternalSender(Buffer.from(encodeExternalSender(gateway.sender)));
  return session;
}

function daveyPackage(session: DAVESession): KeyPackage {
  return decodeKeyPackage(new Uint8Array(session.getSerializedKeyPackage()));
}

function parleyMember(id: string): KeyPackageBundle {
  return createKeyPackage(context, {
    cipherSuite,
    credential: { type: 1, identity: eight(id) },
    signatureKeyPair: suite.generateSignatureKeyPair(context.random),
    lifetime: { notBefore: 0n, notAfter: 2n ** 64n - 1n },
  });
}

/** From the external sender that all groups here have, at index 0. */
function external(atEpoch: bigint, proposal: Proposal): Uint8Array {
  return createExternalProposal(context, {
    group: { cipherSuite, groupId: eight(channel), epoch: atEpoch },
    senderIndex: 0,
    signaturePrivateKey: gateway.keys.privateKey,
    proposal,
  });
}

const addOf = (keyPackage: KeyPackage): Proposal => ({ type: proposalType.add, keyPackage });

/** A group of stack/mls with one session in it. */
function groupWith(session: DAVESession): GroupState {
  const founder = parleyMember('100');
  const extensions = [externalSendersExtension([gateway.sender])];
  const founded = createGroup(context, { groupId: eight(channel), bundle: founder, extensions });
  const { state, welcome } = commit(context, founded, {
    add: [verifyKeyPackage(context, daveyPackage(session))],
  });
  session.processWelcome(bare(welcome));
  return state;
}

function taken(state: GroupState, message: Uint8Array): GroupState {
  return process(context, state, message).state;
}

function expectSameEpoch(session: DAVESession, state: GroupState): void {
  expect(session.epoch).toBe(epoch(state));
  expect(hex(session.getEpochAuthenticator()!), 'epoch authenticator').toBe(hex(epochAuthenticator(state)));
}

describe('OpenMLS, as davey carries it', () => {
  it('makes KeyPackages that stack/mls verifies (section 10.1)', () => {
    const { keyPackage } = verifyKeyPackage(context, daveyPackage(daveyMember('1')));
    expect(keyPackage.leafNode.credential).toEqual({ type: 1, identity: eight('1') });
  });

  it("commits an external sender's Adds, and stack/mls joins by its Welcome", () => {
    const session = daveyMember('2');
    const joiners = [parleyMember('3'), parleyMember('4')];
    const adds = joiners.map(({ keyPackage }) => external(0n, addOf(keyPackage)));
    const { commit: message, welcome } = session.processProposals(0, vector(...adds));
    session.processCommit(message!);
    for (const bundle of joiners) {
      expectSameEpoch(
        session,
        joinFromWelcome(context, { welcome: framed(welcome), bundles: [bundle] }).state,
      );
    }
  });

  it('joins a group of stack/mls by Welcome', () => {
    const session = daveyMember('5');
    const state = groupWith(session);
    expectSameEpoch(session, state);
    expect(session.getUserIds().toSorted()).toEqual(['100', '5']);
  });

  // As davey sets OpenMLS up, it takes PublicMessage handshakes only.
  it('takes the commits of stack/mls: Add, Update, Remove', () => {
    const session = daveyMember('6');
    let state = groupWith(session);
    const others = ['7', '8', '9'].map((id) => parleyMember(id));
    const add = others.map(({ keyPackage }) => verifyKeyPackage(context, keyPackage));
    for (const options of [
      { add, path: false },
      {},
      { remove: [3] },
      { add: [verifyKeyPackage(context, parleyMember('10').keyPackage)], remove: [2] },
    ]) {
      const result = commit(context, state, { ...options, wireFormat: 'public' });
      session.processCommit(Buffer.from(result.commit));
      state = result.state;
      expectSameEpoch(session, state);
    }
  });

  it('commits into a group of stack/mls what the external sender proposes: Add and Remove', () => {
    const session = daveyMember('11');
    let state = groupWith(session);
    const joiner = parleyMember('12');
    for (const proposal of [addOf(joiner.keyPackage), { type: proposalType.remove, removed: 2 } as const]) {
      const message = external(epoch(state), proposal);
      state = taken(state, message);
      const result = session.processProposals(0, vector(message));
      session.processCommit(result.commit!);
      state = taken(state, new Uint8Array(result.commit!));
      expectSameEpoch(session, state);
      if (result.welcome === undefined) continue;
      const joined = joinFromWelcome(context, { welcome: framed(result.welcome), bundles: [joiner] }).state;
      expectSameEpoch(session, joined);
    }
    expect(roster(state).map(({ leafIndex }) => leafIndex)).toEqual([0, 1]);
  });

  it('shares a group with others of its kind and with stack/mls, whoever commits', () => {
    const sessions = ['13', '14'].map(daveyMember);
    let state = groupWith(sessions[0]!);
    const message = external(epoch(state), addOf(daveyPackage(sessions[1]!)));
    state = taken(state, message);
    const first = sessions[0]!.processProposals(0, vector(message));
    sessions[0]!.processCommit(first.commit!);
    sessions[1]!.processWelcome(first.welcome!);
    state = taken(state, new Uint8Array(first.commit!));
    for (const session of sessions) expectSameEpoch(session, state);
    const second = commit(context, state);
    for (const session of sessions) {
      session.processCommit(Buffer.from(second.commit));
      expectSameEpoch(session, second.state);
    }
  });

  it('refuses a commit with one bit changed and goes on with the true one', () => {
    const session = daveyMember('15');
    const { state, commit: message } = commit(context, groupWith(session));
    const forged = Buffer.from(message);
    forged[forged.length - 1]! ^= 1;
    expect(() => session.processCommit(forged)).toThrow();
    session.processCommit(Buffer.from(message));
    expectSameEpoch(session, state);
  });
});
