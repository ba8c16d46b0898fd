/** Changes to a store as one run of octets: for each the lengths of key and value, 32 bits each, then both. */

/** By key; undefined where it is deleted. */
export type Changes = Map<string, Uint8Array | undefined>;

const LENGTHS = 8;
/** In place of a value's length: there is none. */
const DELETED = 0xffff_ffff;
/** Most octets of UTF-8 for one code unit. */
const WIDEST = 3;

export function writeChanges(changes: Changes): Uint8Array {
  let most = 0;
  for (const [key, value] of changes) most += LENGTHS + WIDEST * key.length + (value?.length ?? 0);
  const out = Buffer.allocUnsafe(most);
  let at = 0;
  for (const [key, value] of changes) {
    const keyOctets = out.write(key, at + LENGTHS);
    out.writeUInt32LE(keyOctets, at);
    out.writeUInt32LE(value?.length ?? DELETED, at + 4);
    at += LENGTHS + keyOctets;
    if (value === undefined) continue;
    out.set(value, at);
    at += value.length;
  }
  return out.subarray(0, at);
}

/** Makes the changes in `into`. Throws RangeError for octets that `writeChanges` did not write. */
export function readChanges(octets: Uint8Array, into: Changes): void {
  const from = Buffer.from(octets.buffer, octets.byteOffset, octets.length);
  let at = 0;
  const take = (length: number): Buffer => {
    if (at + length > from.length) throw new RangeError(`changes end at octet ${at}`);
    at += length;
    return from.subarray(at - length, at);
  };
  while (at < from.length) {
    const lengths = take(LENGTHS);
    const key = take(lengths.readUInt32LE(0)).toString();
    const length = lengths.readUInt32LE(4);
    into.set(key, length === DELETED ? undefined : new Uint8Array(take(length)));
  }
}
