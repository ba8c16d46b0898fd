import { readFileSync } from 'node:fs';
import { stringify } from 'yaml';
import { MatrixError, type Problem } from './error.ts';
import { cannotRead } from './load.ts';
import { type Case, caseSchema } from './schema/case.ts';
import { stepProblems } from './step-references.ts';
import { validate } from './validate.ts';
import { parseSource, type Source } from './yaml-source.ts';

/** Reads a case file. Throws MatrixError. */
export function loadCaseFile(path: string): Case {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    throw new MatrixError([{ file: path, field: '', message: cannotRead(error) }]);
  }
  return parseCase(text, path);
}

/** The case that `text` (YAML) describes; `file` names it in errors. Throws MatrixError. */
export function parseCase(text: string, file: string): Case {
  const source = parseSource(text, file);
  const testCase = validate(caseSchema, source);
  const problems = [
    ...stepProblems(testCase.steps, Object.keys(testCase.roles), source),
    ...seatProblems(testCase, source),
  ];
  if (problems.length > 0) throw new MatrixError(problems);
  return testCase;
}

/** Each carrier serves a phone, and no two phones have one number. */
function seatProblems(testCase: Case, source: Source): Problem[] {
  const roles = Object.entries(testCase.roles);
  const problems = (['A', 'B'] as const)
    .filter((carrier) => !roles.some(([, role]) => role.carrier === carrier))
    .map((carrier) =>
      source.problemAt(['roles'], { message: `no role has its phone on carrier ${carrier}` }),
    );
  roles.forEach(([name, role], index) => {
    const twin = roles.slice(0, index).find(([, other]) => other.msisdn === role.msisdn);
    if (twin)
      problems.push(
        source.problemAt(['roles', name, 'msisdn'], { message: `${role.msisdn} is ${twin[0]}'s number` }),
      );
  });
  return problems;
}

/** One YAML document that `parseCase` reads back as the same case; equal cases give equal text. */
export function writeCase(testCase: Case): string {
  const ordered = caseSchema.parse(testCase);
  const stable = { ...ordered, axes: sortedByKey(ordered.axes), roles: sortedByKey(ordered.roles) };
  return stringify(stable, { lineWidth: 0, aliasDuplicateObjects: false });
}

function sortedByKey<T>(record: Readonly<Record<string, T>>): Record<string, T> {
  return Object.fromEntries(Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1)));
}
