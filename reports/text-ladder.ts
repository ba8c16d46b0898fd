import { frameSummary } from './frame-summary.ts';
import { ladderLanes } from './host-order.ts';
import { stepLabel } from './step-label.ts';
import type { FrameEntry, StateEntry, TraceEntry } from './trace.ts';

export interface TextLadderOptions {
  /** Entries to mark, each with two characters: the evidence of a blame. */
  readonly marks?: ReadonlyMap<number, string>;
  /** Longest line, in characters; any length unless given. */
  readonly width?: number;
}

export interface LadderLine {
  /** Position in the trace. */
  readonly n: number;
  readonly text: string;
}

type HostName = (host: string) => string;

/** What stands above the lines: entry, virtual milliseconds, what happened. */
export const LADDER_HEAD = '   entry        ms';

/** Steps, frames and errors of a trace, a line each. Streams opening and closing are left out unless they are marked. */
export function textLadder(trace: readonly TraceEntry[], options: TextLadderOptions = {}): LadderLine[] {
  const { marks = new Map<number, string>(), width = Infinity } = options;
  const lanes = ladderLanes(trace);
  const names = new Map(lanes.map(({ host, name }) => [host, name]));
  const columns = Math.max(4, ...lanes.map(({ name }) => name.length));
  const at = (host: string) => names.get(host) ?? host;
  const lines: LadderLine[] = [];
  for (const entry of trace) {
    const { n, t } = entry;
    const told = lineOf(entry, columns, at, marks.has(n));
    if (told === undefined) continue;
    const line = `${(marks.get(n) ?? '').padStart(2)} ${`#${n}`.padStart(5)}  ${String(Math.round(t)).padStart(8)}  ${told}`;
    lines.push({ n, text: line.length > width ? `${line.slice(0, width - 1)}…` : line });
  }
  return lines;
}

function lineOf(entry: TraceEntry, columns: number, at: HostName, isMarked: boolean): string | undefined {
  switch (entry.kind) {
    case 'step':
      return `-- step ${entry.index}: ${stepLabel(entry.step)}`;
    case 'frame': {
      const life = entry.event === 'open' || entry.event === 'close';
      return life && !isMarked ? undefined : frameLine(entry, columns, at);
    }
    case 'error':
      return `!! ${entry.message}`;
    case 'event':
      return isMarked ? `-- ${entry.side} ${entry.name} ${JSON.stringify(entry.data)}` : undefined;
    case 'state':
      return isMarked ? `-- ${entry.side} shows ${viewLine(entry)}` : undefined;
    case 'store':
      return isMarked ? `-- ${entry.side} keeps ${entry.key}` : undefined;
    default:
      return undefined;
  }
}

function viewLine({ view }: StateEntry): string {
  const bubbles = view.bubbles.map(({ message, badge, state }) => `"${message}" ${badge} ${state}`);
  return [view.registration, ...bubbles].join(', ');
}

function frameLine(frame: FrameEntry, columns: number, at: HostName): string {
  const arrow = frame.fate === 'delivered' ? '->' : '-x';
  const fate = frame.fate === 'delivered' ? '' : ` (${frame.fate})`;
  return `${at(frame.from).padStart(columns)} ${arrow} ${at(frame.to).padEnd(columns)}  ${frame.protocol.padEnd(5)} ${frameSummary(frame)}${fate}`;
}
