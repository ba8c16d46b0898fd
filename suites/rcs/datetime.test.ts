import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatDateTime, parseDateTime } from '../../stack/rcs/datetime.ts';

describe('date-times (RFC 3339 5.8; hazard R47)', () => {
  it.each([
    ['1985-04-12T23:20:50.52Z', Date.UTC(1985, 3, 12, 23, 20, 50, 520)],
    ['1996-12-19T16:39:57-08:00', Date.UTC(1996, 11, 20, 0, 39, 57)],
    ['1990-12-31T23:59:60Z', Date.UTC(1991, 0, 1)],
    ['1937-01-01T12:00:27.87+00:20', Date.UTC(1937, 0, 1, 11, 40, 27, 870)],
    ['2025-05-04T10:00:00', Date.UTC(2025, 4, 4, 10)],
    ['2025-05-04 10:00:00.123456z', Date.UTC(2025, 4, 4, 10, 0, 0, 123)],
    ['2024-02-29T00:00:00+0530', Date.UTC(2024, 1, 28, 18, 30)],
  ])('%s', (text, expected) => {
    expect(parseDateTime(text)).toBe(expected);
  });

  it.each([
    '',
    'yesterday',
    '2025-02-29T00:00:00Z',
    '2025-13-01T00:00:00Z',
    '2025-01-01T24:00:00Z',
    '2025-01-01',
    '1'.repeat(99),
  ])('%j is none', (text) => {
    expect(parseDateTime(text)).toBeUndefined();
  });

  it('are written as Date writes them, and read back', () => {
    fc.assert(
      fc.property(
        fc.date({
          min: new Date('0000-01-01T00:00:00Z'),
          max: new Date('9999-12-31T23:59:59.999Z'),
          noInvalidDate: true,
        }),
        (date) => {
          expect(formatDateTime(date.getTime())).toBe(date.toISOString());
          expect(parseDateTime(date.toISOString())).toBe(date.getTime());
        },
      ),
    );
  });

  it('have four digits of year, no more', () => {
    expect(() => formatDateTime(Date.UTC(10_000, 0, 1))).toThrow(RangeError);
    expect(() => formatDateTime(Number.NaN)).toThrow(RangeError);
  });
});
