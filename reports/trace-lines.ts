import { stableJson } from './stable-json.ts';
import type { TraceBytes, TraceEntry } from './trace.ts';

const KINDS: ReadonlySet<string> = new Set<TraceEntry['kind']>([
  'world',
  'step',
  'frame',
  'event',
  'state',
  'store',
  'error',
  'end',
]);

/** A file that is not a trace: says which line, and what was expected there. */
export class TraceFileError extends Error {
  override readonly name = 'TraceFileError';
  readonly line: number;
  constructor(line: number, problem: string) {
    super(`line ${line}: ${problem}`);
    this.line = line;
  }
}

/** The entry as one line without its line end; equal entries give equal bytes. */
export function traceLine(entry: TraceEntry): string {
  return stableJson(entry, ['n', 't', 'kind']);
}

/** What `trace.jsonl` holds. */
export function writeTrace(trace: readonly TraceEntry[]): string {
  return trace.map((entry) => `${traceLine(entry)}\n`).join('');
}

/** Reads `trace.jsonl`. Throws TraceFileError when a line is no JSON object, of no known kind or out of order. */
export function parseTrace(text: string): TraceEntry[] {
  const lines = text.split('\n');
  if (lines.at(-1) === '') lines.pop();
  return lines.map((line, index) => {
    const entry = parseLine(line, index + 1);
    if (!KINDS.has(entry.kind))
      throw new TraceFileError(
        index + 1,
        `kind is ${JSON.stringify(entry.kind)}, expected ${[...KINDS].join(', ')}`,
      );
    if (entry.n !== index)
      throw new TraceFileError(index + 1, `n is ${JSON.stringify(entry.n)}, expected ${index}`);
    return entry;
  });
}

function parseLine(line: string, number: number): TraceEntry {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    throw new TraceFileError(number, 'not JSON; the file may be cut short');
  }
  if (value === null || typeof value !== 'object' || Array.isArray(value))
    throw new TraceFileError(number, 'not a JSON object');
  return value as TraceEntry;
}

/** The octets of a recorded frame or store entry. */
export function traceBytes(bytes: TraceBytes): Uint8Array {
  return 'text' in bytes
    ? new TextEncoder().encode(bytes.text)
    : Uint8Array.from(Buffer.from(bytes.base64, 'base64'));
}
