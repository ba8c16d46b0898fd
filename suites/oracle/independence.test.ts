import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { expect, test } from 'vitest';

const ROOT = resolve(import.meta.dirname, '../..');
const ORACLE = join(ROOT, 'harness/oracle');
const MAY_IMPORT = ['harness/oracle/', 'matrix/', 'reports/'];

/** The oracle's files and, from there, everything of ours that they load. */
function reachable(): Map<string, string[]> {
  const found = new Map<string, string[]>();
  const waiting = readdirSync(ORACLE, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => join(ORACLE, name));
  for (let file = waiting.pop(); file !== undefined; file = waiting.pop()) {
    if (found.has(file)) continue;
    const imports = [...readFileSync(file, 'utf8').matchAll(/(?:from|import)\s*\(?\s*'(\.[^']+)'/g)].map(
      (match) => resolve(dirname(file as string), match[1]!),
    );
    found.set(file, imports);
    waiting.push(...imports);
  }
  return found;
}

test('the oracle shares no code with what it judges: nothing it loads is of stack/ or emulators/', () => {
  const files = [...reachable().keys()].map((file) => relative(ROOT, file));
  expect(files).toContain('harness/oracle/judge.ts');
  expect(files.filter((file) => !MAY_IMPORT.some((room) => file.startsWith(room)))).toEqual([]);
});
