import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { loadMatrix, MatrixError } from '../../../matrix/index.ts';

const MATRIX = join(import.meta.dirname, '../../../matrix');
const DATA = [
  'devices',
  'engines',
  'carriers',
  'networks',
  'policies',
  'scenarios',
  'plans',
  'drills',
  'canaries',
  'expectations.yaml',
  'known-failures.yaml',
];

/** A copy of the matrix's data that the test may spoil; gone when the test is over. */
export function copyMatrix(): string {
  const folder = mkdtempSync(join(tmpdir(), 'parley-matrix-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const copy = join(folder, 'matrix');
  for (const name of DATA) cpSync(join(MATRIX, name), join(copy, name), { recursive: true });
  return copy;
}

/** The lines that loading complains with after one text in one file is replaced by another. */
export function complaints(file: string, from: string | undefined, to: string): string[] {
  const copy = copyMatrix();
  const path = join(copy, file);
  if (from === undefined) {
    writeFileSync(path, to);
  } else {
    const text = readFileSync(path, 'utf8');
    if (!text.includes(from)) throw new Error(`${file} does not hold ${from}`);
    writeFileSync(path, text.replace(from, to));
  }
  try {
    loadMatrix(copy);
    return [];
  } catch (error) {
    if (!(error instanceof MatrixError)) throw error;
    return error.message.split('\n');
  }
}
