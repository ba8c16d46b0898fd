import { randomBytes } from 'node:crypto';
import type { Random } from '../../../stack/platform.ts';

/** Fetched at once: most consumers draw a few octets, and asking for them costs more than having them made. */
const POOL_OCTETS = 8_192;
let pool = new Uint8Array(0);
let used = 0;

/** The machine's own randomness: for what is served to strangers, never inside a simulated case. */
export const systemRandom: Random = {
  bytes: (length) => {
    if (length > POOL_OCTETS / 8) return new Uint8Array(randomBytes(length));
    if (used + length > pool.length) {
      pool = new Uint8Array(randomBytes(POOL_OCTETS));
      used = 0;
    }
    const drawn = pool.slice(used, used + length);
    // What was given away is nowhere else.
    pool.fill(0, used, used + length);
    used += length;
    return drawn;
  },
  fork: () => systemRandom,
};
