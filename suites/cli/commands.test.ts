import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { RunSummary } from '../../reports/result.ts';
import { parley, type Said } from './command-line.ts';

const out = mkdtempSync(join(tmpdir(), 'parley-commands-'));
afterAll(() => rmSync(out, { recursive: true, force: true }));

describe('parley run', () => {
  // Recipients whose cells pass or fail over the fake runtime, at once.
  const filter = 'recipient!=joyn-android,recipient!=iphone-up24,recipient!=galaxy-up24';
  let said: Said;
  beforeAll(async () => {
    said = await parley('run', '--plan', 'smoke', '--filter', filter, '--out', out, '--jobs', '2');
  }, 60_000);

  test('ends with counts, canaries and where the report is', () => {
    expect(said.out).toMatch(/\n {2}passed +\d+\n {2}failed +\d+\n/);
    expect(said.out).toMatch(/\n {2}canaries +2 of 2 caught\n/);
    expect(said.out).toMatch(/^parley run: plan smoke, \d+ cells \+ 2 canaries, 2 at a time\n/);
    expect(said.out).toMatch(/Unsupported because\n +\d+ {2}aosp-sms declares no RCS\n/);
    expect(said.out).toMatch(
      /Only a part of the plan: filter recipient!=.*latest leads to it until the next run/,
    );
    expect(said.out).toMatch(/Report: .*index\.html {2}\(\d/);
  });

  test('says what the exit code says', () => {
    const summary = JSON.parse(readFileSync(join(out, 'latest/summary.json'), 'utf8')) as RunSummary;
    expect(said.code).toBe(summary.exitCode);
    expect(summary.filter).toBe(filter);
    if (summary.news.length === 0) expect(said.out).toContain('No news: nothing new failed.');
    else expect(said.out).toMatch(/npx parley replay .*case\.yaml/);
  });

  test('tells a screenless log how far it is, without moving the cursor', () => {
    expect(said.err).toMatch(/(\d+)\/\1 done, \d+ gone wrong\n$/);
    expect(said.err).not.toContain('\r');
    expect(said.err).not.toContain('\u001b');
  });

  test('the shards of a plan have every cell once, and all canaries each', async () => {
    const ids: string[] = [];
    for (const shard of ['1/2', '2/2']) {
      const part = await parley(
        'run',
        '--plan',
        'smoke',
        '--filter',
        filter,
        '--shard',
        shard,
        '--out',
        join(out, shard),
        '--json',
      );
      const summary = JSON.parse(part.out) as RunSummary;
      expect(summary.canaries).toEqual({ planted: 2, caught: 2 });
      expect(summary.shard).toBe(shard);
      ids.push(
        ...readdirSync(join(out, shard, summary.run, 'cases')).filter((id) => !id.startsWith('canary=')),
      );
    }
    const whole = readdirSync(join(out, 'latest/cases')).filter((id) => !id.startsWith('canary='));
    expect(ids.sort()).toEqual(whole);
  }, 60_000);

  describe('and parley replay of one of its cells', () => {
    const cell = () => readdirSync(join(out, 'latest/cases')).find((id) => id.startsWith('carrier'))!;
    const caseFile = () => join(out, 'latest/cases', cell(), 'case.yaml');

    test('reproduces the trace byte for byte and says so', async () => {
      const again = await parley('replay', caseFile(), '--out', join(out, 'again'));
      expect(again.out).toMatch(/Byte-identical to the recorded trace \(\d+ bytes\)/);
      const traces = [join(out, 'again/trace.jsonl'), join(out, 'latest/cases', cell(), 'trace.jsonl')];
      expect(readFileSync(traces[0]!)).toEqual(readFileSync(traces[1]!));
      expect(again.out).toContain('alice -> A sip');
      expect(again.out.indexOf('Steps\n')).toBeLessThan(again.out.indexOf('Frames '));
    });

    test('tells the root cause before the steps and marks the deviation once', async () => {
      const canaryId = readdirSync(join(out, 'latest/cases')).find((id) => id.startsWith('canary='))!;
      const again = await parley(
        'replay',
        join(out, 'latest/cases', canaryId, 'case.yaml'),
        '--out',
        join(out, 'c'),
      );
      expect(again.code).toBe(0);
      const lines = again.out.split('\n');
      expect(lines[3]).toMatch(/^as planned: I1-confidentiality, carrier:B is to blame/);
      expect(again.out).not.toMatch(/^failed/m);
      const block = lines
        .slice(lines.indexOf('Root cause (the earliest failure)'), lines.indexOf('Steps'))
        .join('\n');
      for (const row of ['rule', 'clause', 'step', 'expected', 'actual', 'to blame', 'evidence']) {
        expect(block).toMatch(new RegExp(`^ +${row} +\\S`, 'm'));
      }
      expect(block).toMatch(/^>> +#\d+ +640 +A sip -> alice/m);
      expect(again.out.match(/<- the first deviation/g)).toHaveLength(1);
    });

    test('says where the traces part when they do', async () => {
      const trace = join(out, 'latest/cases', cell(), 'trace.jsonl');
      const text = readFileSync(trace, 'utf8');
      writeFileSync(trace, text.replace('"n":6,"t":40', '"n":6,"t":41'));
      const again = await parley('replay', caseFile(), '--out', join(out, 'again'), '--json');
      expect((JSON.parse(again.out) as { comparison: object }).comparison).toMatchObject({
        kind: 'different',
        line: 7,
      });
      writeFileSync(trace, text);
    });

    test('refuses to overwrite the trace it compares with', async () => {
      const again = await parley('replay', caseFile(), '--out', join(out, 'latest/cases', cell()));
      expect(again).toMatchObject({ code: 64 });
      expect(again.err).toContain('holds the recorded trace');
    });
  });
});

describe('parley list', () => {
  test.each(['plans', 'devices', 'carriers', 'networks', 'policies', 'scenarios', 'quirks'])(
    '%s by name, as a table and as JSON',
    async (what) => {
      const names = (JSON.parse((await parley('list', what, '--json')).out) as { name: string }[]).map(
        ({ name }) => name,
      );
      const lines = (await parley('list', what)).out.trimEnd().split('\n');
      expect(lines.map((line) => line.split(' ')[0])).toEqual(names);
    },
  );

  test('cells by id, of which a filter keeps some', async () => {
    const said = await parley('list', 'cells', '--plan', 'smoke', '--filter', 'scenario=onboarding');
    const ids = said.out.trimEnd().split('\n');
    const cells = ids.filter((id) => !id.startsWith('canary='));
    expect(cells.length).toBeGreaterThan(0);
    for (const id of cells) expect(id).toContain('scenario=onboarding');
  });
});

test('parley matrix coverage counts what the plan promises', async () => {
  const said = await parley('matrix', 'coverage', '--plan', 'smoke', '--json');
  expect(said.code).toBe(0);
  expect(JSON.parse(said.out)).toMatchObject([{ plan: 'smoke', canaries: 2 }]);
});
