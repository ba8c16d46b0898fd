import { createHash } from 'node:crypto';
import { UsageError } from './usage-error.ts';

export interface Shard {
  /** From 1. */
  readonly index: number;
  readonly of: number;
}

/** `2/5`. Throws UsageError. */
export function parseShard(text: string): Shard {
  const parts = /^(\d{1,4})\/(\d{1,4})$/.exec(text);
  const shard = { index: Number(parts?.[1]), of: Number(parts?.[2]) };
  if (!(shard.index >= 1 && shard.index <= shard.of)) {
    throw new UsageError(`shard: "${text}" is not i/n with 1 <= i <= n, such as 1/3`);
  }
  return shard;
}

/** A cell's shard follows from its id alone, so that a growing matrix moves no cell that stays. */
export function inShard(id: string, shard: Shard): boolean {
  return createHash('sha256').update(id).digest().readUInt32BE(0) % shard.of === shard.index - 1;
}
