import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

/** Set by `.ci/run`, which installs what the tests want: there a missing program is a failure. */
const ALL_REQUIRED = 'PARLEY_REQUIRE_PROGRAMS';

/**
 * Whether the machine has a program that some tests need and `npm ci` does not bring; says in one line what is skipped
 * where it has not. Throws where nothing may be skipped.
 */
export function hasProgram(name: string, debianPackage: string): boolean {
  const found = (process.env['PATH'] ?? '').split(delimiter).some((folder) => isProgram(join(folder, name)));
  if (found) return true;
  const missing = `${name} is not there (Debian: apt-get install ${debianPackage})`;
  if (process.env[ALL_REQUIRED] !== undefined) throw new Error(`${missing}, and ${ALL_REQUIRED} is set`);
  console.warn(`${missing}: its tests are skipped`);
  return false;
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
