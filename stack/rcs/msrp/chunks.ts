/** RFC 4975 section 5.1: a message cut into chunks that others may interrupt. */

import type { ByteRange } from './byte-range.ts';
import type { MsrpFlag } from './frame.ts';

/** Larger chunks must be interruptible; smaller ones always interleave with other messages (section 5.1). */
export const CHUNK_OCTETS = 2_048;

export interface Chunk {
  readonly range: ByteRange;
  readonly data: Uint8Array;
  readonly flag: MsrpFlag;
}

/** At least one chunk, the last with `$`. */
export function chunksOf(message: Uint8Array, size: number = CHUNK_OCTETS): Chunk[] {
  const total = message.length;
  const chunks: Chunk[] = [];
  for (let at = 0; at === 0 || at < total; at += size) {
    const data = message.subarray(at, at + size);
    const end = at + data.length;
    chunks.push({ range: { start: at + 1, end, total }, data, flag: end >= total ? '$' : '+' });
  }
  return chunks;
}
