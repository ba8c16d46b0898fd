import { expect, test } from 'vitest';
import type { Request, Service } from '../../harness/mls-interop/contract.ts';
import { localPeer } from '../../harness/mls-interop/peer.ts';
import { exitCode, type InteropSummary } from '../../harness/mls-interop/run/summary.ts';
import { ours, ownScripts, served } from './support/clients.ts';
import { type Play, playLocally, playOver } from './support/play.ts';

const play: Play = {
  scripts: ownScripts(/^welcome-join\/one-joiner$/),
  suites: [1],
  choose: ({ handshake, tree }) => handshake === 'public' && tree === 'inside',
};

/** A and C are ours, B is `broken`. */
function beside(broken: Partial<Service>): Promise<InteropSummary> {
  const b = { ...ours('B'), ...broken };
  return playLocally([localPeer('a', ours('A')), localPeer('b', b), localPeer('c', ours('C'))], play);
}

const flipped = (bytes: Uint8Array) => bytes.map((byte, index) => (index === 0 ? byte ^ 1 : byte));

/** Whatever B takes part in fails, whatever it does not passes. */
function expectBlamedOnB(summary: InteropSummary): void {
  expect(summary.suspects).toEqual(['B']);
  expect(exitCode(summary)).toBe(1);
  for (const { id, actors, verdict } of summary.cells) {
    const expected = Object.values(actors).includes('B') ? 'failed' : 'passed';
    expect(verdict.outcome, id).toBe(expected);
  }
}

test('a wrong epoch authenticator is noticed, with both values', async () => {
  const honest = ours('B');
  const summary = await playLocally(
    [
      localPeer('a', ours('A')),
      localPeer('b', {
        ...honest,
        StateAuth: async (request) => ({
          stateAuthSecret: flipped((await honest.StateAuth(request)).stateAuthSecret),
        }),
      }),
      localPeer('c', ours('C')),
    ],
    play,
  );
  expectBlamedOnB(summary);
  const found = summary.cells.find(({ actors }) => actors['alice'] === 'A' && actors['bob'] === 'B');
  expect(found?.verdict).toMatchObject({
    step: { number: 2, verb: 'commit', file: expect.stringMatching(/welcome-join\.yaml$/), line: 8 },
    call: 'StateAuth',
    who: ['bob'],
    expected: expect.stringMatching(/^[0-9a-f]{64}$/),
    found: expect.stringMatching(/^[0-9a-f]{64}$/),
  });
});

test('an epoch that is not the others’ is noticed at both members', async () => {
  const honest = ours('B');
  const lying: Partial<Service> = {
    JoinGroup: async (request) => {
      const entered = await honest.JoinGroup(request);
      return { ...entered, epochAuthenticator: flipped(entered.epochAuthenticator) };
    },
  };
  const summary = await playLocally(
    [localPeer('a', ours('A')), localPeer('b', { ...honest, ...lying })],
    play,
  );
  const found = summary.cells.find(({ actors }) => actors['bob'] === 'B' && actors['alice'] === 'A');
  expect(found?.verdict).toMatchObject({
    outcome: 'failed',
    who: ['alice', 'bob'],
    expected: expect.stringMatching(/^[0-9a-f]{64} at alice \(A parley\)$/),
    found: expect.stringMatching(/^[0-9a-f]{64} at bob \(B parley\)$/),
  });
});

test('a wrong plaintext is noticed, with both texts', async () => {
  const honest = ours('B');
  const summary = await playLocally(
    [
      localPeer('a', ours('A')),
      localPeer('b', {
        ...honest,
        Unprotect: async (request) => {
          const opened = await honest.Unprotect(request);
          return { ...opened, plaintext: flipped(opened.plaintext) };
        },
      }),
      localPeer('c', ours('C')),
    ],
    play,
  );
  expectBlamedOnB(summary);
  const found = summary.cells.find(({ actors }) => actors['alice'] === 'A' && actors['bob'] === 'B');
  expect(found?.verdict).toMatchObject({
    call: 'Unprotect',
    who: ['bob'],
    expected: '"alice speaks"',
    found: '"`lice speaks"',
  });
});

test('a message that is opened twice is noticed', async () => {
  const honest = ours('B');
  const opened = async (request: Request<'Unprotect'>) => honest.Unprotect(request);
  let last: Awaited<ReturnType<Service['Unprotect']>> | undefined;
  const forgetful: Service = {
    ...honest,
    Unprotect: async (request) => {
      last = await opened(request).catch(() => last!);
      return last;
    },
  };
  const summary = await playLocally([localPeer('a', ours('A')), localPeer('b', forgetful)], {
    scripts: ownScripts(/^application\/out-of-order$/),
    suites: [1],
    choose: ({ axes }) => axes.assignment === 'AB',
  });
  expect(summary.cells[0]?.verdict).toMatchObject({ outcome: 'failed', who: ['bob'], expected: 'an error' });
});

test('an implementation that throws is named with its call', async () => {
  const summary = await beside({
    CreateKeyPackage: () => {
      throw new TypeError('no keys today');
    },
    CreateGroup: () => {
      throw new TypeError('no groups today');
    },
  });
  expectBlamedOnB(summary);
  expect(summary.cells.at(1)?.verdict).toMatchObject({
    call: 'CreateKeyPackage',
    status: 'INTERNAL',
    what: 'internal error: TypeError: no keys today',
  });
});

test('one that hangs is given up after three calls, and the others play on', async () => {
  const hanging: Service = {
    ...ours('B'),
    CreateGroup: () => new Promise(() => {}),
    CreateKeyPackage: () => new Promise(() => {}),
  };
  const summary = await served([ours('A'), hanging, ours('C')], (addresses) =>
    playOver(addresses, 1_500, play),
  );
  expect(summary.suspects).toEqual(['B']);
  expect(summary.counts).toEqual({ passed: 4, failed: 3, unsupported: 0, 'not-run': 2 });
  const verdicts = summary.cells.map(({ verdict }) => verdict);
  expect(verdicts.find(({ outcome }) => outcome === 'failed')).toMatchObject({
    call: 'CreateKeyPackage',
    who: ['bob'],
    status: 'DEADLINE_EXCEEDED',
    what: 'no answer within 1500 ms',
  });
  expect(verdicts.find(({ outcome }) => outcome === 'not-run')).toMatchObject({
    because: 'B parley did not answer in time 3 times before',
  });
});
