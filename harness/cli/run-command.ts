import { resolve } from 'node:path';
import type { CellResult } from '../../reports/result.ts';
import { enginesUrl } from '../run/load-engines.ts';
import { runDrill } from '../run/run-drill.ts';
import { runPlan } from '../run/run-plan.ts';
import { parseShard } from '../run/shard.ts';
import { UsageError } from '../run/usage-error.ts';
import type { NetworkKind } from '../world/network-kind.ts';
import { type Context, matrixIn, planNamed } from './context.ts';
import { progressOn } from './progress.ts';
import { runReport } from './run-report.ts';
import { json } from './terminal.ts';

export interface RunFlags {
  readonly plan: string;
  readonly jobs: number;
  readonly out: string;
  readonly filter?: string;
  readonly seed?: string;
  readonly shard?: string;
  readonly network: NetworkKind;
  readonly engines?: string;
  readonly json?: boolean;
  readonly matrix?: string;
}

/** `parley run`. An interrupt ends it early with a whole report; a second one ends the process. */
export async function runCommand(flags: RunFlags, { terminal, runtime }: Context): Promise<number> {
  const matrix = matrixIn(flags.matrix);
  const drill = matrix.drills.get(flags.plan);
  if (drill !== undefined && (flags.filter ?? flags.shard) !== undefined)
    throw new UsageError(`${drill.name} is a drill: it has no cells, so --filter and --shard choose nothing`);
  if (drill !== undefined && flags.network !== 'simulated')
    throw new UsageError(`${drill.name} is a drill: it runs on no network but the simulated one`);
  const plan = drill ?? planNamed(matrix, flags.plan);
  const shard = flags.shard === undefined ? undefined : parseShard(flags.shard);
  const interruption = new AbortController();
  const interrupt = () => {
    terminal.err('\ninterrupted: writing the report of what has run; once more to stop at once\n');
    interruption.abort();
  };
  const progress = progressOn(terminal);
  process.once('SIGINT', interrupt).once('SIGTERM', interrupt);
  try {
    const start = (total: number, what: string) => {
      if (flags.json !== true)
        terminal.out(`parley run: plan ${plan.name}, ${what}, ${flags.jobs} at a time${onSockets(flags)}\n`);
      progress.start(total);
    };
    const shared = {
      out: resolve(flags.out),
      jobs: flags.jobs,
      seed: flags.seed,
      signal: interruption.signal,
      onCell: (result: CellResult) => progress.cell(result),
    };
    const running =
      'drill' in plan
        ? runDrill({ ...shared, drill: plan, onStart: (batches) => start(batches, `${batches} batches`) })
        : runPlan({
            ...shared,
            matrix,
            plan,
            shard,
            runtime,
            engines: flags.engines === undefined ? undefined : enginesUrl(flags.engines),
            filter: flags.filter,
            network: flags.network,
            onStart: (cells, canaries) => start(cells + canaries, `${cells} cells + ${canaries} canaries`),
          });
    const run = await running.finally(() => progress.stop());
    terminal.out(flags.json === true ? json(run.summary) : runReport(run, terminal.paint));
    return run.summary.exitCode;
  } finally {
    process.off('SIGINT', interrupt).off('SIGTERM', interrupt);
  }
}

function onSockets({ network }: RunFlags): string {
  return network === 'sockets' ? ', on real sockets (not deterministic)' : '';
}
