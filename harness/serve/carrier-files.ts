import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { loadCarrierFile } from '../../matrix/index.ts';
import type { Carrier } from '../../matrix/schema/carrier.ts';
import { suggestion } from '../run/filter.ts';
import { UsageError } from '../run/usage-error.ts';

const MATRIX = join(import.meta.dirname, '../../matrix/carriers');
const OWN = join(import.meta.dirname, 'carriers');

/** What is served when no carrier is named: every transport. */
export const DEFAULT_CARRIER = 'lab';

/**
 * Carrier files by their path, or by the name of one in `matrix/carriers` or among the server's own. Throws UsageError for
 * a name that there is none of, MatrixError for a file that is wrong.
 */
export function carrierFiles(given: readonly string[]): Carrier[] {
  return given.map((name) => loadCarrierFile(pathOf(name)));
}

function pathOf(given: string): string {
  if (/[/\\]|\.ya?ml$/.test(given)) return given;
  const found = [MATRIX, OWN].map((folder) => join(folder, `${given}.yaml`)).find((path) => existsSync(path));
  if (found !== undefined) return found;
  throw new UsageError(`no carrier is called "${given}"${suggestion(given, [DEFAULT_CARRIER, 'up30-e2ee'])}`);
}
