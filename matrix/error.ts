/** One thing that is wrong in one file. Lines and columns count from 1. */
export interface Problem {
  /** Relative to the folder that holds `matrix/`, with forward slashes; or as the caller gave it. */
  readonly file: string;
  readonly line?: number;
  readonly column?: number;
  /** Dotted path of the field, list positions in brackets: `steps[2].send.from`. Empty for the file as a whole. */
  readonly field: string;
  /** What stands there, when something does. */
  readonly value?: unknown;
  readonly message: string;
  /** The accepted spelling nearest to what was written. */
  readonly suggestion?: string;
}

/** Everything that is wrong with the files of a matrix, or with one case file; the message has a line for each. */
export class MatrixError extends Error {
  override readonly name = 'MatrixError';
  readonly problems: readonly Problem[];
  constructor(problems: readonly Problem[]) {
    super(problems.map(formatProblem).join('\n'));
    this.problems = problems;
  }
}

/** `matrix/devices/x.yaml:7:3 signalling.transpots: unknown field; did you mean "transports"?` */
export function formatProblem(problem: Problem): string {
  const { file, line, column, field, message, suggestion } = problem;
  const place = line === undefined ? file : `${file}:${line}:${column ?? 1}`;
  const subject = field === '' ? '' : ` ${field}`;
  const hint = suggestion === undefined ? '' : `; did you mean "${suggestion}"?`;
  return `${place}${subject}: ${message}${hint}`;
}

/** `['steps', 2, 'send']` -> `steps[2].send` */
export function fieldName(path: readonly PropertyKey[]): string {
  let text = '';
  for (const part of path) {
    if (typeof part === 'number') text += `[${part}]`;
    else text += text === '' ? String(part) : `.${String(part)}`;
  }
  return text;
}
