import { appendFileSync, chmodSync, existsSync, renameSync, writeFileSync } from 'node:fs';

/** Writes a file whole or not at all; only its owner may read it. */
export function writePrivate(path: string, text: string): void {
  writeFileSync(`${path}.new`, text, { mode: 0o600 });
  renameSync(`${path}.new`, path);
}

/** Adds to a file that only its owner may read. */
export function appendLine(path: string, line: Uint8Array): void {
  const isNew = !existsSync(path);
  appendFileSync(path, line, { mode: 0o600 });
  if (isNew) chmodSync(path, 0o600);
}
