import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { stableJson } from '../../reports/stable-json.ts';
import type { TraceEntry } from '../../reports/trace.ts';
import { parseTrace, TraceFileError, traceBytes, traceLine, writeTrace } from '../../reports/trace-lines.ts';

const step: TraceEntry = { t: 5, kind: 'step', index: 0, step: { register: { who: 'alice' } }, n: 0 };

test('a line does not depend on the order in which an entry was put together', () => {
  const { n, t, kind, index, step: data } = step as Extract<TraceEntry, { kind: 'step' }>;
  expect(traceLine({ step: data, index, kind, t, n })).toBe(traceLine(step));
  expect(traceLine(step)).toBe('{"n":0,"t":5,"kind":"step","index":0,"step":{"register":{"who":"alice"}}}');
});

test('any JSON value comes back from its stable form, and key order never shows', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const plain = JSON.parse(JSON.stringify(value)) as unknown;
      expect(JSON.parse(stableJson(value))).toEqual(plain);
    }),
  );
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (record) => {
      const turned = Object.fromEntries(Object.entries(record).reverse());
      expect(stableJson(turned)).toBe(stableJson(record));
    }),
  );
});

test('a written trace is read back whole', () => {
  const trace: TraceEntry[] = [
    step,
    { n: 1, t: 9, kind: 'store', side: 'carrier:A', key: 'queue', bytes: { base64: '/wA=' } },
    { n: 2, t: 9, kind: 'error', stepIndex: 0, message: 'line\nbreak \u2028 and "quotes"' },
  ];
  expect(writeTrace(trace).split('\n')).toHaveLength(4);
  expect(parseTrace(writeTrace(trace))).toEqual(trace);
});

describe('What is no trace is refused with the line', () => {
  const line = traceLine(step);
  test.each([
    ['cut short', `${line}\n${line.slice(0, 20)}`, 'line 2: not JSON; the file may be cut short'],
    ['no object', '[1]\n', 'line 1: not a JSON object'],
    ['of no known kind', '{"n":0,"t":0,"kind":"frmae"}\n', 'line 1: kind is "frmae", expected world, step'],
    ['out of order', `${line}\n${line}\n`, 'line 2: n is 0, expected 1'],
  ])('%s', (_what, text, message) => {
    expect(() => parseTrace(text)).toThrow(TraceFileError);
    expect(() => parseTrace(text)).toThrow(message);
  });
});

test('recorded octets come back from text and from base64', () => {
  expect(traceBytes({ text: 'é' })).toEqual(Uint8Array.of(0xc3, 0xa9));
  expect(traceBytes({ base64: 'AP8=' })).toEqual(Uint8Array.of(0, 0xff));
});
