import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parentPort, workerData } from 'node:worker_threads';
import { writeCase } from '../../matrix/index.ts';
import type { Case } from '../../matrix/schema/case.ts';
import type { Expectations } from '../../matrix/schema/plan.ts';
import type { CellResult } from '../../reports/result.ts';
import { writeTrace } from '../../reports/trace-lines.ts';
import type { NetworkKind } from '../world/network-kind.ts';
import { executeCell } from './execute-cell.ts';
import { loadEngines } from './load-engines.ts';
import { loadRuntime } from './load-runtime.ts';
import type { WorkerMessage, WorkerTask } from './pool.ts';
import { casePath, tracePath } from './run-folder.ts';

/** A thread of a run: executes the cells it is sent and writes their files; the answer is the cell's result. */
export interface CellWorkerData {
  /** URL of a module that exports `runtime`. */
  readonly runtime: string;
  /** URL of a module that exports `engines`. */
  readonly engines?: string | undefined;
  readonly expectations: Expectations;
  /** The run's folder. */
  readonly folder: string;
  readonly network: NetworkKind;
}

const data = workerData as CellWorkerData;
const port = parentPort;
if (port === null) throw new Error('cell-worker.ts runs as a worker thread only');

const runtime = await loadRuntime(data.runtime);
const engines = await loadEngines(data.engines);

port.on('message', async (task: WorkerTask<Case>) => {
  say({ kind: 'done', index: task.index, output: await executeAndWrite(task.input) });
});
say({ kind: 'ready' });

async function executeAndWrite(cell: Case): Promise<CellResult> {
  mkdirSync(join(data.folder, casePath(cell.id), '..'), { recursive: true });
  writeFileSync(join(data.folder, casePath(cell.id)), writeCase(cell));
  const how = { engines, network: data.network };
  const { result, trace } = await executeCell(cell, data.expectations, runtime, how);
  if (trace.length > 0) writeWhole(join(data.folder, tracePath(cell.id)), writeTrace(trace));
  return {
    ...result,
    casePath: casePath(cell.id),
    ...(trace.length > 0 ? { tracePath: tracePath(cell.id) } : {}),
  };
}

/** The file is there whole or not at all, also when this thread is ended in the middle. */
function writeWhole(path: string, text: string): void {
  writeFileSync(`${path}.part`, text);
  renameSync(`${path}.part`, path);
}

function say(message: WorkerMessage<CellResult>): void {
  port!.postMessage(message);
}
