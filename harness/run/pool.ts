import type { Worker } from 'node:worker_threads';
import { systemClock } from '../ports/system-clock.ts';
import { describe } from './execute-cell.ts';

/** What a worker thread says: once when it can take work, then an answer to each task. */
export type WorkerMessage<Output> =
  | { readonly kind: 'ready' }
  | { readonly kind: 'done'; readonly index: number; readonly output: Output };

/** What a worker thread is told. */
export interface WorkerTask<Input> {
  readonly index: number;
  readonly input: Input;
}

/** `lost` says why there is no answer: the worker crashed, hung, or never started. */
export type TaskEnd<Output> = { readonly output: Output } | { readonly lost: string };

/** Loading a worker's modules takes seconds on a busy machine, whatever its tasks take. */
const START_TIMEOUT_MS = 60_000;

export interface PoolOptions<Output> {
  /** Worker threads at once. */
  readonly threads: number;
  /** Wall milliseconds after which a task counts as hung and its worker is ended. */
  readonly timeoutMs: number;
  readonly start: () => Worker;
  /** Called once for each task that ended, in the order of ending. */
  readonly onEnd: (index: number, end: TaskEnd<Output>) => void;
  /** Once aborted, workers are ended at once; tasks in hand or waiting get no `onEnd`. */
  readonly signal?: AbortSignal;
}

/**
 * Gives `inputs` in order to worker threads, one task each at a time. A worker that crashes or hangs costs its own
 * task only: another takes its place. A worker that cannot even start would fail again, so then all is lost.
 */
export async function runPool<Input, Output>(
  inputs: readonly Input[],
  options: PoolOptions<Output>,
): Promise<void> {
  const queue = inputs.map((_, index) => index);
  const lanes = Array.from({ length: Math.max(1, Math.min(options.threads, inputs.length)) }, async () => {
    while (queue.length > 0 && !options.signal?.aborted) {
      const broken = await workUntilLost(inputs, queue, options);
      if (broken !== undefined) for (const index of queue.splice(0)) options.onEnd(index, { lost: broken });
    }
  });
  await Promise.all(lanes);
}

/**
 * One worker's life: resolves when the queue is empty, the worker is lost or the run is aborted; with the reason when
 * it could not start.
 */
function workUntilLost<Input, Output>(
  inputs: readonly Input[],
  queue: number[],
  options: PoolOptions<Output>,
): Promise<string | undefined> {
  return new Promise((resolve) => {
    const worker = options.start();
    let ready = false;
    let current: number | undefined;
    let ended = false;
    const timeOut = () =>
      finish(ready ? `no result after ${options.timeoutMs / 1000} s` : 'the worker did not start in time');
    let timer = systemClock.setTimer(Math.max(options.timeoutMs, START_TIMEOUT_MS), timeOut);

    const finish = (lost?: string) => {
      if (ended) return;
      ended = true;
      timer.cancel();
      options.signal?.removeEventListener('abort', abort);
      if (lost !== undefined && current !== undefined) options.onEnd(current, { lost });
      void worker.terminate().then(() => resolve(ready || lost === undefined ? undefined : lost));
    };
    const abort = () => finish();
    const next = () => {
      timer.cancel();
      current = queue.shift();
      if (current === undefined) return finish();
      timer = systemClock.setTimer(options.timeoutMs, timeOut);
      worker.postMessage({ index: current, input: inputs[current]! } satisfies WorkerTask<Input>);
    };

    options.signal?.addEventListener('abort', abort);
    if (options.signal?.aborted) return finish();
    worker.on('message', (message: WorkerMessage<Output>) => {
      if (ended) return;
      if (message.kind === 'ready') ready = true;
      else options.onEnd(message.index, { output: message.output });
      next();
    });
    worker.on('error', (error) => finish(`the worker crashed: ${describe(error)}`));
    worker.on('exit', (code) => finish(`the worker exited with code ${code}`));
  });
}
