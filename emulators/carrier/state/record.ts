/** A value of the store: one line of JSON, then octets as they are. */
const LINE_END = 0x0a;

export interface StoredRecord<T> {
  readonly data: T;
  readonly octets: Uint8Array;
}

const NOTHING = new Uint8Array(0);

export function writeRecord(data: object, octets: Uint8Array = NOTHING): Uint8Array {
  const line = new TextEncoder().encode(`${JSON.stringify(data)}\n`);
  const out = new Uint8Array(line.length + octets.length);
  out.set(line);
  out.set(octets, line.length);
  return out;
}

/** Throws RangeError for octets that `writeRecord` did not write: the store is not a carrier's, or broken. */
export function readRecord<T>(bytes: Uint8Array): StoredRecord<T> {
  const end = bytes.indexOf(LINE_END);
  if (end < 0) throw new RangeError('a record of the store has no end of line');
  const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes.subarray(0, end));
  return { data: JSON.parse(text) as T, octets: bytes.slice(end + 1) };
}
