import { expect, test } from 'vitest';
import { exitCode, findNews, type KnownFailure } from '../../harness/run/news.ts';
import type { CellResult, Failure, Outcome } from '../../reports/result.ts';

const TODAY = '2026-06-15';

function result(id: string, outcome: Outcome, extra: Partial<CellResult> = {}): CellResult {
  const numbers = { evidence: 1, durationMs: 1, virtualMs: 1, cryptoMs: 0 };
  return {
    id,
    hash: '0'.repeat(16),
    axes: {},
    outcome,
    failures: [],
    rules: {},
    seed: '1',
    ...numbers,
    ...extra,
  };
}

function failure(rule: string, side: string): Failure {
  const blame = { side, entry: 3, evidence: 'a 200 and no delivery' };
  return { rule, clause: 'RFC 3428', stepIndex: 0, expected: 'delivered', actual: 'sent', blame };
}

/** For these tests an entry matches the cells whose id begins with its `id`. */
const entry = (id: string, outcome: KnownFailure['outcome'], until = '2026-12-31'): KnownFailure => ({
  match: { id },
  outcome,
  because: 'ticket 7',
  until,
});
const matches = ({ match }: KnownFailure, { id }: CellResult) => id.startsWith(String(match['id']));

function judged(results: readonly CellResult[], known: readonly KnownFailure[] = []) {
  const found = findNews(results, [...known], matches, TODAY);
  return { ...found, what: found.news.map(({ what }) => what), exit: exitCode(found.results, found.news) };
}

const failed = (id: string, rule = 'I3-delivery', side = 'carrier:B') => {
  const found = failure(rule, side);
  return result(id, 'failed', { failures: [found], rule, blame: found.blame });
};
const canary = (outcome: Outcome, caught: boolean, failures: readonly Failure[] = []) =>
  result('canary', outcome, { failures, canary: { rule: 'I1-confidentiality', side: 'carrier:B', caught } });

test('passed, unsupported and skipped cells are no news', () => {
  const { news, exit } = judged([result('a', 'passed'), result('b', 'unsupported'), result('c', 'skipped')]);
  expect(news).toEqual([]);
  expect(exit).toBe(0);
});

test('a failure that nobody knows of is news, told by its cause: the rule and the side to blame', () => {
  const { what, exit } = judged([failed('a')]);
  expect(what).toEqual(['new failure: I3-delivery, carrier:B is to blame']);
  expect(exit).toBe(1);
});

test('a known failure is no news, and its result says why', () => {
  const { results, news, exit } = judged([failed('a')], [entry('a', 'failed')]);
  expect(news).toEqual([]);
  expect(results[0]?.known).toEqual({ because: 'ticket 7', until: '2026-12-31' });
  expect(exit).toBe(0);
});

test('the day of `until` still counts; the day after, the failure and the entry are news', () => {
  expect(judged([failed('a')], [entry('a', 'failed', TODAY)]).news).toEqual([]);
  const late = judged([failed('a')], [entry('a', 'failed', '2026-06-14')]);
  expect(late.news).toEqual([
    { id: 'a', what: 'new failure: I3-delivery, carrier:B is to blame' },
    { id: 'known-failures#1', what: 'expired on 2026-06-14: ticket 7' },
  ]);
});

test('an expired entry is news even when no cell fails any more', () => {
  expect(judged([result('a', 'passed')], [entry('a', 'failed', '2026-01-01')]).what).toEqual([
    'expired on 2026-01-01: ticket 7',
  ]);
});

test('a known failure that passes now is news', () => {
  const { what, exit } = judged([result('a', 'passed')], [entry('a', 'failed')]);
  expect(what).toEqual(['known as failed (ticket 7), now passed']);
  expect(exit).toBe(1);
});

test('an entry excuses its own outcome only', () => {
  expect(judged([failed('a')], [entry('a', 'unsupported')]).what[0]).toMatch(/^new failure/);
});

test('a cell that did not run says nothing about what is known of it', () => {
  expect(judged([result('a', 'not-run'), result('ab', 'skipped')], [entry('a', 'failed')]).news).toEqual([]);
});

test('a caught canary is no news; one that passes, or blames another, is', () => {
  expect(judged([canary('failed', true, [failure('I1-confidentiality', 'carrier:B')])]).news).toEqual([]);
  expect(judged([canary('passed', false)]).what).toEqual([
    'canary missed: expected to fail by I1-confidentiality, blaming carrier:B; it is passed',
  ]);
  expect(judged([canary('failed', false, [failure('I1-confidentiality', 'device:bob')])]).what).toEqual([
    'canary misblamed: expected to fail by I1-confidentiality, blaming carrier:B; found I1-confidentiality (device:bob)',
  ]);
});

test('a canary that shows more than was planted says what', () => {
  const planted = failure('I1-confidentiality', 'carrier:B');
  const what = (...failures: Failure[]) => judged([canary('failed', false, failures)]).what[0];
  expect(what(planted, failure('I3-delivery', 'carrier:A'), failure('mls-displayed', 'carrier:B'))).toBe(
    'canary not alone: I1-confidentiality (carrier:B) was found as planted; also found, not expected: I3-delivery (carrier:A)',
  );
  expect(what(failure('I4-agreement', 'carrier:B'), planted)).toMatch(
    /also found, not expected: I4-agreement \(carrier:B\)$/,
  );
});

test('no known failure excuses a canary', () => {
  expect(judged([canary('passed', false)], [entry('canary', 'failed')]).exit).toBe(1);
});

test('an infra-error or a cell not run makes the exit 2, news or not; a known infra-error does not', () => {
  expect(judged([result('a', 'infra-error'), failed('b')]).exit).toBe(2);
  expect(judged([result('a', 'not-run')]).exit).toBe(2);
  expect(judged([result('a', 'infra-error')], [entry('a', 'infra-error')]).exit).toBe(0);
  expect(judged([canary('infra-error', false)]).exit).toBe(2);
});
