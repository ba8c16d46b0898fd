/** RFC 3862 2 and 3: the two header sections of a CPIM object, read liberally; each deviation is named. */

import { essenceOf } from '../mime.ts';
import { type CpimHeader, type CpimLimits, CpimParseError } from './message.ts';

const LF = 0x0a;
const CR = 0x0d;
const CONTENT_HEADER = /^content-[a-z-]+$/i;
export const HEADER_NAME = /^[^\s:"()<>@,;\\/[\]?={}]+$/;

/** Reads the two header sections; `at` is the offset of what comes next. */
export class SectionReader {
  at = 0;
  readonly deviations: string[] = [];
  private readonly bytes: Uint8Array;
  private readonly limits: CpimLimits;
  private readonly decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

  constructor(bytes: Uint8Array, limits: CpimLimits) {
    this.bytes = bytes;
    this.limits = limits;
  }

  skipEmptyLines(): void {
    while (this.at < this.bytes.length && this.isEmptyLine()) {
      this.at = this.lineEnd() + 1;
      this.note('empty line before the message headers');
    }
  }

  /** Some peers repeat the `Content-Type: message/cpim` of the envelope, and its empty line, inside. */
  skipOwnContentType(): void {
    const start = this.at;
    const line = this.peekLine('message headers');
    const colon = line.indexOf(':');
    if (
      !/^content-type\s*$/i.test(line.slice(0, Math.max(colon, 0))) ||
      essenceOf(line.slice(colon + 1)) !== 'message/cpim'
    ) {
      return;
    }
    this.at = this.lineEnd() + 1;
    if (this.at < this.bytes.length && this.isEmptyLine()) {
      this.at = this.lineEnd() + 1;
      this.note('Content-Type of the envelope repeated inside');
    } else {
      this.at = start;
    }
  }

  messageHeaders(): CpimHeader[] {
    const headers: CpimHeader[] = [];
    while (this.at < this.bytes.length) {
      if (this.isEmptyLine()) {
        this.at = this.lineEnd() + 1;
        return this.requireSome(headers);
      }
      const start = this.at;
      const header = this.header('message headers', headers);
      if (header === undefined) {
        throw new CpimParseError(start, 'message headers', 'expected "name: value" or an empty line');
      }
      if (CONTENT_HEADER.test(header.name) && headers.length > 0) {
        this.at = start;
        this.note('no empty line between message headers and content headers');
        return headers;
      }
      headers.push(header);
    }
    throw new CpimParseError(this.at, 'message headers', 'expected an empty line after the message headers');
  }

  contentHeaders(): CpimHeader[] {
    const headers: CpimHeader[] = [];
    while (this.at < this.bytes.length) {
      if (this.isEmptyLine()) {
        this.at = this.lineEnd() + 1;
        return headers;
      }
      const start = this.at;
      const header = this.header('content headers', headers);
      if (header === undefined) {
        this.at = start;
        this.note('no empty line before the content');
        return headers;
      }
      headers.push(header);
    }
    this.note('no empty line after the content headers');
    return headers;
  }

  /** Undefined when the line isn't a header; folded lines are joined. */
  private header(section: string, before: readonly CpimHeader[]): CpimHeader | undefined {
    if (before.length >= this.limits.maxHeaders) {
      throw new CpimParseError(this.at, section, `at most ${this.limits.maxHeaders} headers`);
    }
    let line = this.takeLine(section);
    while (this.bytes[this.at] === 0x20 || this.bytes[this.at] === 0x09) {
      line += `\r\n${this.takeLine(section)}`;
      if (section === 'message headers') {
        this.note('folded message header');
      }
    }
    const colon = line.indexOf(':');
    const name = line.slice(0, Math.max(colon, 0)).trimEnd();
    if (!HEADER_NAME.test(name)) {
      return undefined;
    }
    const value = line
      .slice(colon + 1)
      .replace(/\r\n[ \t]+/g, ' ')
      .trim();
    return line === `${name}: ${value}` ? { name, value } : { name, value, line };
  }

  private takeLine(section: string): string {
    const line = this.peekLine(section);
    this.at = Math.min(this.lineEnd() + 1, this.bytes.length);
    return line;
  }

  private peekLine(section: string): string {
    const lineEnd = this.lineEnd();
    if (lineEnd > this.limits.maxHeaderBytes) {
      throw new CpimParseError(this.at, section, `headers of at most ${this.limits.maxHeaderBytes} bytes`);
    }
    let end = lineEnd;
    if (end > this.at && this.bytes[end - 1] === CR) {
      end--;
    } else if (lineEnd < this.bytes.length) {
      this.note('line break LF, not CRLF');
    }
    try {
      return this.decoder.decode(this.bytes.subarray(this.at, end));
    } catch {
      throw new CpimParseError(this.at, section, 'expected UTF-8');
    }
  }

  /** Offset of the LF that ends the line at `at`, or the length. */
  private lineEnd(): number {
    const found = this.bytes.indexOf(LF, this.at);
    return found < 0 ? this.bytes.length : found;
  }

  private isEmptyLine(): boolean {
    const byte = this.bytes[this.at];
    return byte === LF || (byte === CR && this.bytes[this.at + 1] === LF);
  }

  private requireSome(headers: CpimHeader[]): CpimHeader[] {
    if (headers.length === 0) {
      throw new CpimParseError(this.at, 'message headers', 'expected at least one message header');
    }
    return headers;
  }

  private note(deviation: string): void {
    if (!this.deviations.includes(deviation)) {
      this.deviations.push(deviation);
    }
  }
}
