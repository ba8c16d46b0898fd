import { frameSummary } from './frame-summary.ts';
import { ladderLanes } from './host-order.ts';
import { stepLabel } from './step-label.ts';
import type { FrameEntry, TraceEntry } from './trace.ts';

export interface TextLadderOptions {
  /** Trace positions to mark with `>>`: the evidence of a blame. */
  readonly evidence?: ReadonlySet<number>;
  /** Longest line, in characters. */
  readonly width?: number;
}

type HostName = (host: string) => string;

/** Steps, frames and errors of a trace, a line each. Streams opening and closing are left out unless they are evidence. */
export function textLadder(trace: readonly TraceEntry[], options: TextLadderOptions = {}): string[] {
  const { evidence = new Set<number>(), width = 120 } = options;
  const lanes = ladderLanes(trace);
  const names = new Map(lanes.map(({ host, name }) => [host, name]));
  const columns = Math.max(4, ...lanes.map(({ name }) => name.length));
  const at = (host: string) => names.get(host) ?? host;
  const lines: string[] = [];
  for (const entry of trace) {
    const text = lineOf(entry, columns, at, evidence.has(entry.n));
    if (text === undefined) continue;
    const mark = evidence.has(entry.n) ? '>>' : '  ';
    const line = `${mark} ${String(Math.round(entry.t)).padStart(8)}  ${text}`;
    lines.push(line.length > width ? `${line.slice(0, width - 1)}…` : line);
  }
  return lines;
}

function lineOf(entry: TraceEntry, columns: number, at: HostName, isEvidence: boolean): string | undefined {
  switch (entry.kind) {
    case 'step':
      return `-- step ${entry.index}: ${stepLabel(entry.step)}`;
    case 'frame': {
      const life = entry.event === 'open' || entry.event === 'close';
      return life && !isEvidence ? undefined : frameLine(entry, columns, at);
    }
    case 'error':
      return `!! ${entry.message}`;
    case 'event':
    case 'state':
    case 'store':
      return isEvidence ? `-- ${entry.kind} at ${entry.side}` : undefined;
    default:
      return undefined;
  }
}

function frameLine(frame: FrameEntry, columns: number, at: HostName): string {
  const arrow = frame.fate === 'delivered' ? '->' : '-x';
  const fate = frame.fate === 'delivered' ? '' : ` (${frame.fate})`;
  return `${at(frame.from).padStart(columns)} ${arrow} ${at(frame.to).padEnd(columns)}  ${frame.protocol.padEnd(5)} ${frameSummary(frame)}${fate}`;
}
