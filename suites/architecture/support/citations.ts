import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOMS, type SourceFile, sourceFiles } from './source-files.ts';
import { lineAt } from './syntax.ts';

const ROOT = join(import.meta.dirname, '../../..');

/** A place that sends its reader to a page of docs/. */
export interface Citation {
  readonly file: string;
  readonly line: number;
  /** Name of the page, without folder and `.md`; undefined for a hazard, whose id says the page. */
  readonly page: string | undefined;
  /** `4.6`, `R24`; undefined when the page is cited as a whole. */
  readonly section: string | undefined;
}

/** What a page offers to be cited: numbers of its headings, ids of its hazards. */
export interface Page {
  readonly name: string;
  readonly sections: ReadonlySet<string>;
  readonly hazards: ReadonlySet<string>;
}

/** A remark in brackets between two numbers of a list, and what may stand between them. */
const ASIDE = String.raw`(?:\s*\([^()]*\))?`;
const AND = String.raw`(?:,\s+|,?\s+and\s+)`;
const NUMBER = String.raw`\d+(?:\.\d+)*`;
const PAGE = new RegExp(
  String.raw`(?:\bdocs/([\w-]+)\.md|(?<![\w/-])(rcs-signalling))(?!\.\w)(?:\s+(${NUMBER}${ASIDE}(?:${AND}${NUMBER}${ASIDE})*))?`,
  'g',
);
const HAZARD = /\b[Hh]azards?\s+([RE]\d+(?:(?:,\s+|\s+(?:and|to)\s+)[RE]\d+)*)/g;

/** Every citation in a text. Comments that go over several lines count as one. */
export function citationsOf({ path, text }: SourceFile): Citation[] {
  // Offsets stay as they are: what begins a comment's next line becomes blank.
  const flat = text.replace(/(\n[ \t]*)(\/\/|\*(?!\/)|#)/g, (_, indent: string, mark: string) =>
    indent.concat(' '.repeat(mark.length)),
  );
  const cited = (offset: number, page: string | undefined, section: string | undefined): Citation => ({
    file: path,
    line: lineAt(text, offset),
    page,
    section,
  });
  const pages = [...flat.matchAll(PAGE)].flatMap((match) => {
    const page = match[1] ?? match[2];
    const list = match[3]?.replace(/\([^()]*\)/g, '').match(new RegExp(NUMBER, 'g'));
    return (list ?? [undefined]).map((section) => cited(match.index, page, section));
  });
  const hazards = [...flat.matchAll(HAZARD)].flatMap((match) =>
    (match[1]!.match(/[RE]\d+/g) ?? []).map((id) => cited(match.index, undefined, id)),
  );
  return [...pages, ...hazards];
}

/** What is wrong with a citation; undefined when a reader finds what it names. */
export function missing({ page: name, section }: Citation, pages: readonly Page[]): string | undefined {
  if (name === undefined) {
    return pages.some((page) => page.hazards.has(section!))
      ? undefined
      : `no page of docs/ has hazard ${section}`;
  }
  const page = pages.find((one) => one.name === name);
  if (page === undefined) return `there is no docs/${name}.md`;
  if (section === undefined || page.sections.has(section)) return undefined;
  return `docs/${name}.md has no section ${section}`;
}

export function readPage(name: string, text: string): Page {
  const all = (pattern: RegExp) => new Set([...text.matchAll(pattern)].map((match) => match[1]!));
  return {
    name,
    sections: all(/^#{2,4} (\d+(?:\.\d+)*) /gm),
    hazards: all(/^\| ([RE]\d+) \|/gm),
  };
}

export function pages(): Page[] {
  return textFiles('docs/*.md').map(({ path, text }) => readPage(path.replace(/^docs\/|\.md$/g, ''), text));
}

/** Whatever people read: sources, YAML and prose. */
export function citingFiles(): SourceFile[] {
  return [
    ...ROOMS.flatMap(sourceFiles),
    ...textFiles(`{${ROOMS.join(',')}}/**/*.{yaml,yml,md}`),
    ...textFiles('{docs/**/*.md,*.md,*.ts,.ci/*,.github/**/*.{yaml,yml,md}}'),
  ].filter(({ path }) => !path.includes('node_modules/'));
}

function textFiles(pattern: string): SourceFile[] {
  return globSync(pattern, { cwd: ROOT, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort()
    .map((path) => ({
      path: path.slice(ROOT.length + 1).replaceAll('\\', '/'),
      text: readFileSync(path, 'utf8'),
    }));
}
