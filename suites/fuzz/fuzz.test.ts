import { describe, expect, test } from 'vitest';
import { SeededRandom } from '../../emulators/network/seeded-random.ts';
import { fuzz } from '../../harness/fuzz/fuzz.ts';
import { mutate } from '../../harness/fuzz/mutate.ts';
import { picker } from '../../harness/fuzz/pick.ts';
import { type FuzzTarget, refusedBy } from '../../harness/fuzz/target.ts';

const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);
const attack = (target: Partial<FuzzTarget>) =>
  fuzz(
    {
      name: 'reader',
      kind: 'text',
      corpus: [utf8('Via: a\r\nTo: 12\r\n')],
      attempt: () => 'accepted',
      ...target,
    },
    { inputs: 2_000, random: new SeededRandom('1') },
  );

describe('The fuzzer finds what is planted', () => {
  test('an error that no reader promised, with the input that brings it about', async () => {
    const { findings } = await attack({
      attempt: (input) => {
        if (Buffer.from(input).includes('\0')) throw new TypeError('cannot read of undefined');
        return 'accepted';
      },
    });
    expect(findings.length).toBeGreaterThan(0);
    expect(findings[0]!.what).toBe('TypeError: cannot read of undefined');
    for (const { input } of findings) expect(Buffer.from(input, 'base64').includes(0)).toBe(true);
  });

  test('a corpus that is refused, and a target that no longer works afterwards', async () => {
    const { findings } = await attack({
      attempt: () => 'refused',
      finish: () => {
        throw new Error('the state has changed');
      },
    });
    expect(findings.map(({ what }) => what)).toEqual([
      'an unaltered input is refused',
      'afterwards: Error: the state has changed',
    ]);
  });

  test('only the promised error family counts as a refusal', () => {
    const refuse = (error: Error) =>
      refusedBy([RangeError], () => {
        throw error;
      });
    expect(refuse(new RangeError('too long'))).toBe('refused');
    expect(() => refuse(new TypeError('slip'))).toThrow(TypeError);
  });
});

describe('Mutations', () => {
  const inputs = (seed: string): Uint8Array[] => {
    const pick = picker(new SeededRandom(seed));
    return Array.from({ length: 500 }, () =>
      mutate(utf8('Via: a\r\nTo: 12\r\n'), utf8('CSeq: 1\r\n'), 'text', pick),
    );
  };

  test('are the same for the same seed and others for another', () => {
    expect(inputs('1')).toEqual(inputs('1'));
    expect(inputs('1')).not.toEqual(inputs('2'));
  });

  test('alter most inputs, take lines from elsewhere, and grow at most to 1 MiB', () => {
    const texts = inputs('1').map((input) => Buffer.from(input).toString('latin1'));
    expect(new Set(texts).size).toBeGreaterThan(250);
    expect(texts.some((text) => text.includes('CSeq: 1\r\nTo'))).toBe(true);
    expect(Math.max(...texts.map(({ length }) => length))).toBeLessThanOrEqual(1 << 20);
  });
});
