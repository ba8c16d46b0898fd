/** A thread of a mutation drill: attacks the target it is told, so many times. */
import { parentPort } from 'node:worker_threads';
import { SeededRandom } from '../../emulators/network/seeded-random.ts';
import type { WorkerMessage, WorkerTask } from '../run/pool.ts';
import { type FuzzReport, fuzz } from './fuzz.ts';
import { type TargetName, targetNamed } from './targets.ts';

export interface FuzzTask {
  readonly target: TargetName;
  readonly inputs: number;
  readonly seed: string;
}

const port = parentPort;
if (port === null) throw new Error('fuzz-worker.ts runs as a worker thread only');

port.on('message', async ({ index, input }: WorkerTask<FuzzTask>) => {
  const random = new SeededRandom(input.seed);
  const target = await targetNamed(input.target, random.fork('target'));
  const output = await fuzz(target, { inputs: input.inputs, random: random.fork('mutations') });
  port.postMessage({ kind: 'done', index, output } satisfies WorkerMessage<FuzzReport>);
});
port.postMessage({ kind: 'ready' } satisfies WorkerMessage<FuzzReport>);
