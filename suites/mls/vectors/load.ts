/** The working group's official vectors: from PARLEY_VECTORS or ../shared/vectors beside the repository. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'vitest';

const root = join(import.meta.dirname, '../../..');
const directory = join(process.env['PARLEY_VECTORS'] ?? join(root, '../shared/vectors'), 'mls');

export interface SuiteVector {
  readonly cipher_suite: number;
}

/**
 * Declares the tests of one vector file, with the vectors of suites 1 and 2 (or all that name no suite). Without the
 * files one skipped test says so.
 */
export function describeVectors<V>(file: string, declare: (vectors: readonly V[]) => void): void {
  const path = join(directory, `${file}.json`);
  describe(`mlswg ${file}`, () => {
    if (!existsSync(path)) {
      it.skip(`skipped: no ${path}; set PARLEY_VECTORS to the folder that holds mls/`, () => {});
      return;
    }
    const all = JSON.parse(readFileSync(path, 'utf8')) as (V & Partial<SuiteVector>)[];
    declare(all.filter((vector) => vector.cipher_suite === undefined || vector.cipher_suite <= 2));
  });
}
