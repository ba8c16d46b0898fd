/** The presentation language of RFC 9420 section 2, as far as RCC.16's own structures use it. */
import { E2eeError } from './e2ee-error.ts';

export class ByteWriter {
  readonly #bytes: number[] = [];

  /** Unsigned, big-endian, `size` octets (at most 4). */
  uint(size: number, value: number): this {
    for (let shift = (size - 1) * 8; shift >= 0; shift -= 8) this.#bytes.push((value >>> shift) & 0xff);
    return this;
  }

  raw(bytes: Uint8Array): this {
    for (const byte of bytes) this.#bytes.push(byte);
    return this;
  }

  /** opaque<V>: a minimal variable-size length (RFC 9420 section 2.1.2), then the bytes. */
  opaque(bytes: Uint8Array): this {
    const { length } = bytes;
    if (length < 0x40) this.uint(1, length);
    else if (length < 0x4000) this.uint(2, 0x4000 | length);
    else if (length < 0x4000_0000) this.uint(4, 0x8000_0000 + length);
    else throw new RangeError(`a vector of ${length} octets, at most ${0x3fff_ffff}`);
    return this.raw(bytes);
  }

  ascii(text: string): this {
    return this.opaque(new TextEncoder().encode(text));
  }

  finish(): Uint8Array {
    return Uint8Array.from(this.#bytes);
  }
}

export class ByteReader {
  readonly #bytes: Uint8Array;
  readonly #what: string;
  #at = 0;

  constructor(bytes: Uint8Array, what: string) {
    this.#bytes = bytes;
    this.#what = what;
  }

  uint(size: number, field: string): number {
    return this.take(size, field).reduce((value, byte) => value * 256 + byte, 0);
  }

  opaque(field: string): Uint8Array {
    const at = this.#at;
    const first = this.uint(1, field);
    const prefix = first >> 6;
    if (prefix === 3)
      this.#fail(field, at, 'a length with prefix 11', 'a variable-size length of RFC 9420 2.1.2');
    let length = first & 0x3f;
    for (let more = (1 << prefix) - 1; more > 0; more -= 1) length = length * 256 + this.uint(1, field);
    const minimum = [0, 0x40, 0x4000][prefix]!;
    if (length < minimum)
      this.#fail(field, at, `length ${length} on ${1 << prefix} octets`, 'the shortest length');
    return this.take(length, field);
  }

  ascii(field: string): string {
    const bytes = this.opaque(field);
    if (bytes.some((byte) => byte < 0x21 || byte > 0x7e))
      this.#fail(field, this.#at, 'other octets', 'printable ASCII');
    return new TextDecoder().decode(bytes);
  }

  take(size: number, field: string): Uint8Array {
    const left = this.#bytes.length - this.#at;
    if (size > left) this.#fail(field, this.#at, `${left} octets`, `${size}`);
    this.#at += size;
    return this.#bytes.subarray(this.#at - size, this.#at);
  }

  /** All input must have been consumed. */
  end(): void {
    const left = this.#bytes.length - this.#at;
    if (left > 0) this.#fail('end', this.#at, `${left} more octets`, 'the end');
  }

  #fail(field: string, at: number, found: string, expected: string): never {
    throw new E2eeError(`${this.#what}, ${field} at octet ${at}`, found, expected);
  }
}
