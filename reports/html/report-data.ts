import { deflateRawSync } from 'node:zlib';
import type { CellResult, RunSummary } from '../result.ts';
import type { TraceEntry } from '../trace.ts';
import { type CellDetail, cellDetail, comesFirst } from './cell-detail.ts';

/** Characters that all cell details may take together; payloads go into the page up to the smaller number. */
const DETAIL_BUDGET = 12_000_000;
const BYTES_BUDGET = 10_000_000;

export interface ReportData {
  readonly summary: RunSummary;
  /** Where the run's folder is, as one would type it. */
  readonly folder: string;
  readonly axes: readonly { readonly name: string; readonly values: readonly string[] }[];
  readonly cells: readonly CellResult[];
  /**
   * A CellDetail by position in `cells`, as JSON in raw DEFLATE in base64; a cell without one is told by its trace file
   * alone.
   */
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
  let length = 0;
  const order = cells.map((_, index) => index);
  for (const index of [
    ...order.filter((i) => comesFirst(cells[i]!)),
    ...order.filter((i) => !comesFirst(cells[i]!)),
  ]) {
    if (length > DETAIL_BUDGET) break;
    const cell = cells[index]!;
    const trace = traceOf(cell);
    if (trace === undefined) continue;
    const packed = pack(cellDetail(cell, trace, length <= BYTES_BUDGET));
    length += packed.length;
    details.set(index, packed);
  }
  return { summary, folder, axes: axesOf(cells), cells, details };
}

const pack = (detail: CellDetail): string => deflateRawSync(JSON.stringify(detail)).toString('base64');

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
