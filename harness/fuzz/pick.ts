import type { Random } from '../../stack/platform.ts';

/** Choices out of a seed, quick enough for millions of them. */
export interface Pick {
  /** A whole number from 0 to `limit` - 1. */
  below(limit: number): number;
  bytes(length: number): Uint8Array;
  of<T>(list: readonly T[]): T;
}

const BLOCK = 4096;

export function picker(random: Random): Pick {
  let block = Buffer.alloc(0);
  let at = 0;
  const take = (length: number): Buffer => {
    if (at + length > block.length) {
      block = Buffer.from(random.bytes(Math.max(BLOCK, length)));
      at = 0;
    }
    at += length;
    return block.subarray(at - length, at);
  };
  const below = (limit: number): number => take(4).readUInt32BE() % limit;
  return {
    below,
    bytes: (length) => new Uint8Array(take(length)),
    of: (list) => {
      if (list.length === 0) throw new RangeError('nothing to pick from');
      return list[below(list.length)]!;
    },
  };
}
