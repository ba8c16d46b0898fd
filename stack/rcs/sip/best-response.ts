/** RFC 3261 section 16.7 item 6: of the final responses to a forked request, the one that its sender gets. */

import type { SipResponse } from './message.ts';

/** These say what the sender can do about it. */
const USEFUL = [401, 407, 415, 420, 484];

/** A 2xx before a 6xx before the lowest class; among equals the first. Undefined for none. */
export function bestResponse<R extends SipResponse>(responses: readonly R[]): R | undefined {
  return responses.reduce<R | undefined>(
    (best, one) => (best === undefined || rank(one.status) < rank(best.status) ? one : best),
    undefined,
  );
}

function rank(status: number): number {
  if (status >= 200 && status < 300) return 0;
  if (status >= 600) return 1;
  return Math.floor(status / 100) * 2 + (USEFUL.includes(status) ? 0 : 1);
}
