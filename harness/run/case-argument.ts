import { loadCaseFile, MatrixError } from '../../matrix/index.ts';
import type { Case } from '../../matrix/schema/case.ts';
import { UsageError } from './usage-error.ts';

/** The case file that a command was called with. Throws UsageError, a line for each mistake in it. */
export function caseArgument(path: string): Case {
  try {
    return loadCaseFile(path);
  } catch (error) {
    throw error instanceof MatrixError ? new UsageError(error.message) : error;
  }
}
