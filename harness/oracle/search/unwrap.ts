import { Buffer } from 'node:buffer';
import { inflateRawSync, constants as zlib } from 'node:zlib';

/** Largest content that is taken out of one gzip member, octets. */
const INFLATE_LIMIT = 4 * 1024 * 1024;
/** gzip inside gzip is followed this deep. */
const DEPTH = 3;
/** Places that look like the start of a member, tried in one haystack. */
const MEMBERS = 64;
const GZIP_MAGIC = Buffer.from([0x1f, 0x8b, 0x08]);
/** base64 of the gzip magic, as a body that begins with a member shows it. */
const GZIP_BASE64 = 'H4sI';

/** Another reading of some bytes; `offset` is where in the original it began (0 when it covers all of them). */
export interface Reading {
  readonly bytes: Uint8Array;
  readonly encoding: string;
  readonly origin: (offset: number) => number;
}

/** The readings of `bytes` besides themselves in which a marker may stand: unfolded, unescaped, inflated. Never throws. */
export function readingsOf(bytes: Uint8Array, depth = DEPTH): Reading[] {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const readings: Reading[] = [];
  for (const { encoding, mark, escapeAt } of ESCAPES) {
    const reading = without(buffer, mark, escapeAt);
    if (reading) readings.push({ ...reading, encoding });
  }
  if (depth > 0) readings.push(...inflated(buffer, depth));
  return readings;
}

const ESCAPES: readonly { encoding: string; mark: number; escapeAt: EscapeAt }[] = [
  { encoding: 'folded', mark: 0x0d, escapeAt: foldAt },
  { encoding: 'percent-encoded', mark: 0x25, escapeAt: percentAt },
  { encoding: 'quoted-printable', mark: 0x3d, escapeAt: quotedAt },
];

/** What an escape at an offset stands for: a byte (or nothing, -1) and how many bytes it takes; 0 when there is none. */
type EscapeAt = (bytes: Buffer, at: number) => number;
const NOTHING = 0x100;
const encoded = (value: number, length: number) => (length << 9) | value;

/** `bytes` with each escape that begins with the byte `mark` replaced; undefined when there is none. */
function without(bytes: Buffer, mark: number, escapeAt: EscapeAt): Omit<Reading, 'encoding'> | undefined {
  let out: Buffer | undefined;
  let written = 0;
  let copied = 0;
  // Parallel lists: from this output offset on, the input is this many bytes ahead.
  const starts: number[] = [];
  const ahead: number[] = [];
  for (let at = bytes.indexOf(mark); at >= 0; at = bytes.indexOf(mark, at)) {
    const found = escapeAt(bytes, at);
    if (found === 0) {
      at += 1;
      continue;
    }
    out ??= Buffer.allocUnsafe(bytes.length);
    written += bytes.copy(out, written, copied, at);
    if ((found & 0x1ff) !== NOTHING) {
      out[written] = found & 0xff;
      written += 1;
    }
    at += found >> 9;
    copied = at;
    starts.push(written);
    ahead.push(at - written);
  }
  if (!out) return undefined;
  written += bytes.copy(out, written, copied);
  const origin = (offset: number) => offset + (ahead[lastAtMost(starts, offset)] ?? 0);
  return { bytes: out.subarray(0, written), origin };
}

/** Index of the last of the ascending `values` that is at most `limit`; -1 if none is. */
function lastAtMost(values: readonly number[], limit: number): number {
  let low = 0;
  let high = values.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (values[middle]! <= limit) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

/** A CRLF with the blanks after it: MIME line breaks in base64, folded header lines. */
function foldAt(bytes: Buffer, at: number): number {
  if (bytes[at + 1] !== 0x0a) return 0;
  let end = at + 2;
  while (bytes[end] === 0x20 || bytes[end] === 0x09) end += 1;
  return encoded(NOTHING, end - at);
}

function percentAt(bytes: Buffer, at: number): number {
  const value = hexPair(bytes, at + 1);
  return value < 0 ? 0 : encoded(value, 3);
}

/** RFC 2045 section 6.7: `=XX`, and `=` at the end of a line for a soft break. */
function quotedAt(bytes: Buffer, at: number): number {
  if (bytes[at + 1] === 0x0d && bytes[at + 2] === 0x0a) return encoded(NOTHING, 3);
  if (bytes[at + 1] === 0x0a) return encoded(NOTHING, 2);
  const value = hexPair(bytes, at + 1);
  return value < 0 ? 0 : encoded(value, 3);
}

function hexPair(bytes: Buffer, at: number): number {
  const high = hexDigit(bytes[at]);
  const low = hexDigit(bytes[at + 1]);
  return high < 0 || low < 0 ? -1 : high * 16 + low;
}

function hexDigit(byte: number | undefined): number {
  if (byte === undefined) return -1;
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30;
  const letter = byte | 0x20;
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x57 : -1;
}

function inflated(bytes: Buffer, depth: number): Reading[] {
  const readings: Reading[] = [];
  const add = (member: Buffer, at: number, encoding: string) => {
    const content = inflate(member);
    if (!content) return;
    readings.push({ bytes: content, encoding, origin: () => at });
    for (const inner of readingsOf(content, depth - 1)) {
      readings.push({ bytes: inner.bytes, encoding: `${inner.encoding} in ${encoding}`, origin: () => at });
    }
  };
  for (const at of placesOf(bytes, GZIP_MAGIC)) add(bytes.subarray(at), at, 'gzip');
  for (const at of placesOf(bytes, GZIP_BASE64)) {
    const run = /^[A-Za-z0-9+/_\-\r\n]*/.exec(bytes.toString('latin1', at))![0];
    add(Buffer.from(run, 'base64'), at, 'base64 of gzip');
  }
  return readings;
}

function placesOf(bytes: Buffer, mark: Buffer | string): number[] {
  const places: number[] = [];
  for (let at = bytes.indexOf(mark); at >= 0 && places.length < MEMBERS; at = bytes.indexOf(mark, at + 1))
    places.push(at);
  return places;
}

/** What a member (RFC 1952 section 2.3) holds, also when its end is cut off or anything at all follows it. */
function inflate(member: Buffer): Buffer | undefined {
  try {
    const deflated = member.subarray(headerLength(member));
    return inflateRawSync(deflated, { maxOutputLength: INFLATE_LIMIT, finishFlush: zlib.Z_SYNC_FLUSH });
  } catch {
    return undefined;
  }
}

function headerLength(member: Buffer): number {
  const flags = member[3] ?? 0;
  let length = 10;
  if (flags & 0x04) length += 2 + ((member[length] ?? 0) | ((member[length + 1] ?? 0) << 8));
  for (const text of [0x08, 0x10]) if (flags & text) length = member.indexOf(0, length) + 1;
  return flags & 0x02 ? length + 2 : length;
}
