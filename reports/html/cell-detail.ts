import { firstDeviation } from '../first-deviation.ts';
import { frameSize, frameSummary } from '../frame-summary.ts';
import { type Lane, ladderLanes } from '../host-order.ts';
import type { CellResult } from '../result.ts';
import { readSms } from '../sms-pdu.ts';
import { stepLabel } from '../step-label.ts';
import type { DeviceView, FrameEntry, TraceBytes, TraceEntry, WorldEntry } from '../trace.ts';
import { traceBytes } from '../trace-lines.ts';
import { type Observed, observed } from './observed.ts';

/** Ladder rows kept for one cell; the trace file has the rest. */
const ROW_LIMIT = 1_500;
/** Octets of one frame shown, and of all frames of one cell. */
const FRAME_BYTES = 16_384;
const CELL_BYTES = 256_000;

/** A frame's octets, as many as the page keeps, and the text of an SMS. */
export type FramePayload = TraceBytes & { readonly sms?: string };

/** Positions: n, t, from, to (lanes), protocol, event, fate, link, from port, to port, size in octets, summary, payload. */
export type FrameRow = readonly [
  'f',
  number,
  number,
  number,
  number,
  string,
  string,
  string,
  string,
  number,
  number,
  number,
  string,
  FramePayload?,
];
/** Position in the trace, virtual milliseconds, step index, label. */
export type StepRow = readonly ['s', number, number, number, string];
/** Position, time, side, name, data as one line of text. */
export type NoteRow = readonly ['e', number, number, string, string, string];

/** What the report shows of one cell's trace. */
export interface CellDetail {
  readonly lanes: readonly Lane[];
  readonly rows: readonly (FrameRow | StepRow | NoteRow)[];
  /** Rows that the report leaves out. */
  readonly omitted: number;
  /** What each message carries that nobody on the way may read. */
  readonly markers: WorldEntry['markers'];
  readonly observed: readonly Observed[];
  /** The step in which the case left its path. */
  readonly deviation?: number;
  /** Whether payloads are in the page; else they are in the trace file only. */
  readonly bytes: boolean;
  /** What each phone showed at the end. */
  readonly phones: readonly { readonly side: string; readonly view: DeviceView }[];
}

/** The cells that people will look into first; they are kept whole when the page has no room for all. */
export function comesFirst(result: CellResult): boolean {
  return result.outcome === 'failed' || result.outcome === 'infra-error' || result.canary !== undefined;
}

/** `withBytes`: also the payloads, the evidence first, as far as the cell's share goes. */
export function cellDetail(result: CellResult, trace: readonly TraceEntry[], withBytes: boolean): CellDetail {
  const lanes = ladderLanes(trace);
  const laneOf = new Map(lanes.map(({ host }, index) => [host, index]));
  const shown = withBytes ? chosenBytes(result, trace) : new Set<number>();
  const rows: (FrameRow | StepRow | NoteRow)[] = [];
  const phones = new Map<string, DeviceView>();
  let omitted = 0;
  for (const entry of trace) {
    if (entry.kind === 'state') phones.set(entry.side, entry.view);
    const row = toRow(entry, laneOf, shown);
    if (row === undefined) continue;
    if (rows.length < ROW_LIMIT) rows.push(row);
    else omitted += 1;
  }
  const deviation = firstDeviation(trace, result.failures);
  return {
    lanes,
    rows,
    markers: trace.find((entry): entry is WorldEntry => entry.kind === 'world')?.markers ?? {},
    observed: observed(trace),
    ...(deviation === undefined ? {} : { deviation }),
    omitted,
    bytes: withBytes,
    phones: [...phones].map(([side, view]) => ({ side, view })),
  };
}

export interface Ladder {
  readonly lanes: readonly Lane[];
  readonly rows: readonly (FrameRow | StepRow | NoteRow)[];
}

/** Frames and events of a trace without their payloads. */
export function ladderOf(trace: readonly TraceEntry[]): Ladder {
  const lanes = ladderLanes(trace);
  const laneOf = new Map(lanes.map(({ host }, index) => [host, index]));
  const rows = trace.map((entry) => toRow(entry, laneOf, NONE)).filter((row) => row !== undefined);
  return { lanes, rows };
}

const NONE: ReadonlySet<number> = new Set();

function toRow(entry: TraceEntry, laneOf: ReadonlyMap<string, number>, shown: ReadonlySet<number>) {
  if (entry.kind === 'step')
    return ['s', entry.n, entry.t, entry.index, stepLabel(entry.step)] satisfies StepRow;
  if (entry.kind === 'event')
    return ['e', entry.n, entry.t, entry.side, entry.name, flat(entry.data)] satisfies NoteRow;
  if (entry.kind === 'error')
    return ['e', entry.n, entry.t, 'harness', 'error', entry.message] satisfies NoteRow;
  return entry.kind === 'frame' ? frameRow(entry, laneOf, shown) : undefined;
}

function frameRow(
  frame: FrameEntry,
  laneOf: ReadonlyMap<string, number>,
  shown: ReadonlySet<number>,
): FrameRow {
  const row = [
    'f',
    frame.n,
    frame.t,
    laneOf.get(frame.from)!,
    laneOf.get(frame.to)!,
    frame.protocol,
    frame.event,
    frame.fate,
    frame.link,
    frame.fromPort,
    frame.toPort,
    frameSize(frame),
    frameSummary(frame),
  ] as const;
  return shown.has(frame.n) && frame.bytes !== undefined ? [...row, payload(frame, frame.bytes)] : row;
}

/** Which frames' payloads to keep: those the blame points at, then in order while the cell's share lasts. */
function chosenBytes(result: CellResult, trace: readonly TraceEntry[]): Set<number> {
  const evidence = new Set(result.failures.map((failure) => failure.blame.entry));
  const frames = trace.filter(
    (entry): entry is FrameEntry => entry.kind === 'frame' && entry.bytes !== undefined,
  );
  const chosen = new Set<number>();
  let left = CELL_BYTES;
  for (const first of [true, false]) {
    for (const frame of frames) {
      const size = Math.min(frameSize(frame), FRAME_BYTES);
      if (evidence.has(frame.n) !== first || size > left) continue;
      chosen.add(frame.n);
      left -= size;
    }
  }
  return chosen;
}

function payload({ protocol }: FrameEntry, bytes: TraceBytes): FramePayload {
  const sms = protocol === 'cs' ? readSms(traceBytes(bytes)).text : undefined;
  return { ...cut(bytes), ...(sms === undefined ? {} : { sms }) };
}

function cut(bytes: TraceBytes): TraceBytes {
  const octets = traceBytes(bytes);
  if (octets.length <= FRAME_BYTES) return bytes;
  return 'text' in bytes
    ? { text: bytes.text.slice(0, FRAME_BYTES) }
    : { base64: Buffer.from(octets.subarray(0, FRAME_BYTES)).toString('base64') };
}

function flat(data: Readonly<Record<string, unknown>>): string {
  return Object.entries(data)
    .map(([key, value]) => `${key} ${typeof value === 'string' ? value : JSON.stringify(value)}`)
    .join(', ');
}
