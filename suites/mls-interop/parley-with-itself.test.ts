import { expect, test } from 'vitest';
import { localPeer } from '../../harness/mls-interop/peer.ts';
import { ours, ownScripts, served } from './support/clients.ts';
import { alternating, notPassed, playLocally, playOver } from './support/play.ts';

test.each([1, 2])('two of our clients play every script in every form, suite %i', async (suite) => {
  const summary = await playLocally([localPeer('one', ours('one')), localPeer('two', ours('two'))], {
    scripts: ownScripts(),
    suites: [suite],
    choose: (cell) => alternating(cell) && cell.axes.assignment.startsWith('A'),
  });
  expect(notPassed(summary)).toEqual([]);
  expect(new Set(summary.cells.map(({ script }) => script)).size).toBe(ownScripts().length);
});

test('and over gRPC', async () => {
  const summary = await served([ours('one'), ours('two')], (addresses) =>
    playOver(addresses, 20_000, {
      scripts: ownScripts(/^(?!random\/)/),
      suites: [2],
      choose: (cell) =>
        alternating(cell) &&
        cell.axes.assignment.startsWith('A') &&
        cell.handshake === cell.script.handshake.at(-1) &&
        cell.tree === cell.script.tree.at(-1),
    }),
  );
  expect(notPassed(summary)).toEqual([]);
  expect(new Set(summary.cells.map(({ script }) => script)).size).toBe(ownScripts(/^(?!random\/)/).length);
});

test.each([3, 4, 5, 6, 7])('every kind of call in suite %i', async (suite) => {
  const scripts = ownScripts(
    /^(commit\/update|external-join\/remove-prior|external-proposals\/signer-adds|reinit\/one-does-it-all|branch\/all-members)$/,
  );
  const summary = await playLocally([localPeer('one', ours())], {
    scripts,
    suites: [suite],
    choose: ({ handshake, tree }) => handshake === 'private' && tree === 'inside',
  });
  expect(notPassed(summary)).toEqual([]);
  expect(summary.counts.passed).toBe(scripts.length);
});
