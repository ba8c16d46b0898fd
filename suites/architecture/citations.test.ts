import { describe, expect, test } from 'vitest';
import { type Citation, citationsOf, citingFiles, missing, pages, readPage } from './support/citations.ts';

/** Here stand citations that are wrong on purpose. */
const OWN = /^suites\/architecture\/(citations\.test|support\/citations)\.ts$/;
const files = citingFiles().filter(({ path }) => !OWN.test(path));

test('every section and hazard that is cited is in docs/', () => {
  const all = files.flatMap(citationsOf);
  const known = pages();
  const wrong = all.flatMap((citation) => {
    const why = missing(citation, known);
    return why === undefined ? [] : [`${citation.file}:${citation.line} ${why}`];
  });
  expect(wrong).toEqual([]);
  // Would go unnoticed if the patterns no longer met how people write.
  expect(
    all.filter(({ page, section }) => page !== undefined && section !== undefined).length,
  ).toBeGreaterThan(50);
  expect(all.filter(({ page }) => page === undefined).length).toBeGreaterThan(30);
});

test('every hazard in docs/ has an id of its own', () => {
  const ids = pages().flatMap((page) => [...page.hazards]);
  expect(ids).toEqual([...new Set(ids)]);
});

test.each([
  ['a page that is not part of the project', /\breference page/i, []],
  ['a path of one machine', /\/work\/(?:main|shared|\.library)\b/, []],
  ['what lies beside the repository', /\.\.\/shared\b/, ['suites/mls/vectors/load.ts']],
] as const)('no file names %s', (_, pattern, allowed: readonly string[]) => {
  const named = files.filter(({ path, text }) => pattern.test(text) && !allowed.includes(path));
  expect(named.map(({ path }) => path)).toEqual([]);
});

describe('a citation is seen', () => {
  const found = (text: string) =>
    citationsOf({ path: 'stack/x.ts', text }).map(({ page, section }: Citation) => [page, section]);

  test.each([
    ['// docs/rcc16.md 2.6', [['rcc16', '2.6']]],
    [
      '/** (RFC 3428; docs/rcs-signalling.md 4.3 and 4.6). */',
      ['4.3', '4.6'].map((n) => ['rcs-signalling', n]),
    ],
    [
      'clause: "rcs-signalling 6 (no SMS, 2.0), 7.4 (block); RFC 5438 7.1"',
      ['6', '7.4'].map((n) => ['rcs-signalling', n]),
    ],
    ['/**\n * as docs/rcs-signalling.md\n * 10.2 says\n */', [['rcs-signalling', '10.2']]],
    ['# docs/rcs-signalling.md 10.1, ios-18.x to 26.4: TLS', [['rcs-signalling', '10.1']]],
    ['see docs/rcc16.md.', [['rcc16', undefined]]],
    ['(hazards R13, R14)', ['R13', 'R14'].map((id) => [undefined, id])],
    [
      'Hazard E33 in docs/rcc16.md: unknown',
      [
        ['rcc16', undefined],
        [undefined, 'E33'],
      ],
    ],
    ['(hazards R38\n * to R42)', ['R38', 'R42'].map((id) => [undefined, id])],
  ])('%j', (text, expected) => {
    expect(found(text)).toEqual(expected);
  });
});

test.each([
  ['docs/made-up.md', 'there is no docs/made-up.md'],
  ['docs/rcc16.md 2.7', 'docs/rcc16.md has no section 2.7'],
  ['rcs-signalling 4', 'there is no docs/rcs-signalling.md'],
  ['hazard E4', 'no page of docs/ has hazard E4'],
  ['docs/rcc16.md 2.6 and hazard E3', undefined],
])('%j: %s', (text, why) => {
  const page = readPage('rcc16', '## 2 KDS\n\n### 2.6 Contract\n\n| id |\n| E3 | generation |\n');
  const said = citationsOf({ path: 'stack/x.ts', text }).map((citation) => missing(citation, [page]));
  expect(said.find((one) => one !== undefined)).toBe(why);
});
