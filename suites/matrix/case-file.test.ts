import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { caseHash, caseId, loadCaseFile, MatrixError, parseCase, writeCase } from '../../matrix/index.ts';
import { caseWith, expansionOf } from './support/build.ts';

describe('a case file', () => {
  test('is the whole case: what is read back is the same, byte for byte when written again', () => {
    for (const cell of expansionOf('smoke').cells) {
      const text = writeCase(cell);
      const back = parseCase(text, 'case.yaml');
      expect(back).toEqual(cell);
      expect(writeCase(back)).toBe(text);
      expect(caseHash(back)).toBe(caseHash(cell));
    }
  });

  test('keeps any text of a message', () => {
    const cell = caseWith({});
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (text) => {
        const send = { message: 'any', from: 'alice', to: 'bob', text, requirement: 'any' } as const;
        const case_ = { ...cell, steps: [{ send }] };
        expect(parseCase(writeCase(case_), 'case.yaml')).toEqual(case_);
      }),
      { numRuns: 50 },
    );
  });

  test('does not depend on the order in which axes, roles and fields were made', () => {
    const cell = caseWith({});
    const turned = Object.fromEntries(Object.entries(cell).reverse()) as typeof cell;
    const other = {
      ...turned,
      axes: Object.fromEntries(Object.entries(cell.axes).reverse()),
      roles: Object.fromEntries(Object.entries(cell.roles).reverse()),
    };
    expect(writeCase(other)).toBe(writeCase(cell));
    expect(caseHash(other)).toBe(caseHash(cell));
  });

  test('from nowhere, or that is a folder, is one clear line', () => {
    expect(() => loadCaseFile('/nowhere/case.yaml')).toThrow(
      new MatrixError([{ file: '/nowhere/case.yaml', field: '', message: 'no such file' }]),
    );
    expect(() => loadCaseFile(import.meta.dirname)).toThrow('a folder, not a file');
  });

  test.each([
    [
      'a role that nobody plays',
      /who: alice/,
      'who: alise',
      /steps\[0\]\.provision\.who: nobody plays the role "alise".*did you mean "alice"\?$/,
    ],
    [
      'two phones with one number',
      '+999900200002',
      '+999900100001',
      /roles\.bob\.msisdn: \+999900100001 is alice's number$/,
    ],
    ['no phone on a carrier', 'carrier: B', 'carrier: A', /roles: no role has its phone on carrier B$/],
    ['a carrier that is none', 'carrier: B', 'carrier: C', /roles\.bob\.carrier: "C" is not one of A, B/],
    ['a seed that is missing', /seed: .*\n/, '', /seed: missing; a string is required$/],
  ])('with %s is refused', (_what, from, to, message) => {
    const spoilt = writeCase(caseWith({})).replace(from, to);
    expect(() => parseCase(spoilt, 'x/case.yaml')).toThrow(message);
    expect(() => parseCase(spoilt, 'x/case.yaml')).toThrow(/^x\/case\.yaml:\d+:\d+ /);
  });

  test('that is any text at all gives a case or a MatrixError', () => {
    const text = writeCase(caseWith({}));
    fc.assert(
      fc.property(fc.nat(text.length), fc.nat(40), fc.string({ maxLength: 10 }), (at, gone, put) => {
        try {
          parseCase(text.slice(0, at) + put + text.slice(at + gone), 'case.yaml');
        } catch (error) {
          expect(error).toBeInstanceOf(MatrixError);
        }
      }),
      { numRuns: 150 },
    );
  });
});

test('a case id is its axes, sorted', () => {
  expect(caseId({ sender: 'b', carrierA: 'a', policy: 'c' })).toBe('carrierA=a,policy=c,sender=b');
});

test('a case hash is 16 hex digits and changes with anything in the case', () => {
  const cell = caseWith({});
  expect(caseHash(cell)).toMatch(/^[0-9a-f]{16}$/);
  expect(caseHash({ ...cell, seed: '2' })).not.toBe(caseHash(cell));
  expect(caseHash({ ...cell, steps: cell.steps.slice(1) })).not.toBe(caseHash(cell));
});
