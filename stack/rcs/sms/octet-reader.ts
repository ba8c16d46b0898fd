import { SmsError } from './sms-error.ts';

/** Reads octets in order; every way past the end is an SmsError naming the field. */
export class OctetReader {
  offset = 0;
  private readonly bytes: Uint8Array;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }

  get remaining(): number {
    return this.bytes.length - this.offset;
  }

  octet(field: string): number {
    const value = this.bytes[this.offset];
    if (value === undefined) {
      throw new SmsError(field, 'another octet', this.offset);
    }
    this.offset++;
    return value;
  }

  take(length: number, field: string): Uint8Array {
    if (length > this.remaining) {
      throw new SmsError(field, `${length} octets, ${this.remaining} are left`, this.offset);
    }
    this.offset += length;
    return this.bytes.subarray(this.offset - length, this.offset);
  }

  end(field: string): void {
    if (this.remaining > 0) {
      throw new SmsError(field, `the end, ${this.remaining} octets are left`, this.offset);
    }
  }
}
