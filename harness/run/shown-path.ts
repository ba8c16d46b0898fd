import { isAbsolute, relative } from 'node:path';

/** A path as one would type it here: relative when it is inside the working folder, else absolute. */
export function shownPath(path: string): string {
  const inside = relative(process.cwd(), path);
  return inside.startsWith('..') || isAbsolute(inside) ? path : inside || '.';
}
