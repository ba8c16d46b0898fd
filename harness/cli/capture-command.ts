import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { VIRTUAL_EPOCH_MS } from '../../emulators/network/virtual-clock.ts';
import { captureOf } from '../../reports/capture/capture.ts';
import type { TraceEntry } from '../../reports/trace.ts';
import { parseTrace, TraceFileError } from '../../reports/trace-lines.ts';
import { UsageError } from '../run/usage-error.ts';
import type { Context } from './context.ts';

export interface CaptureFlags {
  readonly out?: string;
}

/** `parley capture TRACE`: the frames of a trace as a file for Wireshark. */
export function captureCommand(given: string, flags: CaptureFlags, { terminal }: Context): number {
  const path = tracePath(given);
  const trace = traceAt(path);
  const out = flags.out ?? join(dirname(path), 'trace.pcapng');
  const frames = trace.filter(({ kind }) => kind === 'frame').length;
  write(out, captureOf(trace, VIRTUAL_EPOCH_MS));
  terminal.out(`${frames} frames: wireshark ${out}\n`);
  return 0;
}

/** A trace, its folder, or the case file beside it. */
function tracePath(given: string): string {
  try {
    if (statSync(given).isDirectory()) return join(given, 'trace.jsonl');
  } catch {
    throw new UsageError(`${given} is not there`);
  }
  return given.endsWith('.yaml') ? join(dirname(given), 'trace.jsonl') : given;
}

function traceAt(path: string): TraceEntry[] {
  try {
    return parseTrace(readFileSync(path, 'utf8'));
  } catch (error) {
    if (error instanceof TraceFileError) throw new UsageError(`${path} is no trace: ${error.message}`);
    if ((error as NodeJS.ErrnoException).code !== undefined) throw new UsageError(`${path} is not there`);
    throw error;
  }
}

function write(path: string, bytes: Uint8Array): void {
  try {
    writeFileSync(path, bytes);
  } catch (error) {
    throw new UsageError(`cannot write ${path}: ${(error as Error).message}`);
  }
}
