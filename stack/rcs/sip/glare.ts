/** RFC 3261 section 14.1: how long to wait after a 491, so that two that ran into each other don't do it again. */

import type { Random } from '../../platform.ts';

/** Milliseconds, in units of 10: 2.1 to 4 s for the owner of the Call-ID, up to 2 s for the other. */
export function glareBackoff(random: Random, ownsCallId: boolean): number {
  const steps = ownsCallId ? 191 : 201;
  const step = uniform(random, steps);
  return ownsCallId ? 2100 + step * 10 : step * 10;
}

/** 14.2: the seconds of a Retry-After for a re-INVITE that came while another was unanswered, 0 to 10. */
export function retryAfterSeconds(random: Random): number {
  return uniform(random, 11);
}

/** Below `bound` (at most 256 steps fit one octet), without bias. */
function uniform(random: Random, bound: number): number {
  const limit = 256 - (256 % bound);
  for (;;) {
    const octet = random.bytes(1)[0]!;
    if (octet < limit) return octet % bound;
  }
}
