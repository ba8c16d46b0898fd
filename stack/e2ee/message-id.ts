/** imdn.Message-ID inside MLS structures: opaque<V> of printable ASCII (docs/rcc16.md 4.7). */
import type { Reader } from '../mls/index.ts';
import { E2eeError } from './e2ee-error.ts';

export function asciiBytes(id: string): Uint8Array {
  return new TextEncoder().encode(id);
}

/** Throws DecodeError or E2eeError. */
export function readId(reader: Reader, field: string): string {
  const bytes = reader.opaque(field);
  if (bytes.some((byte) => byte < 0x21 || byte > 0x7e))
    throw new E2eeError(field, 'other octets', 'printable ASCII');
  return new TextDecoder().decode(bytes);
}
