/** Runs a drill: the same strain many times, in worker threads, with results like those of cells. */
import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { Drill } from '../../matrix/schema/drill.ts';
import type { CellResult, Failure } from '../../reports/result.ts';
import type { FuzzReport } from '../fuzz/fuzz.ts';
import type { FuzzTask } from '../fuzz/fuzz-worker.ts';
import { nanoseconds, systemClock } from '../ports/system-clock.ts';
import { type FinishedRun, finishRun } from './finish-run.ts';
import { findNews } from './news.ts';
import { runPool, type TaskEnd } from './pool.ts';
import { makeRunFolder } from './run-folder.ts';

/** Inputs of one task: small enough that a hung one is missed soon, and that threads share the work evenly. */
const BATCH = 5_000;
const BATCH_TIMEOUT_MS = 120_000;

export interface DrillOptions {
  readonly drill: Drill;
  readonly out: string;
  readonly jobs: number;
  readonly seed?: string | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onStart?: (batches: number) => void;
  readonly onCell?: (result: CellResult) => void;
}

interface Batch extends FuzzTask {
  readonly id: string;
}

export async function runDrill(options: DrillOptions): Promise<FinishedRun> {
  const { drill } = options;
  const started = { at: systemClock.now(), nanoseconds: nanoseconds() };
  const seed = options.seed ?? String(drill.seed);
  const { run, folder } = makeRunFolder(options.out, drill.name, started.at);
  const batches = dealt(drill, seed);
  options.onStart?.(batches.length);
  const results = new Map<string, CellResult>();
  await runPool<Batch, FuzzReport>(batches, {
    threads: options.jobs,
    timeoutMs: BATCH_TIMEOUT_MS,
    start: () => new Worker(new URL('../fuzz/fuzz-worker.ts', import.meta.url)),
    onEnd: (index, end) => {
      const result = resultOf(batches[index]!, end, folder);
      results.set(result.id, result);
      options.onCell?.(result);
    },
    ...(options.signal === undefined ? {} : { signal: options.signal }),
  });
  const all = batches
    .map((batch) => results.get(batch.id) ?? unjudged(batch, 'not-run', 'the run was interrupted'))
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

function dealt({ name, drill }: Drill, seed: string): Batch[] {
  const each = Math.ceil(drill.inputs / drill.targets.length);
  return drill.targets.flatMap((target) =>
    Array.from({ length: Math.ceil(each / BATCH) }, (_, index) => {
      const id = `batch=${String(index + 1).padStart(3, '0')},drill=${name},target=${target}`;
      return { id, target, inputs: Math.min(BATCH, each - index * BATCH), seed: `${seed} ${id}` };
    }),
  );
}

function resultOf(batch: Batch, end: TaskEnd<FuzzReport>, folder: string): CellResult {
  if ('lost' in end) return unjudged(batch, 'infra-error', end.lost);
  const { findings, inputs, crafted } = end.output;
  const shown = findings.map((finding, index): Failure => {
    const file = join('cases', batch.id, `finding-${index + 1}.bin`);
    mkdirSync(join(folder, 'cases', batch.id), { recursive: true });
    writeFileSync(join(folder, file), Buffer.from(finding.input, 'base64'));
    return {
      rule: 'mutations',
      clause: 'bad input gets a typed error; nothing crashes, hangs or is lost',
      stepIndex: 0,
      expected: 'refused by its own error, or accepted whole',
      actual: finding.what,
      blame: { side: `reader:${batch.target}`, entry: 0, evidence: `${finding.what}; the input is ${file}` },
    };
  });
  const first = shown[0];
  return {
    ...unjudged(batch, first === undefined ? 'passed' : 'failed', first?.actual),
    ...(first === undefined ? {} : { rule: first.rule, blame: first.blame }),
    failures: shown,
    evidence: inputs + crafted,
  };
}

function unjudged(batch: Batch, outcome: CellResult['outcome'], reason?: string): CellResult {
  return {
    id: batch.id,
    hash: createHash('sha256').update(`${batch.id} ${batch.inputs} ${batch.seed}`).digest('hex').slice(0, 16),
    axes: { target: batch.target },
    outcome,
    ...(reason === undefined ? {} : { reason }),
    failures: [],
    rules: {},
    evidence: 0,
    durationMs: 0,
    virtualMs: 0,
    cryptoMs: 0,
    seed: batch.seed,
  };
}
