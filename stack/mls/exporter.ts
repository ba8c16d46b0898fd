/** RFC 9420 section 8.5: secrets for the application. */
import type { MlsContext } from './context.ts';
import { ensureActive, type GroupState } from './group-state.ts';
import { mlsExporter } from './key-schedule.ts';

/** MLS-Exporter(label, context, length) of the current epoch. */
export function exportSecret(
  _context: MlsContext,
  state: GroupState,
  label: string,
  context: Uint8Array,
  length: number,
): Uint8Array {
  ensureActive(state);
  return mlsExporter(state.suite, state.secrets.exporter, label, context, length);
}
