/** A mutation drill: batches of altered inputs in worker threads. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { DrillOf } from '../../matrix/schema/drill.ts';
import type { CellResult, Failure } from '../../reports/result.ts';
import type { FuzzReport } from '../fuzz/fuzz.ts';
import type { FuzzTask } from '../fuzz/fuzz-worker.ts';
import { type DrillRun, type DrillUnit, unjudged } from './drill-unit.ts';
import { runPool, type TaskEnd } from './pool.ts';

/** Inputs of one task: small enough that a hung one is missed soon, and that threads share the work evenly. */
const BATCH = 5_000;
const BATCH_TIMEOUT_MS = 120_000;

type Batch = FuzzTask & DrillUnit;

export function mutationBatches({ name, drill }: DrillOf<'mutations'>, seed: string): Batch[] {
  const each = Math.ceil(drill.inputs / drill.targets.length);
  return drill.targets.flatMap((target) =>
    Array.from({ length: Math.ceil(each / BATCH) }, (_, index) => {
      const id = `batch=${String(index + 1).padStart(3, '0')},drill=${name},target=${target}`;
      const inputs = Math.min(BATCH, each - index * BATCH);
      return { id, target, inputs, seed: `${seed} ${id}`, axes: { target }, size: inputs };
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

export async function runMutations(
  batches: readonly Batch[],
  { folder, jobs, signal, onResult }: DrillRun,
): Promise<void> {
  await runPool<Batch, FuzzReport>(batches, {
    threads: jobs,
    timeoutMs: BATCH_TIMEOUT_MS,
    start: () => new Worker(new URL('../fuzz/fuzz-worker.ts', import.meta.url)),
    onEnd: (index, end) => onResult(resultOf(batches[index]!, end, folder)),
    ...(signal === undefined ? {} : { signal }),
  });
}
