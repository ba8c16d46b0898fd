/** RFC 3261 sections 7.5 and 18.3: messages out of a byte stream; RFC 5626 section 3.5.1: keep-alives between them. */

import { DEFAULT_LIMITS, type SipLimits } from './limits.ts';
import type { SipMessage, SipRequest } from './message.ts';
import { SipParseError } from './parse-error.ts';
import { contentLength, findHeadEnd, parseHead, type SipHead } from './parse-message.ts';
import { salvageRequest } from './salvage.ts';

/** What stood where a message should. */
export interface MalformedFrame {
  readonly kind: 'malformed';
  readonly error: SipParseError;
  /** What a 400 can be made from, if anything. */
  readonly request?: SipRequest;
  /** The end of the message can't be told: nothing after it can be read, and the stream should be closed. */
  readonly fatal: boolean;
}

export type SipFrame = SipMessage | MalformedFrame | 'ping' | 'pong';

const CR = 13;
const LF = 10;
/** Room that a framer keeps between messages. */
const IDLE_OCTETS = 2048;

/**
 * Gives the same frames however the bytes are cut into chunks, and never throws. Holds at most `limits.head` octets and
 * one body. After a fatal frame it takes no more.
 */
export class StreamFramer {
  readonly #limits: SipLimits;
  readonly #dialling: boolean;
  #buffer = new Uint8Array(IDLE_OCTETS);
  #start = 0;
  #end = 0;
  /** Where the search for the end of the header section goes on. */
  #searched = 0;
  #head:
    | { readonly octets: number; readonly value: SipHead | SipParseError; readonly body: number }
    | undefined;
  #dead = false;

  /**
   * `dialling`: this side opened the stream, so that a lone CRLF is the pong to its ping. Else CRLFCRLF is a ping and a
   * lone CRLF before a message is ignored.
   */
  constructor(options: { readonly limits?: Partial<SipLimits>; readonly dialling?: boolean } = {}) {
    this.#limits = { ...DEFAULT_LIMITS, ...options.limits };
    this.#dialling = options.dialling ?? false;
  }

  push(chunk: Uint8Array): SipFrame[] {
    const frames: SipFrame[] = [];
    if (this.#dead) return frames;
    this.#append(chunk);
    for (let frame = this.#next(); frame !== undefined; frame = this.#next()) {
      frames.push(frame);
      if (typeof frame === 'object' && frame.kind === 'malformed' && frame.fatal) {
        this.#dead = true;
        this.#drop(this.#end - this.#start);
        break;
      }
    }
    return frames;
  }

  #next(): SipFrame | undefined {
    if (this.#head === undefined) {
      const keepAlive = this.#takeKeepAlive();
      if (keepAlive !== undefined) return keepAlive;
      const end = this.#findHead();
      if (typeof end !== 'number') return end;
      const outcome = this.#readHead(end);
      if (outcome !== undefined) return outcome;
    }
    return this.#takeMessage();
  }

  #takeKeepAlive(): 'ping' | 'pong' | undefined {
    for (let data = this.#held(); data[0] === CR && data[1] === LF; data = this.#held()) {
      if (this.#dialling) {
        this.#drop(2);
        return 'pong';
      }
      if (data.length === 2 || (data.length === 3 && data[2] === CR)) return undefined;
      const isPing = data[2] === CR && data[3] === LF;
      this.#drop(isPing ? 4 : 2);
      if (isPing) return 'ping';
    }
    return undefined;
  }

  /** Octets up to the end of the header section, once it is there; a fatal frame when it can't come any more. */
  #findHead(): number | MalformedFrame | undefined {
    const data = this.#held();
    if (data.length === 0 || (data[0] === CR && data.length < 4)) return undefined;
    const end = findHeadEnd(data, this.#searched);
    this.#searched = Math.max(0, data.length - 3);
    if (end > 0 && end <= this.#limits.head) return end;
    if (end < 0 && data.length <= this.#limits.head) return undefined;
    const expected = `at most ${this.#limits.head} octets`;
    const error = fault(this.#limits.head, 'header section', expected, 'RFC 3261 21.5.7', 513);
    return this.#malformed(error, data.subarray(0, this.#limits.head), true);
  }

  #readHead(end: number): MalformedFrame | undefined {
    const data = this.#held().subarray(0, end);
    let head: SipHead | SipParseError;
    let body: number | undefined;
    try {
      head = parseHead(data, 0, this.#limits);
      body = contentLength(head.headers, 0);
    } catch (error) {
      if (!(error instanceof SipParseError)) throw error;
      head = error;
      body = looseContentLength(data);
      if (body === undefined) return this.#malformed(error, data, true);
    }
    if (body === undefined) {
      const expected = 'a Content-Length, as on every stream';
      return this.#malformed(fault(end, 'Content-Length', expected, 'RFC 3261 18.3'), data, true);
    }
    if (body > this.#limits.body) {
      const expected = `a body of at most ${this.#limits.body} octets`;
      return this.#malformed(fault(end, 'body', expected, 'RFC 3261 21.4.11', 413), data, true);
    }
    this.#head = { octets: end, value: head, body };
    return undefined;
  }

  #takeMessage(): SipFrame | undefined {
    const head = this.#head;
    const data = this.#held();
    if (head === undefined || data.length < head.octets + head.body) return undefined;
    const bytes = data.slice(0, head.octets + head.body);
    this.#drop(bytes.length);
    this.#head = undefined;
    if (head.value instanceof SipParseError) return this.#malformed(head.value, bytes, false);
    return { ...head.value, body: bytes.slice(head.octets) };
  }

  #malformed(error: SipParseError, bytes: Uint8Array, fatal: boolean): MalformedFrame {
    const request = salvageRequest(bytes);
    return { kind: 'malformed', error, fatal, ...(request === undefined ? {} : { request }) };
  }

  /** What came and isn't dropped. A view: good until the next append. */
  #held(): Uint8Array {
    return this.#buffer.subarray(this.#start, this.#end);
  }

  #append(chunk: Uint8Array): void {
    const held = this.#held();
    if (this.#end + chunk.length > this.#buffer.length) {
      const needed = held.length + chunk.length;
      const room =
        needed > this.#buffer.length ? Math.max(needed, 2 * this.#buffer.length) : this.#buffer.length;
      const moved = new Uint8Array(room);
      moved.set(held);
      this.#buffer = moved;
      this.#start = 0;
      this.#end = held.length;
    }
    this.#buffer.set(chunk, this.#end);
    this.#end += chunk.length;
  }

  #drop(count: number): void {
    this.#start += count;
    this.#searched = 0;
    if (this.#start < this.#end) return;
    this.#start = 0;
    this.#end = 0;
    // An idle stream keeps little, however large its last message was.
    if (this.#buffer.length > IDLE_OCTETS) this.#buffer = new Uint8Array(IDLE_OCTETS);
  }
}

/** The Content-Length of a header section that has another fault, when there is exactly one and it is a number. */
function looseContentLength(head: Uint8Array): number | undefined {
  const text = new TextDecoder('utf-8').decode(head);
  const found = [...text.matchAll(/\r\n(?:content-length|l)[ \t]*:[ \t]*([^\r\n]*)/gi)];
  const value = found[0]?.[1]?.trim() ?? '';
  return found.length === 1 && /^[0-9]{1,15}$/.test(value) ? Number(value) : undefined;
}

function fault(offset: number, field: string, expected: string, clause: string, status = 400): SipParseError {
  return new SipParseError({ offset, field, expected, clause, status });
}
