import { readFileSync } from 'node:fs';

/** What produced a result. */
export function versions(): Record<string, string> {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  const { version } = JSON.parse(text) as { version: string };
  return { parley: version, node: process.versions.node };
}
