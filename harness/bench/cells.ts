import type { Case } from '../../matrix/schema/case.ts';
import type { Expectations } from '../../matrix/schema/plan.ts';
import type { CellResult } from '../../reports/result.ts';
import { table } from '../cli/terminal.ts';
import { executeCell } from '../run/execute-cell.ts';
import type { Runtime } from '../run/runtime.ts';

/** Cells run before the measuring begins, so that it doesn't measure the compiler. */
const WARM_UP = 6;

export interface Figures {
  readonly cells: number;
  /** Running and judging; writing files is not in it. */
  readonly wallMs: number;
  readonly cellsPerSecond: number;
  /** In primitives, counted by the providers themselves. */
  readonly cryptoMs: number;
  readonly cryptoShare: number;
  /** Everything else divided by cryptography: the aim is below 1. Null where there is no cryptography. */
  readonly restPerCrypto: number | null;
}

export interface CellsBench {
  readonly all: Figures;
  /** Cells in which both phones do MLS: where the cryptography is. */
  readonly mls: Figures;
  readonly scenarios: Readonly<Record<string, Figures>>;
  /** Cells that ended in an infra-error, which make the figures worthless. */
  readonly broken: readonly { readonly id: string; readonly reason: string }[];
}

/** Runs and judges the cells one after the other in this thread. */
export async function benchCells(
  cells: readonly Case[],
  expectations: Expectations,
  runtime: Runtime,
): Promise<CellsBench> {
  for (const cell of cells.slice(0, WARM_UP)) await executeCell(cell, expectations, runtime);
  const measured: { readonly cell: Case; readonly result: CellResult }[] = [];
  for (const cell of cells)
    measured.push({ cell, result: (await executeCell(cell, expectations, runtime)).result });

  const scenarios = [...new Set(cells.map(({ scenario }) => scenario.name))].sort();
  const of = (chosen: (cell: Case) => boolean) =>
    figures(measured.filter(({ cell }) => chosen(cell)).map((m) => m.result));
  return {
    all: of(() => true),
    mls: of((cell) => Object.values(cell.roles).every(({ device }) => device.mls !== undefined)),
    scenarios: Object.fromEntries(
      scenarios.map((name) => [name, of(({ scenario }) => scenario.name === name)]),
    ),
    broken: measured
      .filter(({ result }) => result.outcome === 'infra-error')
      .map(({ result }) => ({ id: result.id, reason: result.reason ?? '' })),
  };
}

export function figures(results: readonly CellResult[]): Figures {
  const wallMs = results.reduce((sum, { durationMs }) => sum + durationMs, 0);
  const cryptoMs = results.reduce((sum, result) => sum + result.cryptoMs, 0);
  return {
    cells: results.length,
    wallMs: Math.round(wallMs),
    cellsPerSecond: wallMs === 0 ? 0 : round((results.length * 1000) / wallMs),
    cryptoMs: Math.round(cryptoMs),
    cryptoShare: wallMs === 0 ? 0 : round(cryptoMs / wallMs),
    restPerCrypto: cryptoMs === 0 ? null : round((wallMs - cryptoMs) / cryptoMs),
  };
}

export function cellsText(plan: string, bench: CellsBench): string {
  const rows = [
    ['', 'cells', 'cells/s', 'wall ms', 'crypto ms', 'share', 'rest/crypto'],
    row('all', bench.all),
    row('MLS at both ends', bench.mls),
    ...Object.entries(bench.scenarios).map(([name, one]) => row(name, one)),
  ];
  const first = bench.broken[0];
  const broken =
    first === undefined
      ? ''
      : `${bench.broken.length} cells broke, the first: ${first.id}: ${first.reason}\n`;
  return `Cells of plan ${plan}, one thread, run and judged\n\n${table(rows)}${broken}`;
}

function row(name: string, one: Figures): string[] {
  const rest = one.restPerCrypto === null ? '-' : String(one.restPerCrypto);
  const numbers = [
    one.cells,
    one.cellsPerSecond,
    one.wallMs,
    one.cryptoMs,
    `${Math.round(one.cryptoShare * 100)} %`,
    rest,
  ];
  return [name, ...numbers.map((number) => String(number).padStart(8))];
}

const round = (value: number): number => Math.round(value * 100) / 100;
