/**
 * Decoding of the TLS presentation language with RFC 9420 section 2.1's variable-size vectors.
 *
 * A reader is bounded by the vector it is in, so no declared length can reach past its parent, and nothing is
 * allocated before the bytes are known to be there.
 */
import { DecodeError } from './errors.ts';

/** Largest input any decoder takes: 16 MiB, far above a tree of 10,000 x509 leaves. */
export const maxInputLength = 16 * 1024 * 1024;

export class Reader {
  offset: number;
  readonly end: number;
  private readonly bytes: Uint8Array;

  constructor(bytes: Uint8Array, offset = 0, end = bytes.length) {
    this.bytes = bytes;
    this.offset = offset;
    this.end = end;
  }

  get remaining(): number {
    return this.end - this.offset;
  }

  u8(field: string): number {
    this.need(1, field, 'uint8');
    return this.bytes[this.offset++]!;
  }

  u16(field: string): number {
    this.need(2, field, 'uint16');
    const { bytes, offset } = this;
    this.offset += 2;
    return (bytes[offset]! << 8) | bytes[offset + 1]!;
  }

  u32(field: string): number {
    this.need(4, field, 'uint32');
    const high = this.u16(field);
    return high * 0x10000 + this.u16(field);
  }

  u64(field: string): bigint {
    this.need(8, field, 'uint64');
    const high = BigInt(this.u32(field));
    return (high << 32n) | BigInt(this.u32(field));
  }

  /** The length prefix of section 2.1.2: 1, 2 or 4 bytes, and the shortest that holds the value. */
  length(field: string): number {
    const start = this.offset;
    const first = this.u8(field);
    const prefix = first >> 6;
    if (prefix === 3) this.fail(start, field, 'a length prefix of 1, 2 or 4 bytes', 'prefix 11');
    let value = first & 0x3f;
    for (let i = (1 << prefix) - 1; i > 0; i--) value = value * 256 + this.u8(field);
    if ((prefix === 1 && value < 0x40) || (prefix === 2 && value < 0x4000)) {
      this.fail(start, field, 'the shortest length encoding', `${value} in ${1 << prefix} bytes`);
    }
    return value;
  }

  /** A copy of exactly `length` bytes. */
  fixed(length: number, field: string): Uint8Array {
    this.need(length, field, `${length} bytes`);
    const start = this.offset;
    this.offset += length;
    return this.bytes.slice(start, this.offset);
  }

  /** `opaque field<V>`, copied out of the input. */
  opaque(field: string): Uint8Array {
    return this.fixed(this.bodyLength(field), field);
  }

  /** Past `opaque field<V>`, its form checked. */
  skip(field: string): void {
    const length = this.bodyLength(field);
    this.offset += length;
  }

  /** A reader over the body of `field<V>`; this reader moves past it. */
  within(field: string): Reader {
    const length = this.bodyLength(field);
    const start = this.offset;
    this.offset += length;
    return new Reader(this.bytes, start, this.offset);
  }

  /** `T field<V>`: elements until the vector is used up. Each element takes at least one byte. */
  vector<T>(field: string, element: (reader: Reader) => T): T[] {
    const body = this.within(field);
    const out: T[] = [];
    while (body.offset < body.end) out.push(element(body));
    return out;
  }

  /** `optional<T>`, section 2.1.1. */
  optional<T>(field: string, value: (reader: Reader) => T): T | undefined {
    const presence = this.u8(field);
    if (presence > 1) this.fail(this.offset - 1, field, 'presence octet 0 or 1', String(presence));
    return presence === 1 ? value(this) : undefined;
  }

  rest(): Uint8Array {
    return this.fixed(this.remaining, 'rest');
  }

  /** The bytes from `start` up to here. */
  since(start: number): Uint8Array {
    return this.bytes.slice(start, this.offset);
  }

  fail(offset: number, field: string, expected: string, found: string): never {
    throw new DecodeError(offset, field, expected, found);
  }

  finish(field: string): void {
    if (this.remaining > 0) {
      this.fail(this.offset, field, 'the end of the input', `${this.remaining} more bytes`);
    }
  }

  private bodyLength(field: string): number {
    const length = this.length(field);
    this.need(length, field, `${length} bytes`);
    return length;
  }

  private need(length: number, field: string, expected: string): void {
    if (this.remaining < length) this.fail(this.offset, field, expected, `${this.remaining} bytes left`);
  }
}

/** Decodes all of `bytes` as one `T`; DecodeError otherwise. */
export function decodeAll<T>(bytes: Uint8Array, name: string, decode: (reader: Reader) => T): T {
  if (bytes.length > maxInputLength) {
    throw new DecodeError(0, name, `at most ${maxInputLength} bytes`, `${bytes.length} bytes`);
  }
  const reader = new Reader(bytes);
  const value = decode(reader);
  reader.finish(name);
  return value;
}
