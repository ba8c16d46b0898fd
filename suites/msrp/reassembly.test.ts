import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { chunksOf, Reassembly, type ReassemblyOutcome } from '../../stack/rcs/msrp/index.ts';
import { octets, text } from './support/frames.ts';

const INCOMPLETE = { kind: 'incomplete' };

describe('reassembly (RFC 4975 sections 5.1 and 7.3.1)', () => {
  it('chunks of several messages, interleaved and in any order, become the messages', () => {
    const messages = fc.array(fc.uint8Array({ minLength: 1, maxLength: 60 }), { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(
        messages,
        fc.integer({ min: 1, max: 20 }),
        fc.infiniteStream(fc.nat(1_000)),
        (all, size, order) => {
          const line = all
            .flatMap((bytes, id) => chunksOf(bytes, size).map((chunk) => ({ id: String(id), chunk })))
            .map((one) => ({ one, at: order.next().value as number }))
            .sort((a, b) => a.at - b.at);
          const reassembly = new Reassembly();
          const whole = new Map<string, Uint8Array>();
          for (const { one } of line) {
            const { range, data, flag } = one.chunk;
            const outcome = reassembly.add(one.id, range, data, flag);
            if (outcome.kind === 'complete') whole.set(one.id, outcome.bytes);
            else expect(outcome).toEqual(INCOMPLETE);
          }
          expect([...whole].sort()).toEqual(all.map((bytes, id) => [String(id), bytes]));
          expect(reassembly.octets).toBe(0);
        },
      ),
    );
  });

  it('what came first stays where chunks overlap, and a repeated chunk changes nothing', () => {
    const reassembly = new Reassembly();
    const add = (start: number, data: string, flag: '+' | '$'): ReassemblyOutcome =>
      reassembly.add('m', { start }, octets(data), flag);
    expect(add(1, 'abcd', '+')).toEqual(INCOMPLETE);
    expect(add(1, 'abcd', '+')).toEqual(INCOMPLETE);
    expect(add(7, 'gh', '$')).toEqual(INCOMPLETE);
    const outcome = add(3, 'XXef', '+');
    expect(outcome.kind === 'complete' && text(outcome.bytes)).toBe('abcdefgh');
  });

  it('the data that came counts, not what Byte-Range announced', () => {
    const outcome = new Reassembly().add('m', { start: 1, end: 25, total: 25 }, octets('Hey Bob'), '$');
    expect(outcome.kind === 'complete' && text(outcome.bytes)).toBe('Hey Bob');
  });

  it('`#` throws away what came (hazard R57)', () => {
    const reassembly = new Reassembly();
    reassembly.add('m', { start: 1, total: 8 }, octets('abcd'), '+');
    expect(reassembly.add('m', { start: 5, total: 8 }, octets(''), '#')).toEqual({ kind: 'aborted' });
    expect(reassembly.octets).toBe(0);
    expect(reassembly.add('m', { start: 5, total: 8 }, octets('efgh'), '$')).toEqual(INCOMPLETE);
  });

  it('a message beyond the limit is refused at its first chunk, and all that follows of it', () => {
    const reassembly = new Reassembly({ octets: 10 });
    expect(reassembly.add('m', { start: 1, total: 11 }, octets('a'), '+')).toEqual({ kind: 'too-large' });
    expect(reassembly.add('m', { start: 2, total: 11 }, octets('b'), '+')).toEqual({ kind: 'too-large' });
    expect(reassembly.add('n', { start: 10 }, octets('ab'), '$')).toEqual({ kind: 'too-large' });
    expect(reassembly.octets).toBe(0);
  });

  it('memory is bounded over messages and over scattered pieces', () => {
    const many = new Reassembly({ octets: 100, allOctets: 150, messages: 3 });
    for (let i = 0; i < 20; i += 1) many.add(`m${i}`, { start: 1 }, new Uint8Array(60), '+');
    expect(many.octets).toBeLessThanOrEqual(150);
    const scattered = new Reassembly({ pieces: 4 });
    const outcomes = [1, 3, 5, 7, 9].map((start) => scattered.add('m', { start }, octets('x'), '+').kind);
    expect(outcomes.at(-1)).toBe('too-large');
  });
});
