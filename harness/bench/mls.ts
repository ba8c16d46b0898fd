import { table } from '../cli/terminal.ts';
import { nanoseconds } from '../ports/system-clock.ts';
import type { ContendersModule } from './mls-contenders.ts';
import { measure, type Operation, type Row } from './mls-measure.ts';
import { type MemoryRow, memoryRows } from './mls-memory.ts';
import {
  coldWorld,
  messageOperations,
  populatedWorld,
  soloOperations,
  stateOperations,
  treeOperations,
} from './mls-operations.ts';

export interface MlsBench {
  readonly rows: readonly Row[];
  readonly memory: readonly MemoryRow[];
}

/** The aims of every row, and of tree operations from `treeSize` members on. */
const aims = { ratio: 10, ratioNative: 2, perCrypto: 1.3, treeSize: 100 };
const coldSizes = [10, 100, 256, 1000];
const populatedSizes = [100, 256];
const messageSize = 10;
const memorySize = 100;

/** Measures all contenders in turns; `progress` gets a line for each row as it comes. */
export async function benchMls(
  suites: readonly number[],
  contendersOf: ContendersModule['contenders'],
  progress: (line: string) => void,
): Promise<MlsBench> {
  const rows: Row[] = [];
  const memory: MemoryRow[] = [];
  for (const suite of suites) {
    const contenders = await contendersOf(suite, nanoseconds);
    const run = async (operations: readonly Operation[]) => {
      for (const operation of operations) {
        const row = await measure(suite, contenders, operation);
        rows.push(row);
        progress(`suite ${suite}  ${row.op} ${row.size}: ${row.ours_ms} ms\n`);
      }
    };
    await run(soloOperations(contenders.builder));
    for (const size of coldSizes) {
      const world = await coldWorld(contenders, size);
      await run(treeOperations(world, 'cold tree'));
      if (size === messageSize) await run(messageOperations(world));
      if (size === memorySize) {
        await run(stateOperations(world));
        memory.push(...(await memoryRows(suite, contenders, world)));
      }
    }
    for (const size of populatedSizes) {
      await run(treeOperations(await populatedWorld(contenders, size), 'populated tree'));
    }
  }
  return { rows, memory };
}

export function mlsText({ rows, memory }: MlsBench): string {
  const times = table([
    ['suite', 'operation', 'size', 'n', 'ours ms', 'ts-mls ms', 'on ours ms', 'x', 'x on ours', '/crypto'],
    ...rows.map(timeCells),
  ]);
  const sizes = table([
    ['suite', 'operation', 'size', 'n', 'ours bytes', 'ts-mls bytes', 'x'],
    ...memory.map((row) =>
      [row.suite, row.op, row.size, row.n, row.ours_bytes, row.peer_bytes, row.ratio].map(String),
    ),
  ]);
  return [
    'MLS: processor time, medians of n (ours / ts-mls) measurements in turns. "ts-mls" is 1.6.4 as published, "on ours"',
    `the same on our primitives. Aims: x >= ${aims.ratio}, x on ours >= ${aims.ratioNative}, and all time / time in primitives <= ${aims.perCrypto} on trees`,
    `of ${aims.treeSize} members and more. Marked !: misses its aim. Marked =: misses it, and would if ours were nothing but its`,
    'calls of primitives.',
    '',
    times,
    sizes,
    missedText(rows),
  ].join('\n');
}

function timeCells(row: Row): string[] {
  const { suite, op, size, n, n_peer, ours_ms, peer_ms, peer_native_ms, ratio, ratio_native } = row;
  return [
    String(suite),
    op,
    String(size),
    `${n} / ${n_peer}`,
    ...[ours_ms, peer_ms, peer_native_ms].map((ms) => String(Number(ms.toPrecision(3)))),
    `${ratio} ${ratioMark(row, ratio, aims.ratio)}`,
    `${ratio_native} ${ratioMark(row, ratio_native, aims.ratioNative)}`,
    `${perCrypto(row)} ${missesCryptoAim(row) ? '!' : ''}`,
  ];
}

/** `ratio / crypto_share` is what it would be if ours took no time outside primitives. */
function ratioMark({ crypto_share }: Row, ratio: number, aim: number): '' | '!' | '=' {
  if (ratio >= aim) return '';
  return ratio / crypto_share < aim ? '=' : '!';
}

function perCrypto({ crypto_share }: Row): number {
  return Math.round(100 / crypto_share) / 100;
}

function missesCryptoAim(row: Row): boolean {
  return /tree|add/.test(row.op) && row.size >= aims.treeSize && perCrypto(row) > aims.perCrypto;
}

function missedText(rows: readonly Row[]): string {
  const sentence = (name: string, ratioOf: (row: Row) => number, aim: number) => {
    const marks = rows.map((row) => ratioMark(row, ratioOf(row), aim));
    const bound = marks.filter((mark) => mark === '=').length;
    return `${name}: ${marks.filter((mark) => mark === '').length} reached, ${bound} out of reach of these primitives`;
  };
  return (
    `Of ${rows.length} rows, ${sentence('x', ({ ratio }) => ratio, aims.ratio)}; ` +
    `${sentence('x on ours', ({ ratio_native }) => ratio_native, aims.ratioNative)}; ` +
    `/crypto: ${rows.filter(missesCryptoAim).length} missed.\n`
  );
}
