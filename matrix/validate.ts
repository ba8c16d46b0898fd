import type { z } from 'zod';
import { MatrixError, type Problem } from './error.ts';
import { acceptedKeys } from './schema-shape.ts';
import { suggest } from './suggest.ts';
import { closestBranch } from './union-branch.ts';
import type { Source } from './yaml-source.ts';

type Issue = z.core.$ZodIssue;
type Path = readonly PropertyKey[];

/** The data of `source` as `schema` describes it, defaults filled in. Throws MatrixError with every field that is wrong. */
export function validate<T extends z.ZodType>(schema: T, source: Source): z.output<T> {
  const result = schema.safeParse(source.data);
  if (result.success) return result.data;
  const problems = result.error.issues.flatMap((issue) => problemsOf(issue, [], schema, source));
  throw new MatrixError(withoutEchoes(problems));
}

/**
 * One mistake, one line: a field that is missing because it is misspelt, and a field that is wrong because of what is
 * wrong inside it, need none of their own.
 */
function withoutEchoes(problems: readonly Problem[]): Problem[] {
  const meant = new Set(
    problems.flatMap(({ field, suggestion }) =>
      suggestion === undefined ? [] : [field.replace(/[^.\]]+$/, suggestion)],
    ),
  );
  const misspelt = ({ field, value }: Problem) => value === undefined && meant.has(field);
  const explained = ({ field }: Problem) =>
    field !== '' && problems.some((other) => other.field.startsWith(`${field}.`));
  return problems.filter((problem) => !misspelt(problem) && !explained(problem));
}

function problemsOf(issue: Issue, base: Path, schema: z.ZodType, source: Source): Problem[] {
  const path = [...base, ...issue.path];
  const value = valueAt(source.data, path);
  switch (issue.code) {
    case 'unrecognized_keys': {
      const accepted = acceptedKeys(schema, path);
      return issue.keys.map((key) => unknownField([...path, key], accepted, source));
    }
    case 'invalid_union':
      return unionProblems(issue, path, schema, source);
    case 'invalid_value':
      return [wrongValue(path, value, issue.values.map(String), source)];
    case 'invalid_type': {
      const wanted = issue.message.startsWith('Invalid input') ? article(issue.expected) : issue.message;
      const message =
        value === undefined ? `missing; ${wanted} is required` : notAccepted(value, `expected ${wanted}`);
      return [source.problemAt(path, { message })];
    }
    default:
      return [source.problemAt(path, { message: notAccepted(value, issue.message) })];
  }
}

function unionProblems(
  issue: Issue & { code: 'invalid_union' },
  path: Path,
  schema: z.ZodType,
  source: Source,
): Problem[] {
  const value = valueAt(source.data, path);
  const discriminators = (issue as { options?: readonly unknown[] }).options;
  if (discriminators !== undefined) return [wrongValue(path, value, discriminators.map(String), source)];
  const meant = closestBranch(issue.errors, value);
  if (meant !== undefined) return meant.flatMap((one) => problemsOf(one, path, schema, source));

  const alternatives = issue.errors.flat().filter((one) => one.path.length === 0);
  const values = alternatives.flatMap((one) => (one.code === 'invalid_value' ? one.values.map(String) : []));
  const types = alternatives.flatMap((one) => (one.code === 'invalid_type' ? [article(one.expected)] : []));
  const accepted = [...new Set([...values, ...types])];
  if (value === undefined)
    return [source.problemAt(path, { message: `missing; ${accepted.join(' or ')} is required` })];
  if (isRecord(value)) {
    const known = acceptedKeys(schema, path);
    const unknown = Object.keys(value).filter((key) => !known.includes(key));
    if (unknown.length > 0) return unknown.map((key) => unknownField([...path, key], known, source));
    return [
      source.problemAt(path, { message: `these fields don't go together: ${Object.keys(value).join(', ')}` }),
    ];
  }
  return [wrongValue(path, value, accepted, source)];
}

function unknownField(path: Path, accepted: readonly string[], source: Source): Problem {
  const key = String(path.at(-1));
  if (accepted.includes(key)) {
    const others = Object.keys(valueAt(source.data, path.slice(0, -1)) as object).filter(
      (one) => one !== key,
    );
    return source.problemAt(path, { message: `does not go together with ${others.join(', ')}`, key: true });
  }
  const suggestion = suggest(key, accepted);
  if (suggestion !== undefined)
    return source.problemAt(path, { message: 'unknown field', key: true, suggestion });
  return source.problemAt(path, { message: `unknown field; accepted are ${accepted.join(', ')}`, key: true });
}

function wrongValue(path: Path, value: unknown, accepted: readonly string[], source: Source): Problem {
  const all = accepted.join(', ');
  if (value === undefined) return source.problemAt(path, { message: `missing; one of ${all} is required` });
  const quoted = typeof value === 'number' ? accepted.find((one) => Number(one) === value) : undefined;
  if (quoted !== undefined) {
    return source.problemAt(path, {
      message: `${value} is a number here; in quotes it is text`,
      suggestion: quoted,
    });
  }
  const suggestion = typeof value === 'string' ? suggest(value, accepted) : undefined;
  const message = `${quote(value)} is not one of ${all}`;
  return source.problemAt(path, { message, ...(suggestion === undefined ? {} : { suggestion }) });
}

function notAccepted(value: unknown, why: string): string {
  return `${quote(value)} is not accepted: ${why}`;
}

function article(type: string): string {
  const plain = { array: 'list', record: 'mapping', object: 'mapping', int: 'whole number' }[type] ?? type;
  return `${/^[aeiou]/.test(plain) ? 'an' : 'a'} ${plain}`;
}

function valueAt(data: unknown, path: Path): unknown {
  let value = data;
  for (const part of path)
    value = (value as Readonly<Record<PropertyKey, unknown>> | null | undefined)?.[part];
  return value;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** At most 60 characters of a value, as JSON. */
function quote(value: unknown): string {
  const text = JSON.stringify(value) ?? 'nothing';
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}
