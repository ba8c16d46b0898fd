import { randomBytes } from 'node:crypto';
import type { Random } from '../../../stack/platform.ts';

/** The machine's own randomness: for what is served to strangers, never inside a simulated case. */
export const systemRandom: Random = {
  bytes: (length) => new Uint8Array(randomBytes(length)),
  fork: () => systemRandom,
};
