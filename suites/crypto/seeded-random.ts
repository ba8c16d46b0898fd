/** A Random whose bytes are SHA-256 of seed and counter: independent of the providers under test. */
import { createHash } from 'node:crypto';
import type { Random } from '../../stack/platform.ts';

export function seededRandom(seed: string): Random {
  let counter = 0;
  return {
    bytes: (length) => {
      const out = new Uint8Array(length);
      for (let at = 0; at < length; at += 32) {
        const block = createHash('sha256').update(`${seed}/${counter++}`).digest();
        out.set(block.subarray(0, Math.min(32, length - at)), at);
      }
      return out;
    },
    fork: (name) => seededRandom(`${seed}:${name}`),
  };
}
