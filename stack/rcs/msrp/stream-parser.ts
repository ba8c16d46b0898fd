/** RFC 4975 sections 5.1, 7.3 and 9: frames out of a byte stream, wherever it is cut. */

import { MsrpParseError } from './errors.ts';
import { END_LINE_DASHES, type MsrpFlag, type MsrpFrame } from './frame.ts';
import { GrowingOctets } from './growing-octets.ts';
import { type MsrpHead, parseHead, transactionIdOf } from './head.ts';
import { DEFAULT_MSRP_LIMITS, type MsrpLimits } from './limits.ts';

const CR = 13;
const LF = 10;
const DASH = 45;
/** Room that a parser keeps between frames. */
const IDLE_OCTETS = 4_096;
const encoder = new TextEncoder();

/** A frame whose data is still coming. */
interface Open {
  readonly head: MsrpHead;
  /** `-------` and the transaction id. */
  readonly mark: Uint8Array;
  readonly data: GrowingOctets;
}

/**
 * Gives the same frames however the octets are cut, and never throws. Holds at most one head and `limits.body` octets of
 * data (and as much again while it grows). After a fault it takes no more: what follows in the stream has no meaning.
 */
export class MsrpStreamParser {
  readonly #limits: MsrpLimits;
  readonly #utf8 = new TextDecoder('utf-8', { fatal: true });
  #buffer = new Uint8Array(IDLE_OCTETS);
  #start = 0;
  #end = 0;
  #lines: string[] = [];
  #headOctets = 0;
  #endMark: Uint8Array | undefined;
  #open: Open | undefined;
  #fault: MsrpParseError | undefined;

  constructor(limits: Partial<MsrpLimits> = {}) {
    this.#limits = { ...DEFAULT_MSRP_LIMITS, ...limits };
  }

  /** Whether the octets so far end within a frame. */
  get isWithinFrame(): boolean {
    return this.#open !== undefined || this.#lines.length > 0 || this.#end > this.#start;
  }

  /** What made the stream unreadable, behind the frames that `push` gave. */
  get fault(): MsrpParseError | undefined {
    return this.#fault;
  }

  /** Frames that these octets complete. */
  push(chunk: Uint8Array): MsrpFrame[] {
    const frames: MsrpFrame[] = [];
    if (this.#fault) return frames;
    this.#append(chunk);
    try {
      for (let frame = this.#next(); frame !== undefined; frame = this.#next()) frames.push(frame);
    } catch (error) {
      if (!(error instanceof MsrpParseError)) throw error;
      this.#fault = error;
      this.#start = this.#end;
    }
    return frames;
  }

  #next(): MsrpFrame | undefined {
    while (this.#open === undefined) {
      const line = this.#takeLine();
      if (line === undefined) return undefined;
      const frame = this.#headLine(line);
      if (frame) return frame;
    }
    return this.#takeData(this.#open);
  }

  /** The next whole line of a head, as octets without CRLF. */
  #takeLine(): Uint8Array | undefined {
    const data = this.#buffer.subarray(this.#start, this.#end);
    const feed = data.indexOf(LF);
    if (this.#headOctets + (feed < 0 ? data.length : feed) > this.#limits.head)
      throw this.#wrong('headers', `at most ${this.#limits.head} octets`);
    if (feed < 0) return undefined;
    if (feed === 0 || data[feed - 1] !== CR) throw this.#wrong('headers', 'lines that end with CRLF');
    this.#start += feed + 1;
    this.#headOctets += feed + 1;
    return data.slice(0, feed - 1);
  }

  #headLine(octets: Uint8Array): MsrpFrame | undefined {
    if (this.#lines.length === 0) {
      const start = this.#text(octets);
      this.#endMark = encoder.encode(END_LINE_DASHES + transactionIdOf(start));
      this.#lines.push(start);
      return undefined;
    }
    if (octets.length === 0) {
      const head = this.#takeHead();
      if (head.status !== undefined) throw this.#wrong('body', 'none in a response');
      // The CRLF of the blank line may also be the one before the end-line: data of no octets at all.
      this.#start -= 2;
      this.#open = { head, mark: this.#endMark!, data: new GrowingOctets(this.#limits.body, 2) };
      return undefined;
    }
    const flag = flagOf(octets, this.#endMark!);
    if (flag === undefined) {
      this.#lines.push(this.#text(octets));
      if (this.#lines.length > this.#limits.headerCount + 3)
        throw this.#wrong('headers', `at most ${this.#limits.headerCount} of them`);
      return undefined;
    }
    return frameOf(this.#takeHead(), flag);
  }

  #takeHead(): MsrpHead {
    const head = parseHead(this.#lines, this.#limits);
    this.#lines = [];
    this.#headOctets = 0;
    return head;
  }

  /** Looks for CRLF, the mark, a flag and CRLF; data that can't be part of it is put aside. */
  #takeData(open: Open): MsrpFrame | undefined {
    const { mark } = open;
    const data = this.#buffer.subarray(this.#start, this.#end);
    const whole = mark.length + 5;
    let at = 0;
    for (;;) {
      const dash = data.indexOf(DASH, at + 2);
      const candidate = dash < 0 ? -1 : dash - 2;
      if (candidate < 0) {
        at = Math.max(at, data.length - 2);
        break;
      }
      at = candidate;
      const fit = endsAt(data, candidate, mark);
      if (fit === 'unknown' && data.length - candidate < whole) break;
      if (fit === 'no' || fit === 'unknown') {
        at = candidate + 1;
        continue;
      }
      open.data.add(data.subarray(0, candidate));
      this.#start += candidate + whole;
      this.#open = undefined;
      return frameOf(open.head, fit, open.data.taken(), open.data.dropped);
    }
    open.data.add(data.subarray(0, at));
    this.#start += at;
    return undefined;
  }

  #append(chunk: Uint8Array): void {
    const held = this.#end - this.#start;
    if (this.#end + chunk.length > this.#buffer.length) {
      const needed = Math.max(IDLE_OCTETS, held + chunk.length);
      const target = needed > this.#buffer.length ? new Uint8Array(needed * 2) : this.#buffer;
      target.set(this.#buffer.subarray(this.#start, this.#end));
      this.#buffer = target;
      this.#start = 0;
      this.#end = held;
    }
    this.#buffer.set(chunk, this.#end);
    this.#end += chunk.length;
  }

  #text(octets: Uint8Array): string {
    try {
      return this.#utf8.decode(octets);
    } catch {
      throw this.#wrong('headers', 'UTF-8');
    }
  }

  #wrong(field: string, expected: string): MsrpParseError {
    return new MsrpParseError({ offset: this.#headOctets, field, expected, clause: 'RFC 4975 9' });
  }
}

/** The flag when these octets, without line end, are the end-line. */
function flagOf(octets: Uint8Array, mark: Uint8Array): MsrpFlag | undefined {
  if (octets.length !== mark.length + 1 || !startsWith(octets, 0, mark)) return undefined;
  return asFlag(octets[mark.length]);
}

/** Whether an end-line with the line ends around it begins at `at`. */
function endsAt(data: Uint8Array, at: number, mark: Uint8Array): MsrpFlag | 'no' | 'unknown' {
  if (data[at] !== CR || data[at + 1] !== LF) return 'no';
  const present = Math.min(mark.length, data.length - at - 2);
  if (!startsWith(data, at + 2, mark.subarray(0, present))) return 'no';
  const after = at + 2 + mark.length;
  if (data.length <= after) return 'unknown';
  const flag = asFlag(data[after]);
  if (flag === undefined) return 'no';
  if (data.length <= after + 1) return 'unknown';
  if (data[after + 1] !== CR) return 'no';
  if (data.length <= after + 2) return 'unknown';
  return data[after + 2] === LF ? flag : 'no';
}

function startsWith(data: Uint8Array, at: number, prefix: Uint8Array): boolean {
  for (let i = 0; i < prefix.length; i += 1) if (data[at + i] !== prefix[i]) return false;
  return true;
}

function asFlag(octet: number | undefined): MsrpFlag | undefined {
  const character = String.fromCharCode(octet ?? 0);
  return character === '$' || character === '+' || character === '#' ? character : undefined;
}

function frameOf(head: MsrpHead, flag: MsrpFlag, body?: Uint8Array, dropped = 0): MsrpFrame {
  const { transactionId, method, status, comment, toPath, fromPath, headers } = head;
  const common = { transactionId, toPath, fromPath, headers };
  if (method === undefined)
    return { kind: 'response', status: status!, ...(comment !== undefined && { comment }), ...common };
  return {
    kind: 'request',
    method,
    ...common,
    ...(body !== undefined && { body }),
    flag,
    ...(dropped > 0 && { dropped }),
  };
}
