import { describe, expect, test } from 'vitest';
import { type Import, importsOf } from './support/imports.ts';
import { ROOMS, type Room, sourceFiles } from './support/source-files.ts';

/** Which rooms a room may import from, besides itself. */
const ALLOWED: Readonly<Record<Room, readonly Room[]>> = {
  stack: [],
  emulators: ['stack'],
  matrix: [],
  harness: ['stack', 'emulators', 'matrix', 'reports'],
  reports: [],
  suites: ROOMS,
};

/** Doors that stay shut inside what a room may import, and why. */
const SHUT = [
  {
    from: 'emulators/carrier/',
    to: 'stack/client/',
    because: 'a carrier that runs the client would agree with its mistakes',
  },
  { from: 'harness/oracle/', to: 'stack/', because: 'an oracle shares no code with what it judges' },
  { from: 'harness/oracle/', to: 'emulators/', because: 'an oracle shares no code with what it judges' },
] as const;

describe.each(ROOMS)('%s', (room) => {
  const imports = sourceFiles(room).flatMap(importsOf);

  test(`imports from no room but ${[room, ...ALLOWED[room]].join(', ')}`, () => {
    const allowed = [room, ...ALLOWED[room]] as readonly string[];
    const strays = imports.filter(
      ({ target }) => target !== undefined && !allowed.includes(target.split('/')[0]!),
    );
    expect(strays.map(describeImport), 'imports against the dependency rule of ARCHITECTURE.md').toEqual([]);
  });

  test('imports our own files by relative paths that end in .ts, others by name', () => {
    const odd = imports.filter(({ specifier, target }) =>
      target === undefined
        ? specifier.startsWith('/') || specifier.startsWith('#')
        : !/\.ts$/.test(specifier),
    );
    expect(odd.map(describeImport)).toEqual([]);
  });
});

test.each(SHUT)('$from imports nothing of $to: $because', ({ from, to }) => {
  const imports = ROOMS.flatMap((room) => sourceFiles(room))
    .filter(({ path }) => path.startsWith(from))
    .flatMap(importsOf);
  expect(imports.filter(({ target }) => target?.startsWith(to)).map(describeImport)).toEqual([]);
});

test('only stack/crypto/native uses node: modules inside stack', () => {
  const imports = sourceFiles('stack')
    .filter(({ path }) => !path.startsWith('stack/crypto/native/'))
    .flatMap(importsOf);
  expect(imports.filter(({ specifier }) => specifier.startsWith('node:')).map(describeImport)).toEqual([]);
});

describe('every kind of import is seen', () => {
  test.each([
    ["import { a } from '../matrix/load.ts';", 'matrix/load.ts'],
    ["import type { A } from '../matrix/load.ts';", 'matrix/load.ts'],
    ["import '../matrix/load.ts';", 'matrix/load.ts'],
    ["export * from './b.ts';", 'stack/b.ts'],
    ["export { c } from './c/d.ts';", 'stack/c/d.ts'],
    ["const m = await import('../harness/x.ts');", 'harness/x.ts'],
    ["let a: import('../harness/x.ts').A;", 'harness/x.ts'],
    ["new Worker(new URL('../harness/w.ts', import.meta.url));", 'harness/w.ts'],
  ])('%s', (text, target) => {
    expect(importsOf({ path: 'stack/a.ts', text }).map((one) => one.target)).toEqual([target]);
  });

  test('and none in comments or strings', () => {
    const text = "// import '../matrix/load.ts'\nconst a = \"import '../matrix/load.ts'\";";
    expect(importsOf({ path: 'stack/a.ts', text })).toEqual([]);
  });
});

function describeImport({ file, line, specifier }: Import): string {
  return `${file}:${line} imports ${specifier}`;
}
