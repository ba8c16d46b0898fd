/** Encoding of the TLS presentation language with RFC 9420 section 2.1's variable-size vectors. */

export type Encoder<T> = (writer: Writer, value: T) => void;

/** Bytes of the shortest length prefix for `length`, section 2.1.2. */
function prefixSize(length: number): 1 | 2 | 4 {
  if (length < 0x40) return 1;
  if (length < 0x4000) return 2;
  if (length < 0x40000000) return 4;
  throw new RangeError(`a vector holds at most 2^30 - 1 bytes, not ${length}`);
}

export class Writer {
  private buffer: Uint8Array;
  private used = 0;

  constructor(capacity = 256) {
    this.buffer = new Uint8Array(capacity);
  }

  u8(value: number): this {
    this.reserve(1);
    this.buffer[this.used++] = value;
    return this;
  }

  u16(value: number): this {
    this.reserve(2);
    this.buffer[this.used++] = value >> 8;
    this.buffer[this.used++] = value;
    return this;
  }

  u32(value: number): this {
    return this.u16(value >>> 16).u16(value & 0xffff);
  }

  u64(value: bigint): this {
    return this.u32(Number((value >> 32n) & 0xffffffffn)).u32(Number(value & 0xffffffffn));
  }

  raw(bytes: Uint8Array): this {
    this.reserve(bytes.length);
    this.buffer.set(bytes, this.used);
    this.used += bytes.length;
    return this;
  }

  opaque(bytes: Uint8Array): this {
    this.length(bytes.length);
    return this.raw(bytes);
  }

  /** What `body` writes, behind its length. */
  prefixed(body: (writer: this) => void): this {
    const start = this.used;
    this.u8(0);
    body(this);
    const length = this.used - start - 1;
    const extra = prefixSize(length) - 1;
    if (extra > 0) {
      this.reserve(extra);
      this.buffer.copyWithin(start + 1 + extra, start + 1, this.used);
    }
    const end = this.used + extra;
    this.used = start;
    this.length(length);
    this.used = end;
    return this;
  }

  vector<T>(values: readonly T[], encode: Encoder<T>): this {
    return this.prefixed((writer) => {
      for (const value of values) encode(writer, value);
    });
  }

  optional<T>(value: T | undefined, encode: Encoder<T>): this {
    if (value === undefined) return this.u8(0);
    this.u8(1);
    encode(this, value);
    return this;
  }

  finish(): Uint8Array {
    return this.buffer.slice(0, this.used);
  }

  /** What was written, not copied out: for bytes that are hashed, signed or sealed and not kept. Ends the writer. */
  view(): Uint8Array {
    return this.buffer.subarray(0, this.used);
  }

  private length(value: number): void {
    const size = prefixSize(value);
    if (size === 1) this.u8(value);
    else if (size === 2) this.u16(0x4000 | value);
    else this.u32((0x80000000 | value) >>> 0);
  }

  private reserve(extra: number): void {
    const needed = this.used + extra;
    if (needed <= this.buffer.length) return;
    const grown = new Uint8Array(Math.max(needed, this.buffer.length * 2));
    grown.set(this.buffer.subarray(0, this.used));
    this.buffer = grown;
  }
}

export function encode<T>(encoder: Encoder<T>, value: T): Uint8Array {
  const writer = new Writer();
  encoder(writer, value);
  return writer.finish();
}
