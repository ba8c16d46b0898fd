import { type Document, isMap, isNode, isScalar, LineCounter, type Node, parseDocument } from 'yaml';
import { fieldName, MatrixError, type Problem } from './error.ts';

/** Bounds what one file can cost: aliases multiply, and so does depth. */
const MAX_BYTES = 256 * 1024;
const MAX_ALIASES = 32;
const MAX_DEPTH = 40;

/** A parsed file that still knows where each of its fields stands. */
export interface Source {
  readonly file: string;
  readonly data: unknown;
  /** A problem at the field `path`; `key` points at the name of the field rather than at its value. */
  problemAt(
    path: readonly PropertyKey[],
    what: { message: string; suggestion?: string; key?: boolean },
  ): Problem;
}

/**
 * Reads one YAML 1.2 document of at most 256 KiB and 40 levels. JSON is read the same way, which gives it positions,
 * and must then be JSON by the letter. Throws MatrixError with line and column for what is no YAML, for duplicate
 * keys, unknown tags and alias bombs.
 */
export function parseSource(text: string, file: string): Source {
  const bytes = Buffer.byteLength(text);
  if (bytes > MAX_BYTES) throw whole(file, `${bytes} bytes long; at most ${MAX_BYTES} are read`);
  checkDepth(text, file);
  const lines = new LineCounter();
  const document = parse(text, file, lines);
  const data = toData(document, file);
  if (file.endsWith('.json')) checkJson(text, file, lines);
  return {
    file,
    data,
    problemAt(path, { message, suggestion, key }) {
      const { line, column, value } = locate(document, lines, data, path, key ?? false);
      return {
        file,
        line,
        column,
        field: fieldName(path),
        ...(value === undefined ? {} : { value }),
        message,
        ...(suggestion === undefined ? {} : { suggestion }),
      };
    },
  };
}

function parse(text: string, file: string, lines: LineCounter): Document.Parsed {
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, stringKeys: true });
  // The first mistake: those after it mostly follow from it.
  const error = document.errors[0] ?? document.warnings[0];
  if (error) {
    const at = lines.linePos(error.pos[0]);
    const message = `not valid YAML: ${error.message}`;
    throw new MatrixError([{ file, line: at.line, column: at.col, field: '', message }]);
  }
  if (document.contents === null) throw whole(file, 'empty');
  return document;
}

function toData(document: Document.Parsed, file: string): unknown {
  try {
    return document.toJS({ maxAliasCount: MAX_ALIASES });
  } catch (error) {
    if (error instanceof ReferenceError) throw whole(file, `aliases: ${error.message}`);
    throw error;
  }
}

function checkJson(text: string, file: string, lines: LineCounter): void {
  try {
    JSON.parse(text);
  } catch (error) {
    const { message } = error as Error;
    const at = lines.linePos(Number(/at position (\d+)/.exec(message)?.[1] ?? 0));
    const what = message.replace(/ (in JSON )?at position.*$/s, '');
    throw new MatrixError([
      { file, line: at.line, column: at.col, field: '', message: `not valid JSON: ${what}` },
    ]);
  }
}

/** The composer recurses, so nesting is bounded before it starts: brackets in flow style, indentation in block style. */
function checkDepth(text: string, file: string): void {
  let open = 0;
  for (const character of text) {
    if (character === '[' || character === '{') open += 1;
    else if (character === ']' || character === '}') open = Math.max(0, open - 1);
    if (open > MAX_DEPTH) throw whole(file, `nested more than ${MAX_DEPTH} levels deep`);
  }
  for (const line of text.split('\n')) {
    const indent = /^[\s\-?:]*/.exec(line)![0].length;
    if (indent > MAX_DEPTH * 4) throw whole(file, `nested more than ${MAX_DEPTH} levels deep`);
  }
}

function whole(file: string, message: string): MatrixError {
  return new MatrixError([{ file, line: 1, column: 1, field: '', message }]);
}

function locate(
  document: Document.Parsed,
  lines: LineCounter,
  data: unknown,
  path: readonly PropertyKey[],
  wantKey: boolean,
): { line: number; column: number; value: unknown } {
  let offset = startOf(document.contents) ?? 0;
  let node: unknown = document.contents;
  let value = data;
  for (const [depth, part] of path.entries()) {
    const last = depth === path.length - 1;
    const pair = isMap(node) ? node.items.find((item) => keyOf(item.key) === String(part)) : undefined;
    const child: unknown = isMap(node) ? pair?.value : childAt(node, part);
    const keyStart = startOf(pair?.key);
    const start = last && wantKey ? (keyStart ?? startOf(child)) : (startOf(child) ?? keyStart);
    value = (value as Record<PropertyKey, unknown> | undefined)?.[part];
    if (start === undefined) break;
    offset = start;
    node = child;
  }
  const at = lines.linePos(offset);
  return { line: at.line, column: at.col, value };
}

function keyOf(key: unknown): string {
  return String(isScalar(key) ? key.value : key);
}

function childAt(node: unknown, part: PropertyKey): unknown {
  const items = (node as { items?: readonly unknown[] } | null)?.items;
  return typeof part === 'number' ? items?.[part] : undefined;
}

function startOf(node: unknown): number | undefined {
  return isNode(node) ? (node as Node).range?.[0] : undefined;
}
