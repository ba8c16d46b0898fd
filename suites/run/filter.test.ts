import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseFilter } from '../../harness/run/filter.ts';
import { inShard, parseShard } from '../../harness/run/shard.ts';
import { UsageError } from '../../harness/run/usage-error.ts';

const cells: readonly { readonly axes: Readonly<Record<string, string>> }[] = [
  { axes: { scenario: 'one-to-one', sender: 'pixel-up30', network: 'lte' } },
  { axes: { scenario: 'one-to-one', sender: 'joyn-ios', network: 'wifi-lossy' } },
  { axes: { scenario: 'onboarding', sender: 'pixel-up30', network: 'wifi-lossy' } },
  { axes: { scenario: 'onboarding', sender: 'pixel-up24', network: 'lte', canary: 'leak' } },
];
const kept = (expression: string) => {
  const passes = parseFilter(expression, cells);
  return cells.flatMap(({ axes }, index) => (passes(axes) ? [index] : []));
};

test.each([
  ['sender=pixel-up30', [0, 2]],
  ['sender=pixel-*', [0, 2, 3]],
  ['sender=pixel-up?4', [3]],
  ['sender!=pixel-*', [1]],
  ['scenario=one-to-one,network=lte', [0]],
  [' scenario = onboarding , network != lte ', [2]],
  ['canary!=leak', [0, 1, 2]],
  ['sender=*.*', []],
])('%s keeps cells %j', (expression, expected) => {
  expect(kept(expression)).toEqual(expected);
});

test.each([
  ['sendr=pixel-up30', 'no axis "sendr" (did you mean "sender"?)'],
  ['sender', '"sender" is not a term such as axis=value'],
  ['sender=', '"sender=" is not a term'],
  ['', '"" is not a term'],
  ['sender=joyn-ios,', '"" is not a term'],
  ['sender=pixel-up31', 'no cell has sender=pixel-up31 (did you mean "pixel-up30"?)'],
])('%j is a usage error that says: %s', (expression, message) => {
  expect(() => kept(expression)).toThrow(UsageError);
  expect(() => kept(expression)).toThrow(message);
});

test('a cell id is a filter for that cell', () => {
  const id = Object.entries(cells[2]!.axes).map(([axis, value]) => `${axis}=${value}`);
  expect(kept(id.join(','))).toEqual([2]);
});

test('every id is in exactly one of n shards, whatever other ids there are', () => {
  fc.assert(
    fc.property(fc.string(), fc.integer({ min: 1, max: 20 }), (id, of) => {
      const homes = Array.from({ length: of }, (_, i) => inShard(id, { index: i + 1, of })).filter(Boolean);
      expect(homes).toHaveLength(1);
    }),
  );
});

test.each(['0/3', '4/3', '1', '1/0', '-1/3', 'a/b', '1/3/5', ''])('shard "%s" is a usage error', (text) => {
  expect(() => parseShard(text)).toThrow(UsageError);
});

test('shard 2/3 is the second of three', () => {
  expect(parseShard('2/3')).toEqual({ index: 2, of: 3 });
});
