import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import type { InteropSummary } from '../../harness/mls-interop/run/summary.ts';
import { parley } from '../cli/command-line.ts';
import { ours, served } from './support/clients.ts';

const folder = mkdtempSync(join(tmpdir(), 'parley-mls-interop-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const small = join(folder, 'small.yaml');
writeFileSync(
  small,
  `title: small
scripts:
  - name: one
    title: one
    handshake: [public]
    steps:
      - create-group: { who: alice }
      - commit: { from: alice, values: [{ add: bob }] }
      - everyone-speaks: {}
`,
);

/** `parley mls-client` in a process of its own, and what it says of itself. */
async function mlsClient(): Promise<{ address: string; stop: () => Promise<number | null> }> {
  const cli = join(import.meta.dirname, '../../harness/cli/parley.ts');
  const child = spawn(process.execPath, [cli, 'mls-client', '--port', '0'], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const address = await new Promise<string>((resolve, reject) => {
    let said = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      said += text;
      const found = /serving MLSClient on (\S+)\n/.exec(said);
      if (found) resolve(found[1]!);
    });
    child.on('exit', (code) => reject(new Error(`mls-client ended with ${code}: ${said}`)));
  });
  const stop = () =>
    new Promise<number | null>((resolve) => {
      child.removeAllListeners('exit').on('exit', resolve);
      child.kill('SIGTERM');
    });
  return { address, stop };
}

test('mls-client serves in a process of its own, and ends with 0 when asked to', async () => {
  const [first, second] = await Promise.all([mlsClient(), mlsClient()]);
  const argv = ['mls-interop', '--client', first.address, '--client', second.address, '--script', small];
  const said = await parley(...argv, '--suite', '2');
  const codes = await Promise.all([first.stop(), second.stop()]);
  expect(said.out).toMatch(
    /\n2 actors +AA {2}AB {2}BA {2}BB\nsmall\/one +suite 2 +public +tree inside +\+ +\+ +\+ +\+\n/,
  );
  expect(said.out).toMatch(/\n4 passed\n$/);
  expect([said.code, ...codes]).toEqual([0, 0, 0]);
});

test('failures are told in the matrix and by exit code 1', async () => {
  const honest = ours('B');
  const lying = {
    ...honest,
    Export: () => ({ exportedSecret: Uint8Array.of(1, 2, 3) }),
  };
  const said = await served([ours('A'), lying], (addresses) =>
    parley(
      'mls-interop',
      ...addresses.flatMap((address) => ['--client', address]),
      '--script',
      small,
      '--suite',
      '1',
    ),
  );
  expect(said.code).toBe(1);
  expect(said.out).toMatch(/small\/one +suite 1 +public +tree inside +\+ +X +X +\+\n/);
  expect(said.out).toMatch(
    /failed assignment=AB,handshake=public,script=small\/one,suite=1,tree=inside\n {2}step 2 commit, \S+small\.yaml:8 scripts\[0\]\.steps\[1\]\.commit\n {2}Export at alice \(A parley\), bob \(B parley\): members do not agree on the exported secret\n {2}expected [0-9a-f]{64} at alice \(A parley\)\n {2}found {4}010203 at bob \(B parley\)\n/,
  );
});

test('--json gives every cell, and filters choose among them', async () => {
  const said = await served([ours()], ([address]) =>
    parley(
      'mls-interop',
      '--client',
      address!,
      '--filter',
      'script=branch/*,handshake=private,suite=2',
      '--json',
    ),
  );
  const summary = JSON.parse(said.out) as InteropSummary;
  expect(said.code).toBe(0);
  expect(summary.counts).toEqual({ passed: 3, failed: 0, unsupported: 0, 'not-run': 0 });
  expect(summary.cells[0]).toEqual({
    id: 'assignment=AAA,handshake=private,script=branch/some-of-the-members,suite=2,tree=inside',
    script: 'branch/some-of-the-members',
    suite: 2,
    handshake: 'private',
    tree: 'inside',
    actors: { alice: 'A', bob: 'A', charlie: 'A' },
    verdict: { outcome: 'passed' },
  });
});

test('nobody there, nothing to run, a wrong file: exit code 2', async () => {
  const nobody = await parley('mls-interop', '--client', '127.0.0.1:1', '--script', small, '--timeout', '2');
  expect(nobody.code).toBe(2);
  expect(nobody.err).toMatch(/^parley: no client at 127\.0\.0\.1:1: /);
  const none = await served([ours()], ([address]) =>
    parley('mls-interop', '--client', address!, '--script', small, '--suite', '99'),
  );
  expect(none.code).toBe(2);
  expect(none.out).toMatch(
    /1 {2}unsupported small\/one: suite 99 is not in SupportedCiphersuites \[A parley\]\n/,
  );
  const missing = await parley(
    'mls-interop',
    '--client',
    '127.0.0.1:1',
    '--script',
    join(folder, 'none.yaml'),
  );
  expect(missing.code).toBe(2);
  expect(missing.err).toMatch(/none\.yaml: no such file\n$/);
});

test('wrong usage: exit code 64', async () => {
  expect((await parley('mls-interop')).code).toBe(64);
  expect((await parley('mls-client', '--port', '70000')).code).toBe(64);
  expect((await parley('mls-client')).err).toMatch(/--port/);
  const filter = await served([ours()], ([address]) =>
    parley('mls-interop', '--client', address!, '--script', small, '--filter', 'script=other'),
  );
  expect(filter).toMatchObject({ code: 64, err: expect.stringMatching(/no cell has script=other/) });
});

test('a port that is taken is told, not thrown', async () => {
  const said = await served([ours()], ([address]) => parley('mls-client', '--port', address!.split(':')[1]!));
  expect(said.code).toBe(64);
  expect(said.err).toMatch(/^parley: can't listen on 127\.0\.0\.1:\d+: /);
});
