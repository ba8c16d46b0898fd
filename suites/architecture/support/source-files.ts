import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '../../..');

/** The top-level folders of the house; see ARCHITECTURE.md. */
export const ROOMS = ['stack', 'emulators', 'matrix', 'harness', 'reports', 'suites'] as const;
export type Room = (typeof ROOMS)[number];

export interface SourceFile {
  /** Relative to the project, with forward slashes. */
  readonly path: string;
  readonly text: string;
}

/** Every TypeScript file of ours in a room, in the order of the paths. */
export function sourceFiles(room: Room): SourceFile[] {
  return globSync(`${room}/**/*.ts`, { cwd: ROOT, exclude: ['**/node_modules'] })
    .map((path) => path.replaceAll('\\', '/'))
    .sort()
    .map((path) => ({ path, text: readFileSync(join(ROOT, path), 'utf8') }));
}
