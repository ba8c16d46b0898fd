/** How long a phone waits before it registers again: RFC 5626 section 4.5, with the times of RCC.14. */
import type { Random } from '../platform.ts';

/** RegRetryBaseTime and RegRetryMaxTime, milliseconds. */
const BASE_MS = 30_000;
const MOST_MS = 1_800_000;
/** A server that asks for more is taken at its word only so far, milliseconds. */
const LONGEST_RETRY_AFTER_MS = 86_400_000;

/**
 * Milliseconds after so many failures in a row (from 0): the upper bound doubles, and half of it is left to chance, so
 * that phones which failed together do not come back together. Never less than `retryAfterMs`.
 */
export function registrationWait(random: Random, failures: number, retryAfterMs = 0): number {
  const bound = Math.min(MOST_MS, BASE_MS * 2 ** Math.min(failures, 30));
  const asked = Math.min(retryAfterMs, LONGEST_RETRY_AFTER_MS);
  return Math.round(asked + spread(random, bound));
}

/** RFC 5626 section 4.4: milliseconds to the next keep-alive, 80 to 100 per cent of what was agreed. */
export function keepAliveWait(random: Random, seconds: number): number {
  return Math.round(seconds * 1_000 * (0.8 + 0.2 * fraction(random)));
}

function spread(random: Random, bound: number): number {
  return bound * (0.5 + 0.5 * fraction(random));
}

/** 0 to 1, by 65,536 steps. */
function fraction(random: Random): number {
  const [high, low] = random.bytes(2);
  return (high! * 256 + low!) / 65_536;
}
