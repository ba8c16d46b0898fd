import type { CellResult, RunSummary } from '../result.ts';
import type { TraceEntry } from '../trace.ts';
import { type CellDetail, cellDetail, keepsBytes } from './cell-detail.ts';

/** Characters of JSON for all cell details together, and the part of it that payloads may take. */
const DETAIL_BUDGET = 24_000_000;
const BYTES_BUDGET = 6_000_000;

export interface ReportData {
  readonly summary: RunSummary;
  /** Where the run's folder is, as one would type it. */
  readonly folder: string;
  readonly axes: readonly { readonly name: string; readonly values: readonly string[] }[];
  readonly cells: readonly CellResult[];
  /** JSON of a CellDetail by position in `cells`; a cell without one is told by its trace file alone. */
  readonly details: ReadonlyMap<number, string>;
}

/**
 * What the page embeds. `traceOf` gives a cell's trace, or undefined when there is none. Failures and canaries come
 * first when the page would grow too large.
 */
export function reportData(
  summary: RunSummary,
  folder: string,
  cells: readonly CellResult[],
  traceOf: (cell: CellResult) => readonly TraceEntry[] | undefined,
): ReportData {
  const details = new Map<number, string>();
  let budget = DETAIL_BUDGET;
  let bytesBudget = BYTES_BUDGET;
  const order = cells.map((_, index) => index);
  for (const index of [
    ...order.filter((i) => keepsBytes(cells[i]!)),
    ...order.filter((i) => !keepsBytes(cells[i]!)),
  ]) {
    const cell = cells[index]!;
    if (budget <= 0) break;
    const trace = traceOf(cell);
    if (trace === undefined) continue;
    const withBytes = keepsBytes(cell) && bytesBudget > 0;
    const json = JSON.stringify(cellDetail(cell, trace, withBytes) satisfies CellDetail);
    if (withBytes) bytesBudget -= json.length;
    budget -= json.length;
    details.set(index, json);
  }
  return { summary, folder, axes: axesOf(cells), cells, details };
}

/** Axes in the order cells name them, values sorted; canaries are shown apart. */
function axesOf(cells: readonly CellResult[]): ReportData['axes'] {
  const axes = new Map<string, Set<string>>();
  for (const cell of cells.filter(({ canary }) => canary === undefined)) {
    for (const [name, value] of Object.entries(cell.axes)) {
      const values = axes.get(name) ?? new Set();
      axes.set(name, values.add(value));
    }
  }
  return [...axes].map(([name, values]) => ({ name, values: [...values].sort() }));
}
