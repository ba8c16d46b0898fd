/** Runs a drill: the same strain many times, with results like those of cells. */
import type { Drill, DrillOf } from '../../matrix/schema/drill.ts';
import type { CellResult } from '../../reports/result.ts';
import { nanoseconds, systemClock } from '../ports/system-clock.ts';
import { type DrillRun, type DrillUnit, unjudged } from './drill-unit.ts';
import { type FinishedRun, finishRun } from './finish-run.ts';
import { findNews } from './news.ts';
import { crashRounds, runCrashes } from './run-crashes.ts';
import { makeRunFolder } from './run-folder.ts';
import { mutationBatches, runMutations } from './run-mutations.ts';

export interface DrillOptions {
  readonly drill: Drill;
  readonly out: string;
  readonly jobs: number;
  readonly seed?: string | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onStart?: (batches: number) => void;
  readonly onCell?: (result: CellResult) => void;
}

export async function runDrill(options: DrillOptions): Promise<FinishedRun> {
  const { drill, jobs, signal } = options;
  const started = { at: systemClock.now(), nanoseconds: nanoseconds() };
  const seed = options.seed ?? String(drill.seed);
  const { run, folder } = makeRunFolder(options.out, drill.name, started.at);
  const { units, perform } = prepared(drill, seed);
  options.onStart?.(units.length);
  const results = new Map<string, CellResult>();
  await perform({
    folder,
    jobs,
    signal,
    onResult: (result) => {
      results.set(result.id, result);
      options.onCell?.(result);
    },
  });
  const all = units
    .map((unit) => results.get(unit.id) ?? unjudged(unit, 'not-run', 'the run was interrupted'))
    .sort((a, b) => (a.id < b.id ? -1 : 1));
  const { news } = findNews(all, [], () => false, '');
  return finishRun(options.out, folder, started, all, {
    run,
    plan: drill.name,
    seed,
    news,
    rules: {},
    removed: [],
  });
}

interface Prepared {
  readonly units: readonly DrillUnit[];
  /** Tells a result for each unit that it came to. */
  perform(run: DrillRun): Promise<void>;
}

function prepared(drill: Drill, seed: string): Prepared {
  if (isKind(drill, 'mutations')) {
    const units = mutationBatches(drill, seed);
    return { units, perform: (run) => runMutations(units, run) };
  }
  const units = crashRounds(drill as DrillOf<'kill-9'>, seed);
  return { units, perform: (run) => runCrashes(units, run) };
}

function isKind<K extends Drill['drill']['kind']>(drill: Drill, kind: K): drill is DrillOf<K> {
  return drill.drill.kind === kind;
}
