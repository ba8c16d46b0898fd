import { Buffer } from 'node:buffer';

/** One header line with its continuation lines joined (RFC 5322 section 2.2.3); `name` is lower case. */
export interface HeaderLine {
  readonly name: string;
  readonly value: string;
}

export interface HeaderBlock {
  readonly lines: readonly HeaderLine[];
  /** Offset of the first byte after the blank line; undefined when there is no blank line. */
  readonly end: number | undefined;
  /** What is wrong with it, if anything is. */
  readonly malformed?: string;
}

/** Reads `name: value` lines up to a blank line, starting at `start`. CRLF or bare LF. Never throws. */
export function readHeaderBlock(bytes: Uint8Array, start: number): HeaderBlock {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const lines: { name: string; value: string }[] = [];
  let malformed: string | undefined;
  let at = start;
  while (at < buffer.length) {
    const feed = buffer.indexOf(0x0a, at);
    if (feed < 0) break;
    const end = feed > at && buffer[feed - 1] === 0x0d ? feed - 1 : feed;
    const line = buffer.toString('utf8', at, end);
    at = feed + 1;
    if (line === '') return { lines, end: at, ...(malformed !== undefined && { malformed }) };
    const last = lines.at(-1);
    if ((line[0] === ' ' || line[0] === '\t') && last) {
      last.value = `${last.value} ${line.trim()}`.trim();
      continue;
    }
    const colon = line.indexOf(':');
    if (colon <= 0) malformed ??= `a header line without a colon: ${JSON.stringify(line.slice(0, 60))}`;
    else lines.push({ name: line.slice(0, colon).trim().toLowerCase(), value: line.slice(colon + 1).trim() });
  }
  return { lines, end: undefined, malformed: malformed ?? 'headers without the blank line that ends them' };
}

export function headerValue(lines: readonly HeaderLine[], name: string): string | undefined {
  return lines.find((line) => line.name === name)?.value;
}

/** Media type without parameters, lower case. */
export function mediaType(value: string | undefined): string | undefined {
  return value === undefined ? undefined : value.split(';')[0]!.trim().toLowerCase();
}
