import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { expandPlan, loadMatrix } from '../../matrix/index.ts';
import { planNamed } from '../cli/context.ts';
import { json, type Terminal } from '../cli/terminal.ts';
import { LOAD_TRANSPORTS } from '../ports/load-socket.ts';
import { loadRuntime } from '../run/load-runtime.ts';
import { UsageError } from '../run/usage-error.ts';
import { benchCells, cellsText } from './cells.ts';
import { benchMls, mlsText } from './mls.ts';
import { loadContenders } from './mls-contenders.ts';
import { benchSignalling, type SignallingOptions } from './signalling/signalling.ts';
import { signallingText } from './signalling/signalling-text.ts';

const USAGE = `Benches:
  cells [--plan NAME] [--cells N] [--out DIR]   cells a second, and the share of pure cryptography
  mls [--suites 1,2] [--out DIR]                each MLS operation, ours and another implementation's in turns
  signalling [--transports udp,tcp,tls] [--seconds N] [--phones N] [--processes N] [--idle N] [--registers N]
             [--messages N] [--out DIR]
                                                parley serve under load, and a bare echo of the same bytes in turns
`;

/** `npm run bench -- NAME`: prints the figures and writes them to `OUT/bench/NAME.json`. Resolves to the exit code. */
export async function benchMain(
  argv: readonly string[],
  terminal: Terminal,
  runtimeUrl: string,
): Promise<number> {
  try {
    const { positionals, values } = parseArgs({
      args: [...argv],
      allowPositionals: true,
      options: {
        plan: { type: 'string', default: 'default' },
        cells: { type: 'string', default: '120' },
        suites: { type: 'string', default: '1,2' },
        contenders: { type: 'string' },
        transports: { type: 'string', default: 'udp,tcp,tls' },
        seconds: { type: 'string', default: '5' },
        phones: { type: 'string', default: '32' },
        processes: { type: 'string', default: '1' },
        idle: { type: 'string', default: '10000' },
        registers: { type: 'string', default: '4000' },
        messages: { type: 'string', default: '2000' },
        out: { type: 'string', default: 'out' },
      },
    });
    if (positionals.length === 0) {
      terminal.out(USAGE);
      return 0;
    }
    if (positionals[0] === 'mls') {
      const suites = values.suites.split(',').map(Number);
      if (values.contenders === undefined)
        throw new UsageError('mls: name the module of the contenders with --contenders (npm run bench does)');
      const contenders = await loadContenders(pathToFileURL(values.contenders).href);
      const figures = await benchMls(suites, contenders, terminal.err);
      terminal.out(mlsText(figures));
      writeFigures(values.out, 'mls', [...figures.rows, ...figures.memory]);
      return 0;
    }
    if (positionals[0] === 'signalling') {
      const figures = await benchSignalling({ ...loadOptions(values), say: terminal.err });
      terminal.out(signallingText(figures));
      const { rows, overload, memory, sipp } = figures;
      writeFigures(values.out, 'signalling', [...rows, ...overload, ...memory, ...sipp]);
      return overload.some(({ broken }) => broken.length > 0) ? 1 : 0;
    }
    if (positionals[0] !== 'cells')
      throw new UsageError(`no bench is called "${positionals[0]}"; there are cells, mls and signalling`);
    const limit = Number(values.cells);
    if (!Number.isInteger(limit) || limit < 1)
      throw new UsageError(`--cells ${values.cells} is not a whole number above 0`);

    const matrix = loadMatrix();
    const { cells } = expandPlan(matrix, planNamed(matrix, values.plan));
    const runtime = await loadRuntime(runtimeUrl);
    const figures = await benchCells(spread(cells, limit), matrix.expectations, runtime);
    terminal.out(cellsText(values.plan, figures));
    writeFigures(values.out, 'cells', { plan: values.plan, ...figures });
    return figures.broken.length > 0 ? 2 : 0;
  } catch (error) {
    const wrongUse =
      error instanceof UsageError || (error as { code?: string }).code?.startsWith('ERR_PARSE_ARGS');
    terminal.err(`bench: ${(error as Error).message.replace(/\s*\n\s*/g, ' ')}\n`);
    return wrongUse === true ? 64 : 2;
  }
}

type LoadFlag = 'transports' | 'seconds' | 'phones' | 'processes' | 'idle' | 'registers' | 'messages';

/** Throws UsageError. */
function loadOptions(values: Readonly<Record<LoadFlag, string>>): Omit<SignallingOptions, 'say'> {
  const count = (flag: Exclude<LoadFlag, 'transports'>, least: number): number => {
    const number = Number(values[flag]);
    if (Number.isInteger(number) && number >= least) return number;
    throw new UsageError(`--${flag} ${values[flag]} is not a whole number from ${least}`);
  };
  const transports = values.transports.split(',').map((name) => {
    const known = LOAD_TRANSPORTS.find((transport) => transport === name);
    if (known === undefined)
      throw new UsageError(`--transports ${name}: there are ${LOAD_TRANSPORTS.join(', ')}`);
    return known;
  });
  const processes = count('processes', 1);
  return {
    transports,
    ops: ['register', 'relay'],
    seconds: count('seconds', 1),
    phones: count('phones', 2 * processes),
    processes,
    idle: count('idle', 0),
    overload: true,
    sipp: { registers: count('registers', 1), messages: count('messages', 1) },
  };
}

function writeFigures(out: string, name: string, figures: object): void {
  mkdirSync(join(out, 'bench'), { recursive: true });
  writeFileSync(join(out, 'bench', `${name}.json`), json(figures));
}

/** At most `limit` of the items, evenly spread, so that every scenario and phone has its part. */
function spread<T>(items: readonly T[], limit: number): T[] {
  if (items.length <= limit) return [...items];
  return Array.from({ length: limit }, (_, index) => items[Math.floor((index * items.length) / limit)]!);
}
