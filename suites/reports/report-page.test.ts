import { randomBytes } from 'node:crypto';
import { inflateRawSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { reportPage } from '../../reports/html/page.ts';
import { reportData } from '../../reports/html/report-data.ts';
import type { CellResult, RunSummary } from '../../reports/result.ts';
import type { TraceEntry } from '../../reports/trace.ts';

const summary: RunSummary = {
  run: 'r',
  plan: 'p',
  seed: '1',
  versions: {},
  startedAt: '2026-01-01T00:00:00.000Z',
  wallMs: 1,
  cells: 1,
  counts: { passed: 0, failed: 1, unsupported: 0, skipped: 0, 'infra-error': 0, 'not-run': 0 },
  canaries: { planted: 0, caught: 0 },
  news: [],
  rules: {},
  removed: [],
  exitCode: 0,
};
const cell = (id: string, outcome: CellResult['outcome']): CellResult => ({
  id,
  hash: '',
  axes: { sender: id },
  outcome,
  failures: [],
  rules: {},
  evidence: 0,
  durationMs: 1,
  virtualMs: 1,
  cryptoMs: 0,
  seed: '1',
});
/** `count` frames of 4 kB each, as hard to pack as ciphertext. */
const frames = (count: number): TraceEntry[] =>
  Array.from({ length: count }, (_, n) => ({
    n,
    t: n,
    kind: 'frame',
    protocol: 'tls',
    from: 'a',
    to: 'b',
    fromPort: 1,
    toPort: 2,
    connection: 1,
    event: 'data',
    fate: 'delivered',
    link: 'l',
    bytes: { base64: randomBytes(4_096).toString('base64') },
  }));
const unpack = (packed: string | undefined) =>
  JSON.parse(inflateRawSync(Buffer.from(packed!, 'base64')).toString()) as {
    bytes: boolean;
    omitted: number;
  };

test('nothing in the data can end its block or begin a script', () => {
  const evil = '</script><script>alert(1)</script><!--';
  const page = reportPage(
    reportData(summary, 'out/r', [{ ...cell('a', 'failed'), reason: evil }], () => undefined),
  );
  expect(page).not.toContain(evil);
  expect(page.match(/<script/g)).toHaveLength(2);
});

test('the page allows its own script and style by digest and nothing else', () => {
  const page = reportPage(reportData(summary, 'out/r', [], () => undefined));
  const policy = /Content-Security-Policy" content="([^"]+)"/.exec(page)?.[1];
  expect(policy).toMatch(/^default-src 'none'; script-src 'sha256-[^']+'; style-src 'sha256-[^']+';/);
  expect(policy).not.toContain('unsafe');
  expect(page).not.toMatch(/(src|href)="(?!data:)/);
});

test('many cells with long traces stay within what a browser opens with ease', () => {
  const cells = Array.from({ length: 400 }, (_, i) => cell(`c${i}`, i % 2 === 0 ? 'passed' : 'failed'));
  const trace = frames(100);
  const data = reportData(summary, 'out/r', cells, () => trace);
  expect(data.details.size).toBe(400);
  expect(reportPage(data).length).toBeLessThan(13_000_000);
});

test('when there is no room for all bytes, those of failures come before those of what passed', () => {
  const cells = [...Array.from({ length: 60 }, (_, i) => cell(`p${i}`, 'passed')), cell('f', 'failed')];
  const trace = frames(100);
  const data = reportData(summary, 'out/r', cells, () => trace);
  expect(unpack(data.details.get(60))).toMatchObject({ bytes: true, omitted: 0 });
  expect(unpack(data.details.get(0))).toMatchObject({ bytes: true });
  expect(unpack(data.details.get(59))).toMatchObject({ bytes: false });
});

test('of a very long trace the page shows the beginning and says how much is left out', () => {
  const trace = frames(1).flatMap((frame) => Array.from({ length: 1_700 }, (_, n) => ({ ...frame, n })));
  const data = reportData(summary, 'out/r', [cell('a', 'passed')], () => trace);
  expect(unpack(data.details.get(0))).toMatchObject({ omitted: 200 });
});
