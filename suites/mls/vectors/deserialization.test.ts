import { expect, it } from 'vitest';
import { Reader } from '../../../stack/mls/reader.ts';
import { fromHex } from '../members.ts';
import { describeVectors } from './load.ts';

describeVectors<{ vlbytes_header: string; length: number }>('deserialization', (vectors) => {
  it.each(vectors)('the length prefix $vlbytes_header means $length', ({ vlbytes_header, length }) => {
    const reader = new Reader(fromHex(vlbytes_header));
    expect(reader.length('header')).toBe(length);
    expect(reader.remaining).toBe(0);
  });
});
