import { beforeEach, describe, expect, test } from 'vitest';
import type { Method, Request, Response } from '../../harness/mls-interop/contract.ts';
import { mlsClientService } from '../../harness/mls-interop/mls-client-service.ts';
import { localPeer, type MlsPeer } from '../../harness/mls-interop/peer.ts';
import { noBytes, ours, utf8 } from './support/clients.ts';

let peer: MlsPeer;
beforeEach(() => {
  peer = localPeer('ours', ours());
});

const refused = (call: Promise<unknown>) =>
  call.then(
    () => 'answered',
    (error: { status: string; message: string }) => `${error.status}: ${error.message}`,
  );

async function group(identity = 'alice'): Promise<number> {
  const request = { groupId: utf8('g'), cipherSuite: 2, encryptHandshake: false, identity: utf8(identity) };
  return (await peer.call('CreateGroup', request)).stateId;
}
const commitOf = (stateId: number, more: Partial<Request<'Commit'>> = {}): Request<'Commit'> => ({
  stateId,
  byReference: [],
  byValue: [],
  forcePath: false,
  externalTree: false,
  ...more,
});

describe('what is asked wrongly is refused with a status that says how', () => {
  test('ids that stand for nothing, or for something else', async () => {
    const stateId = await group();
    const { transactionId } = await peer.call('CreateKeyPackage', { cipherSuite: 2, identity: utf8('bob') });
    expect(await refused(peer.call('StateAuth', { stateId: 77 }))).toBe(
      'NOT_FOUND: no group state has the id 77: never given',
    );
    expect(await refused(peer.call('StateAuth', { stateId: transactionId }))).toBe(
      'NOT_FOUND: no group state has the id 2: it is a key package',
    );
    await peer.call('Free', { stateId });
    expect(await refused(peer.call('StateAuth', { stateId }))).toMatch(/^NOT_FOUND: .*freed/);
  });

  test('suites', async () => {
    const ask = (cipherSuite: number) =>
      refused(peer.call('CreateKeyPackage', { cipherSuite, identity: noBytes }));
    expect(await ask(0)).toBe('INVALID_ARGUMENT: cipher_suite: 0 is no suite of RFC 9420');
    expect(await ask(0x0a0a)).toMatch(/^INVALID_ARGUMENT/);
  });

  test('bytes that are no message, and messages of another kind', async () => {
    const stateId = await group();
    const { keyPackage } = await peer.call('CreateKeyPackage', { cipherSuite: 2, identity: utf8('bob') });
    expect(await refused(peer.call('Unprotect', { stateId, ciphertext: utf8('?') }))).toMatch(
      /^INVALID_ARGUMENT: MLSMessage.version at offset 0: expected uint16/,
    );
    expect(await refused(peer.call('Unprotect', { stateId, ciphertext: keyPackage }))).toMatch(
      /^INVALID_ARGUMENT/,
    );
    const { groupInfo } = await peer.call('GroupInfo', { stateId, externalTree: false });
    expect(await refused(peer.call('AddProposal', { stateId, keyPackage: groupInfo }))).toBe(
      'INVALID_ARGUMENT: key_package: expected an MLSMessage with a KeyPackage, found groupInfo',
    );
  });

  test('members and proposal types that do not exist', async () => {
    const stateId = await group();
    expect(await refused(peer.call('RemoveProposal', { stateId, removedId: utf8('carol') }))).toBe(
      'INVALID_ARGUMENT: no member is called "carol"',
    );
    const byValue = [{ proposalType: utf8('dance') }];
    expect(await refused(peer.call('Commit', commitOf(stateId, { byValue })))).toMatch(
      /^INVALID_ARGUMENT: proposal_type: "dance" is not one of add, remove, externalPSK/,
    );
  });

  test('a rule of RFC 9420, by its requirement', async () => {
    const stateId = await group();
    const { proposal } = await peer.call('UpdateProposal', { stateId });
    expect(await refused(peer.call('Commit', commitOf(stateId, { byReference: [proposal] })))).toMatch(
      /^INVALID_ARGUMENT: RFC9420-12\.2-1 /,
    );
    expect(
      await refused(peer.call('Commit', commitOf(stateId))),
      'the refused call has changed nothing',
    ).toBe('answered');
  });

  test('the right call at the wrong time', async () => {
    const stateId = await group();
    expect(await refused(peer.call('HandlePendingCommit', { stateId }))).toBe(
      'FAILED_PRECONDITION: no commit of this member is pending',
    );
    await peer.call('Commit', commitOf(stateId));
    expect(await refused(peer.call('UpdateProposal', { stateId }))).toBe(
      'FAILED_PRECONDITION: a commit of this member is pending',
    );
  });

  test('an external signer without a description, or of another suite', async () => {
    const stateId = await group();
    const info = await peer.call('GroupInfo', { stateId, externalTree: true });
    const { signerId } = await peer.call('CreateExternalSigner', { cipherSuite: 1, identity: utf8('ds') });
    const request = { signerId, signerIndex: 0, ...info };
    expect(await refused(peer.call('ExternalSignerProposal', { ...request, description: null }))).toBe(
      'INVALID_ARGUMENT: description: missing',
    );
    const description = { proposalType: utf8('remove'), removedId: utf8('alice') };
    expect(await refused(peer.call('ExternalSignerProposal', { ...request, description }))).toMatch(
      /suite 2, .* of 1$/,
    );
  });
});

describe('what a commit holds is what was asked for', () => {
  test('proposals of this epoch that the request leaves out are not committed', async () => {
    const stateId = await group();
    const bob = await peer.call('CreateKeyPackage', { cipherSuite: 2, identity: utf8('bob') });
    await peer.call('AddProposal', { stateId, keyPackage: bob.keyPackage });
    const { welcome } = await peer.call('Commit', commitOf(stateId));
    expect(welcome).toEqual(noBytes);
  });

  test('a member takes part in a proposal of its own that another commits, and may be told of it twice', async () => {
    const [alice, bob] = await pair();
    const { proposal } = await peer.call('UpdateProposal', { stateId: bob });
    const { commit } = await peer.call('Commit', commitOf(alice, { byReference: [proposal] }));
    const own = await peer.call('HandlePendingCommit', { stateId: alice });
    const theirs = await peer.call('HandleCommit', { stateId: bob, proposal: [proposal, proposal], commit });
    expect(theirs.epochAuthenticator).toEqual(own.epochAuthenticator);
  });

  test('who is removed is told so by an empty authenticator, and has no epoch any more', async () => {
    const [alice, bob] = await pair();
    const remove = { proposalType: utf8('remove'), removedId: utf8('bob') };
    const { commit } = await peer.call('Commit', commitOf(alice, { byValue: [remove] }));
    const entered = await peer.call('HandleCommit', { stateId: bob, proposal: [], commit });
    expect(entered).toEqual({ stateId: bob, epochAuthenticator: noBytes });
    expect(await refused(peer.call('StateAuth', { stateId: bob }))).toBe(
      'FAILED_PRECONDITION: this member was removed',
    );
  });

  test('a commit of another that comes first takes the place of one’s own', async () => {
    const [alice, bob] = await pair();
    await peer.call('Commit', commitOf(alice));
    const { commit } = await peer.call('Commit', commitOf(bob));
    const theirs = await peer.call('HandleCommit', { stateId: alice, proposal: [], commit });
    const own = await peer.call('HandlePendingCommit', { stateId: bob });
    expect(theirs.epochAuthenticator).toEqual(own.epochAuthenticator);
    expect(await refused(peer.call('HandlePendingCommit', { stateId: alice }))).toMatch(
      /^FAILED_PRECONDITION/,
    );
  });

  /** Alice's and Bob's states in a group of two. */
  async function pair(): Promise<[number, number]> {
    const alice = await group();
    const bob = await peer.call('CreateKeyPackage', { cipherSuite: 2, identity: utf8('bob') });
    const add = { proposalType: utf8('add'), keyPackage: bob.keyPackage };
    const { welcome } = await peer.call('Commit', commitOf(alice, { byValue: [add] }));
    await peer.call('HandlePendingCommit', { stateId: alice });
    const { stateId } = await peer.call('JoinGroup', {
      transactionId: bob.transactionId,
      welcome,
      encryptHandshake: false,
      identity: utf8('bob'),
      ratchetTree: noBytes,
    });
    return [alice, stateId];
  }
});

test('what is held is bounded: the least recently used goes first', async () => {
  peer = localPeer('small', ours('small', { maxHeld: 3 }));
  const [first, second] = [await group('a'), await group('b')];
  await group('c');
  await peer.call('StateAuth', { stateId: first });
  await group('d');
  expect(await refused(peer.call('StateAuth', { stateId: first }))).toBe('answered');
  expect(await refused(peer.call('StateAuth', { stateId: second }))).toMatch(
    /^NOT_FOUND: .*least recent of 3$/,
  );
});

test('the same seed, time and calls give the same bytes', async () => {
  const ask = (seed: string) =>
    localPeer('one', ours(seed, { now: () => 1_800_000_000 })).call('CreateKeyPackage', {
      cipherSuite: 1,
      identity: utf8('alice'),
    });
  expect(await ask('one')).toEqual(await ask('one'));
  expect((await ask('one')).keyPackage).not.toEqual((await ask('two')).keyPackage);
});

describe('on the wire', () => {
  const field = (number: number, bytes: Uint8Array) => [(number << 3) | 2, bytes.length, ...bytes];
  const wire = <M extends Method>(method: M, request: Request<M>) => [
    ...mlsClientService[method]!.requestSerialize(request),
  ];

  test('the service has its 34 calls under its own path', () => {
    const paths = Object.values(mlsClientService).map(({ path }) => path);
    expect(paths).toHaveLength(34);
    expect(paths).toContain('/mls_client.MLSClient/HandlePendingReInitCommit');
    expect(Object.keys(mlsClientService).sort()).toEqual(Object.keys(ours()).sort());
  });

  test('fields have the numbers of the contract', () => {
    expect(
      wire('Commit', {
        stateId: 5,
        byReference: [utf8('ref')],
        byValue: [{ proposalType: utf8('resumptionPSK'), epochId: '300' }],
        forcePath: true,
        externalTree: true,
      }),
    ).toEqual([
      ...[0x08, 5],
      ...field(2, utf8('ref')),
      ...field(3, Uint8Array.from([...field(1, utf8('resumptionPSK')), 0x28, 0xac, 0x02])),
      ...[0x20, 1],
      ...[0x28, 1],
    ]);
    const answer: Response<'CreateBranch'> = {
      stateId: 1,
      welcome: utf8('w'),
      ratchetTree: utf8('t'),
      epochAuthenticator: utf8('a'),
    };
    expect([...mlsClientService['CreateBranch']!.responseSerialize(answer)]).toEqual([
      ...[0x08, 1],
      ...field(2, utf8('w')),
      ...field(3, utf8('t')),
      ...field(4, utf8('a')),
    ]);
  });
});
