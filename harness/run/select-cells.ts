import type { Expansion } from '../../matrix/index.ts';
import type { Case } from '../../matrix/schema/case.ts';
import type { CellResult } from '../../reports/result.ts';
import { parseFilter } from './filter.ts';
import { inShard, type Shard } from './shard.ts';
import { UsageError } from './usage-error.ts';

export interface Selection {
  readonly filter?: string | undefined;
  readonly shard?: Shard | undefined;
}

export interface SelectedCells {
  /** To run. Canaries are in every selection: an oracle that sees nothing would pass any part of the matrix. */
  readonly cells: readonly Case[];
  /** Skipped by the plan, inside the selection. */
  readonly skipped: readonly CellResult[];
}

/** The part of an expanded plan that one run is about. Throws UsageError when the filter is wrong or nothing is left. */
export function selectCells(expansion: Expansion, selection: Selection): SelectedCells {
  const { filter, shard } = selection;
  const chosen =
    filter === undefined ? () => true : parseFilter(filter, [...expansion.cells, ...expansion.skipped]);
  const inside = (id: string, axes: Readonly<Record<string, string>>) =>
    chosen(axes) && (shard === undefined || inShard(id, shard));
  const cells = expansion.cells.filter((cell) => cell.canary !== undefined || inside(cell.id, cell.axes));
  const skipped = expansion.skipped.filter((cell) => inside(cell.id, cell.axes));
  const asked =
    expansion.cells.filter((cell) => chosen(cell.axes)).length +
    expansion.skipped.filter((cell) => chosen(cell.axes)).length;
  if (filter !== undefined && asked === 0) throw new UsageError(`filter: no cell matches "${filter}"`);
  return { cells, skipped: skipped.map(skippedResult) };
}

function skippedResult({ id, axes, because }: Expansion['skipped'][number]): CellResult {
  return {
    id,
    hash: '',
    axes,
    outcome: 'skipped',
    reason: because,
    failures: [],
    rules: {},
    evidence: 0,
    durationMs: 0,
    virtualMs: 0,
    cryptoMs: 0,
    seed: '',
  };
}
