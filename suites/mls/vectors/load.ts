/** The working group's official vectors: from PARLEY_VECTORS or ../shared/vectors beside the repository. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'vitest';
import { isSupportedSuite } from '../../../stack/crypto/index.ts';

const root = join(import.meta.dirname, '../../..');
const directory = join(process.env['PARLEY_VECTORS'] ?? join(root, '../shared/vectors'), 'mls');

export interface SuiteVector {
  readonly cipher_suite: number;
}

const scalarBytes: Readonly<Record<number, number>> = { 2: 32, 5: 66, 7: 48 };

/** A private key as the files give it: scalars of the NIST curves stand there without their leading zeros. */
export function vectorPrivateKey(cipherSuite: number, digits: string): Uint8Array {
  const bytes = Buffer.from(digits, 'hex');
  const out = new Uint8Array(Math.max(scalarBytes[cipherSuite] ?? 0, bytes.length));
  out.set(bytes, out.length - bytes.length);
  return out;
}

/**
 * Declares the tests of one vector file: all its vectors, or those of the suites the stack has. Without the files one
 * skipped test says so.
 */
export function describeVectors<V>(file: string, declare: (vectors: readonly V[]) => void): void {
  const path = join(directory, `${file}.json`);
  describe(`mlswg ${file}`, () => {
    if (!existsSync(path)) {
      it.skip(`skipped: no ${path}; set PARLEY_VECTORS to the folder that holds mls/`, () => {});
      return;
    }
    const all = JSON.parse(readFileSync(path, 'utf8')) as (V & Partial<SuiteVector>)[];
    declare(
      all.filter((vector) => vector.cipher_suite === undefined || isSupportedSuite(vector.cipher_suite)),
    );
  });
}
