import { existsSync, lstatSync, mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isoTime } from '../ports/system-clock.ts';
import { UsageError } from './usage-error.ts';

/** Paths inside a run's folder; a cell's folder is named by its id. */
export const casePath = (id: string): string => `cases/${folderName(id)}/case.yaml`;
export const tracePath = (id: string): string => `cases/${folderName(id)}/trace.jsonl`;

/** Ids are made of names, `=` and `,`; anything else in a hand-written one must not leave the folder. */
function folderName(id: string): string {
  return id.replace(/[^A-Za-z0-9=,._+-]/g, '_').replace(/^\.+/, '_');
}

/** Makes `OUT/RUN`, RUN being the UTC time and the plan, and a number when that is taken. Throws UsageError. */
export function makeRunFolder(
  out: string,
  plan: string,
  startedAtMs: number,
): { run: string; folder: string } {
  const stamp = isoTime(startedAtMs)
    .replace(/[-:]/g, '')
    .replace(/\.\d+Z$/, 'Z');
  for (let attempt = 1; ; attempt += 1) {
    const run = `${stamp}-${plan}${attempt === 1 ? '' : `-${attempt}`}`;
    const folder = join(out, run);
    if (existsSync(folder)) continue;
    try {
      mkdirSync(join(folder, 'cases'), { recursive: true });
    } catch (error) {
      throw new UsageError(`cannot make the folder ${folder}: ${(error as Error).message}`);
    }
    return { run, folder };
  }
}

/** Points `OUT/latest` at the run: a symbolic link, or a file holding the run's name where links are not to be had. */
export function pointLatest(out: string, run: string): void {
  const latest = join(out, 'latest');
  const isFolder = lstatSync(latest, { throwIfNoEntry: false })?.isDirectory() ?? false;
  if (isFolder)
    throw new UsageError(`${latest} is a folder, expected a link to the newest run; move it away`);
  const fresh = join(out, `.latest-${run}`);
  rmSync(fresh, { force: true });
  try {
    symlinkSync(run, fresh, 'dir');
  } catch {
    writeFileSync(fresh, `${run}\n`);
  }
  renameSync(fresh, latest);
}
