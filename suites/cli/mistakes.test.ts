import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { expandPlan, loadMatrix, writeCase } from '../../matrix/index.ts';
import { parley, type Said } from './command-line.ts';

const scratch = mkdtempSync(join(tmpdir(), 'parley-cli-'));
const matrix = join(scratch, 'matrix');
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

function oneClearLine(said: Said, code: number, text: string | RegExp) {
  expect(said.code, said.err).toBe(code);
  expect(said.err).toMatch(/^parley: .*\n$/);
  expect(said.err).toMatch(text);
  expect(said.err, 'a stack trace').not.toMatch(/\n\s+at /);
  expect(said.out).toBe('');
}

describe('A mistake on the command line is one clear line and exit 64', () => {
  test.each<[string, string[], string]>([
    ['a misspelt verb', ['rnu'], "unknown command 'rnu' (Did you mean run?)"],
    ['a misspelt flag', ['run', '--plam', 'x'], "unknown option '--plam' (Did you mean --plan?)"],
    ['a flag without its value', ['run', '--plan'], "option '--plan <name>' argument missing"],
    ['an unknown plan', ['run', '--plan', 'smok'], 'no plan is called "smok" (did you mean "smoke"?)'],
    [
      'an unknown axis',
      ['run', '--plan', 'smoke', '--filter', 'sendr=x'],
      'no axis "sendr" (did you mean "sender"?)',
    ],
    [
      'a filter that fits nothing',
      ['list', 'cells', '--plan', 'smoke', '--filter', 'sender=*-nokia'],
      'no cell matches',
    ],
    ['no number of jobs', ['run', '--jobs', '0'], 'It must be a whole number from 1 to 256'],
    ['no shard', ['run', '--plan', 'smoke', '--shard', '3/2'], '"3/2" is not i/n with 1 <= i <= n'],
    ['a seed with a line end', ['run', '--seed', 'a\nb'], 'It must be 1 to 64 letters'],
    ['an unknown kind of thing', ['list', 'phones'], 'Allowed choices are plans, drills, devices'],
    ['a missing argument', ['replay'], "missing required argument 'file'"],
    ['an argument too many', ['replay', 'a', 'b'], 'too many arguments'],
    [
      'an unknown cell',
      ['matrix', 'explain', 'sender=x', '--plan', 'smoke'],
      'no cell of plan smoke has the id "sender=x"',
    ],
  ])('%s', async (_what, argv, message) => {
    const said = await parley(...argv);
    expect(said.code, said.err).toBe(64);
    expect(said.err.split('\n')).toHaveLength(2);
    expect(said.err).toContain(message);
  });
});

describe('A phone whose MLS engine is not supplied is one clear line that names --engines, and exit 2', () => {
  test.each<[string, string[], string]>([
    ['run', ['run', '--plan', 'engines'], 'no MLS engine is called ts-mls'],
    [
      'run with an empty module',
      ['run', '--plan', 'engines', '--engines', 'matrix/index.ts'],
      'exports no "engines"',
    ],
    [
      'run with a module that is not there',
      ['run', '--plan', 'engines', '--engines', 'no.ts'],
      "can't be loaded",
    ],
  ])('%s', async (_what, argv, message) => {
    const said = await parley(...argv, '--out', join(scratch, 'never'));
    oneClearLine(said, 2, message);
    expect(said.err).toContain('--engines');
  });

  test('replay', async () => {
    const { cells } = expandPlan(loadMatrix(), loadMatrix().plans.get('engines')!);
    const file = join(scratch, 'engine-case.yaml');
    writeFileSync(file, writeCase(cells.find(({ axes }) => axes['senderEngine'] === 'ts-mls')!));
    oneClearLine(await parley('replay', file), 2, 'no MLS engine is called ts-mls');
  });
});

describe('A mistake in a file is one clear line with file, line and field, and exit 2', () => {
  beforeEach(() => {
    rmSync(matrix, { recursive: true, force: true });
    cpSync('matrix', matrix, { recursive: true });
  });
  const device = join(matrix, 'devices/pixel-up30.yaml');
  const edit = (from: string | RegExp, to: string) =>
    writeFileSync(device, readFileSync(device, 'utf8').replace(from, to));

  test('a misspelt field of a device', async () => {
    edit('keyPackages:', 'keyPackagse:');
    const said = await parley('matrix', 'check', '--matrix', matrix);
    expect(said.code).toBe(2);
    expect(said.err).toMatch(
      /matrix\/devices\/pixel-up30\.yaml:\d+:\d+ mls\.keyPackagse: .*did you mean "keyPackages"/,
    );
    expect(said.err).not.toMatch(/\n\s+at /);
  });

  test('a device file that is cut short', async () => {
    edit(/capabilities: \[[\s\S]*$/, 'capabilities: [chat,');
    const said = await parley('run', '--matrix', matrix, '--out', join(scratch, 'out'));
    expect(said.code).toBe(2);
    expect(said.err).toMatch(/matrix\/devices\/pixel-up30\.yaml:\d+:\d+/);
    expect(said.err).not.toMatch(/\n\s+at /);
  });

  test('no matrix at all', async () => {
    const said = await parley('list', 'devices', '--matrix', join(scratch, 'nowhere'));
    expect(said.code).toBe(2);
    expect(said.err).toContain('no such folder');
  });
});

test('a case file from nowhere, a folder, and one that is no case are wrong usage', async () => {
  oneClearLine(await parley('replay', join(scratch, 'none.yaml')), 64, /none\.yaml: no such file/);
  oneClearLine(await parley('replay', scratch), 64, /a folder, not a file/);
  oneClearLine(await parley('matrix', 'explain', scratch), 64, /a folder, not a file/);
  const path = join(scratch, 'bad.yaml');
  writeFileSync(path, '- 1\n- 2\n');
  oneClearLine(await parley('replay', path), 64, /bad\.yaml/);
  expect((await parley('replay', '--help')).out).toContain('64 FILE is not there');
});

test('help and version go to standard output and are no mistake', async () => {
  const help = await parley('run', '--help');
  expect(help).toMatchObject({ code: 0, err: '' });
  expect(help.out).toContain("parley run --filter 'scenario=one-to-one,sender=pixel-*,network!=lte'");
  expect((await parley('--version')).out).toMatch(/^\d+\.\d+\.\d+\n$/);
});
