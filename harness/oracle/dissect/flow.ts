import { Buffer } from 'node:buffer';
import type { FrameEntry, TraceBytes } from '../../../reports/trace.ts';

/**
 * One direction of one connection as its receiver would read it; a datagram, a WebSocket message (RFC 7118 section 5) or
 * an HTTP message is a flow of its own.
 */
export interface Flow {
  readonly bytes: Buffer;
  /** In order of `offset`; never empty. */
  readonly pieces: readonly Piece[];
  readonly carriage: 'stream' | 'datagram' | 'http' | 'cs';
  /** Something cut the stream short, so that its last message may be incomplete through no fault of the sender. */
  readonly broken: boolean;
}

export interface Piece {
  readonly offset: number;
  readonly entry: FrameEntry;
}

const CARRIAGE = {
  udp: 'datagram',
  ws: 'datagram',
  wss: 'datagram',
  http: 'http',
  https: 'http',
  cs: 'cs',
} as const;

export function bytesOf(bytes: TraceBytes): Buffer {
  return 'text' in bytes ? Buffer.from(bytes.text, 'utf8') : Buffer.from(bytes.base64, 'base64');
}

/** Joins the frames of each stream by connection and direction, so that what was split over frames is found whole. */
export function flowsOf(frames: readonly FrameEntry[]): Flow[] {
  const streams = new Map<string, { parts: Buffer[]; pieces: Piece[]; length: number }>();
  const broken = new Set<number>();
  const flows: (Flow | { readonly stream: string; readonly connection: number })[] = [];
  for (const entry of frames) {
    if (entry.event === 'reset' || entry.fate === 'unreachable') broken.add(entry.connection);
    if (!entry.bytes || entry.event === 'alert') continue;
    const bytes = bytesOf(entry.bytes);
    if (entry.protocol !== 'tcp' && entry.protocol !== 'tls') {
      const carriage = CARRIAGE[entry.protocol];
      flows.push({ bytes, pieces: [{ offset: 0, entry }], carriage, broken: false });
      continue;
    }
    const key = `${entry.connection} ${entry.from}:${entry.fromPort}`;
    let stream = streams.get(key);
    if (!stream) {
      stream = { parts: [], pieces: [], length: 0 };
      streams.set(key, stream);
      flows.push({ stream: key, connection: entry.connection });
    }
    stream.pieces.push({ offset: stream.length, entry });
    stream.parts.push(bytes);
    stream.length += bytes.length;
  }
  return flows.map((flow) => {
    if (!('stream' in flow)) return flow;
    const { parts, pieces } = streams.get(flow.stream)!;
    return { bytes: Buffer.concat(parts), pieces, carriage: 'stream', broken: broken.has(flow.connection) };
  });
}

/** The frame that holds the byte at `offset`. */
export function pieceAt(flow: Flow, offset: number): Piece {
  let low = 0;
  let high = flow.pieces.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (flow.pieces[middle]!.offset <= offset) low = middle;
    else high = middle - 1;
  }
  return flow.pieces[low]!;
}
