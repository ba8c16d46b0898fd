import { suggest } from '../../matrix/suggest.ts';
import { UsageError } from './usage-error.ts';

type Axes = Readonly<Record<string, string>>;

/** Part of the command line's help. */
export const FILTER_HELP =
  'axis=value or axis!=value, joined by commas; all must hold. A value may use * and ?, e.g. "scenario=one-to-one,sender=pixel-*,network!=lte". A cell id is a filter too.';

interface Term {
  readonly axis: string;
  readonly negated: boolean;
  readonly pattern: RegExp;
}

/**
 * Reads a `--filter` expression against the axes of the cells it will choose from. Throws UsageError for a term that
 * is not `axis=value`, an axis that no cell has, or a plain value that no cell has.
 */
export function parseFilter(
  expression: string,
  cells: readonly { readonly axes: Axes }[],
): (axes: Axes) => boolean {
  const known = valuesByAxis(cells);
  const terms = expression.split(',').map((text) => parseTerm(text.trim(), known));
  return (axes) => terms.every((term) => term.pattern.test(axes[term.axis] ?? '') !== term.negated);
}

function parseTerm(text: string, known: ReadonlyMap<string, ReadonlySet<string>>): Term {
  const parts = /^([^=!]+)(!?=)(.+)$/.exec(text);
  if (!parts) throw new UsageError(`filter: "${text}" is not a term such as axis=value or axis!=value`);
  const axis = parts[1]!.trim();
  const value = parts[3]!.trim();
  const values = known.get(axis);
  if (values === undefined) {
    throw new UsageError(
      `filter: no axis "${axis}"${suggestion(axis, known.keys())}; the axes are ${[...known.keys()].join(', ')}`,
    );
  }
  if (!/[*?]/.test(value) && !values.has(value)) {
    throw new UsageError(
      `filter: no cell has ${axis}=${value}${suggestion(value, values)}; there are ${[...values].sort().join(', ')}`,
    );
  }
  return { axis, negated: parts[2] === '!=', pattern: glob(value) };
}

function valuesByAxis(cells: readonly { readonly axes: Axes }[]): Map<string, Set<string>> {
  const known = new Map<string, Set<string>>();
  for (const cell of cells) {
    for (const [axis, value] of Object.entries(cell.axes)) {
      const values = known.get(axis) ?? new Set();
      known.set(axis, values.add(value));
    }
  }
  return known;
}

function glob(pattern: string): RegExp {
  const source = pattern
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  return new RegExp(`^${source}$`);
}

/** ` (did you mean "x"?)`, or nothing when nothing is near. */
export function suggestion(wrong: string, right: Iterable<string>): string {
  const near = suggest(wrong, right);
  return near === undefined ? '' : ` (did you mean "${near}"?)`;
}
