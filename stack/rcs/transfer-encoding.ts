/**
 * Content-Transfer-Encoding of MIME content (RFC 2045 6): base64 and quoted-printable, bytes to bytes.
 */

export class TransferEncodingError extends Error {
  override readonly name = 'TransferEncodingError';
  /** Offset in bytes into the encoded content. */
  readonly offset: number;
  constructor(offset: number, expected: string) {
    super(`offset ${offset}: expected ${expected}`);
    this.offset = offset;
  }
}

/**
 * Takes the encoding named by a Content-Transfer-Encoding value off; absent is binary. Throws TransferEncodingError
 * when it is unknown or the content isn't in it.
 */
export function decodeTransferEncoding(encoding: string | undefined, content: Uint8Array): Uint8Array {
  switch (encoding?.trim().toLowerCase() ?? 'binary') {
    case 'base64':
      return decodeBase64(content);
    case 'quoted-printable':
      return decodeQuotedPrintable(content);
    case '7bit':
    case '8bit':
    case 'binary':
    case '':
      return content;
    default:
      throw new TransferEncodingError(0, 'the encoding base64, quoted-printable, 7bit, 8bit or binary');
  }
}

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
const ENCODE = new TextEncoder().encode(ALPHABET);
const INVALID = 255;
const SPACE = 254;
const DECODE = new Uint8Array(256).fill(INVALID);
for (let i = 0; i < 64; i++) {
  DECODE[ENCODE[i]!] = i;
}
for (const space of [0x09, 0x0a, 0x0d, 0x20]) {
  DECODE[space] = SPACE;
}
const PAD = 0x3d;

/**
 * Decodes base64 (RFC 2045 6.8), skipping white space. Missing padding is accepted, any other character, a wrong
 * amount of padding, a lone final character or non-zero spare bits throw TransferEncodingError.
 */
export function decodeBase64(encoded: Uint8Array): Uint8Array {
  const out = new Uint8Array(((encoded.length + 3) >> 2) * 3);
  let length = 0;
  let bits = 0;
  let symbols = 0;
  let i = 0;
  for (; i < encoded.length; i++) {
    const value = DECODE[encoded[i]!]!;
    if (value < 64) {
      bits = (bits << 6) | value;
      if ((++symbols & 3) === 0) {
        out[length++] = bits >> 16;
        out[length++] = bits >> 8;
        out[length++] = bits;
        bits = 0;
      }
    } else if (value === INVALID) {
      break;
    }
  }
  const tail = symbols & 3;
  requirePadding(encoded, i, tail);
  if (tail === 1) {
    throw new TransferEncodingError(encoded.length, 'another base64 character');
  }
  if ((tail === 2 && (bits & 0xf) !== 0) || (tail === 3 && (bits & 0x3) !== 0)) {
    throw new TransferEncodingError(encoded.length, 'zero spare bits in the last base64 character');
  }
  if (tail === 2) {
    out[length++] = bits >> 4;
  } else if (tail === 3) {
    out[length++] = bits >> 10;
    out[length++] = bits >> 2;
  }
  return out.subarray(0, length);
}

/** From `from` on only the padding that `tail` symbols need, and white space, may follow. */
function requirePadding(encoded: Uint8Array, from: number, tail: number): void {
  let pads = 0;
  for (let i = from; i < encoded.length; i++) {
    const byte = encoded[i]!;
    if (byte === PAD) {
      pads++;
    } else if (DECODE[byte] !== SPACE) {
      throw new TransferEncodingError(i, 'a base64 character, padding or white space');
    }
  }
  if (pads > 0 && pads !== (4 - tail) % 4) {
    throw new TransferEncodingError(encoded.length, `${(4 - tail) % 4} padding characters, got ${pads}`);
  }
}

/** Encodes to padded base64 on one line. */
export function encodeBase64(bytes: Uint8Array): Uint8Array {
  const out = new Uint8Array(Math.ceil(bytes.length / 3) * 4);
  let to = 0;
  let i = 0;
  for (; i + 2 < bytes.length; i += 3) {
    const bits = (bytes[i]! << 16) | (bytes[i + 1]! << 8) | bytes[i + 2]!;
    out[to++] = ENCODE[bits >> 18]!;
    out[to++] = ENCODE[(bits >> 12) & 63]!;
    out[to++] = ENCODE[(bits >> 6) & 63]!;
    out[to++] = ENCODE[bits & 63]!;
  }
  if (i < bytes.length) {
    const second = bytes[i + 1];
    const bits = (bytes[i]! << 16) | ((second ?? 0) << 8);
    out[to++] = ENCODE[bits >> 18]!;
    out[to++] = ENCODE[(bits >> 12) & 63]!;
    out[to++] = second === undefined ? PAD : ENCODE[(bits >> 6) & 63]!;
    out[to] = PAD;
  }
  return out;
}

/**
 * Decodes quoted-printable (RFC 2045 6.7): `=XX`, soft line breaks, trailing white space of a line dropped. Throws
 * TransferEncodingError on `=` followed by anything else.
 */
export function decodeQuotedPrintable(encoded: Uint8Array): Uint8Array {
  const out = new Uint8Array(encoded.length);
  let length = 0;
  for (let i = 0; i < encoded.length; i++) {
    const byte = encoded[i]!;
    if (byte === 0x20 || byte === 0x09) {
      const end = blankRunEnd(encoded, i);
      if (end === encoded.length || isLineBreak(encoded, end)) {
        i = end - 1;
      } else {
        out[length++] = byte;
      }
      continue;
    }
    if (byte !== PAD) {
      out[length++] = byte;
      continue;
    }
    const high = hexDigit(encoded[i + 1]);
    const low = hexDigit(encoded[i + 2]);
    if (high >= 0 && low >= 0) {
      out[length++] = (high << 4) | low;
      i += 2;
      continue;
    }
    const end = blankRunEnd(encoded, i + 1);
    if (end < encoded.length && !isLineBreak(encoded, end)) {
      throw new TransferEncodingError(i + 1, 'two hexadecimal digits or a line break after "="');
    }
    i = encoded[end] === 0x0d ? end + 1 : end;
  }
  return out.subarray(0, length);
}

function blankRunEnd(bytes: Uint8Array, from: number): number {
  let end = from;
  while (bytes[end] === 0x20 || bytes[end] === 0x09) {
    end++;
  }
  return end;
}

function isLineBreak(bytes: Uint8Array, at: number): boolean {
  return bytes[at] === 0x0a || (bytes[at] === 0x0d && bytes[at + 1] === 0x0a);
}

function hexDigit(byte: number | undefined): number {
  if (byte === undefined) {
    return -1;
  }
  if (byte >= 0x30 && byte <= 0x39) {
    return byte - 0x30;
  }
  const folded = byte | 0x20;
  return folded >= 0x61 && folded <= 0x66 ? folded - 0x57 : -1;
}
