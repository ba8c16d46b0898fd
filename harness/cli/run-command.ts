import { resolve } from 'node:path';
import { runPlan } from '../run/run-plan.ts';
import { parseShard } from '../run/shard.ts';
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
  readonly json?: boolean;
  readonly matrix?: string;
}

/** `parley run`. An interrupt ends it early with a whole report; a second one ends the process. */
export async function runCommand(flags: RunFlags, { terminal, runtime }: Context): Promise<number> {
  const matrix = matrixIn(flags.matrix);
  const plan = planNamed(matrix, flags.plan);
  const shard = flags.shard === undefined ? undefined : parseShard(flags.shard);
  const interruption = new AbortController();
  const interrupt = () => {
    terminal.err('\ninterrupted: writing the report of what has run; once more to stop at once\n');
    interruption.abort();
  };
  const progress = progressOn(terminal);
  process.once('SIGINT', interrupt).once('SIGTERM', interrupt);
  try {
    const run = await runPlan({
      matrix,
      plan,
      shard,
      runtime,
      out: resolve(flags.out),
      jobs: flags.jobs,
      seed: flags.seed,
      filter: flags.filter,
      signal: interruption.signal,
      onStart: (cells, canaries) => {
        if (flags.json !== true)
          terminal.out(
            `parley run: plan ${plan.name}, ${cells} cells + ${canaries} canaries, ${flags.jobs} at a time\n`,
          );
        progress.start(cells + canaries);
      },
      onCell: (result) => progress.cell(result),
    }).finally(() => progress.stop());
    terminal.out(flags.json === true ? json(run.summary) : runReport(run, terminal.paint));
    return run.summary.exitCode;
  } finally {
    process.off('SIGINT', interrupt).off('SIGTERM', interrupt);
  }
}
