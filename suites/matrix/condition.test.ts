import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ConditionError, decide, describeMatcher, explainMismatch, matches } from '../../matrix/index.ts';
import type { Condition, Matcher } from '../../matrix/schema/condition.ts';

const facts = {
  'sender.mls': 'present',
  'policy.readReceipts': true,
  'network.access.latency': 450,
  scenario: 'one-to-one',
};

describe('a condition', () => {
  test.each([
    [{}, true],
    [{ 'sender.mls': 'present' }, true],
    [{ 'sender.mls': 'absent' }, false],
    [{ 'sender.mls': ['absent', 'present'] }, true],
    [{ 'sender.mls': { not: 'absent' } }, true],
    [{ scenario: { not: ['one-to-one', 'onboarding'] } }, false],
    [{ scenario: { not: { not: 'one-to-one' } } }, true],
    [{ 'policy.readReceipts': true, 'sender.mls': 'absent' }, false],
    [{ 'network.access.latency': { min: 450 } }, true],
    [{ 'network.access.latency': { max: 449 } }, false],
    [{ 'network.access.latency': { min: 100, max: 450 } }, true],
    [{ 'network.access.latency': { not: { min: 100 } } }, false],
  ])('%j is %s', (condition, holds) => {
    expect(matches(condition, facts)).toBe(holds);
    expect(explainMismatch(condition, facts) === undefined).toBe(holds);
  });

  test('that fails says which entry failed first, what it wanted and what it found', () => {
    const condition = {
      'sender.mls': 'present',
      scenario: { not: ['one-to-one', 'onboarding'] },
      'policy.readReceipts': false,
    };
    expect(explainMismatch(condition, facts)).toBe(
      'scenario is one-to-one, not anything but one-to-one or onboarding',
    );
  });

  test('over a fact that is not there is an error, not a mismatch, also behind an entry that fails', () => {
    expect(() => matches({ 'sender.msl': 'present' }, facts)).toThrow(
      new ConditionError('sender.msl', 'no fact is called sender.msl', 'sender.mls'),
    );
    expect(() => matches({ constructor: 'x' }, facts)).toThrow(ConditionError);
  });

  test('over values of another type than the fact is an error', () => {
    expect(() => matches({ 'policy.readReceipts': 'true' }, facts)).toThrow(
      /is a boolean \(here true\) and can't be compared with the string true/,
    );
    expect(() => matches({ 'network.access.latency': { not: ['450'] } }, facts)).toThrow(ConditionError);
    expect(() => matches({ scenario: { min: 1 } }, facts)).toThrow(ConditionError);
  });
});

test('{ not: M } holds exactly where M does not', () => {
  const matcher: fc.Arbitrary<Matcher> = fc.oneof(fc.string(), fc.array(fc.string(), { minLength: 1 }));
  fc.assert(
    fc.property(matcher, fc.string(), (wanted, found) => {
      expect(matches({ fact: { not: wanted } }, { fact: found })).toBe(
        !matches({ fact: wanted }, { fact: found }),
      );
    }),
  );
});

test.each([
  ['lte', 'lte'],
  [['lte', 'wifi'], 'lte or wifi'],
  [{ not: 'lte' }, 'anything but lte'],
  [{ min: 1 }, 'at least 1'],
  [{ max: 2 }, 'at most 2'],
  [{ min: 1, max: 2 }, 'between 1 and 2'],
] as const)('%j reads "%s"', (matcher, text) => {
  expect(describeMatcher(matcher)).toBe(text);
});

test('in a decision table the first rule that holds wins, and says why those above it do not', () => {
  const rules: { rule: string; when: Condition }[] = [
    { rule: 'a', when: { 'sender.mls': 'absent' } },
    { rule: 'b', when: { scenario: 'one-to-one' } },
    { rule: 'c', when: {} },
  ];
  expect(decide(rules, facts)).toEqual({
    rule: rules[1],
    passedOver: [{ rule: 'a', because: 'sender.mls is present, not absent' }],
  });
  expect(decide(rules.slice(0, 1), facts)).toBeUndefined();
});
