/** RFC 3261 section 20.19: Expires, as SUBSCRIBE, PUBLISH and their answers carry it. */

import { header } from './headers.ts';
import type { SipMessage } from './message.ts';
import { SipParseError } from './parse-error.ts';

/** Longest lifetime that makes sense to a timer here, seconds: a year. */
const LONGEST = 31_536_000;

/** Seconds, at most a year; undefined without the header. Throws SipParseError. */
export function expiresOf(
  message: SipMessage,
  name: 'Expires' | 'Min-Expires' = 'Expires',
): number | undefined {
  const value = header(message, name)?.trim();
  if (value === undefined) return undefined;
  if (!/^[0-9]{1,10}$/.test(value)) {
    throw new SipParseError({ offset: 0, field: name, expected: 'seconds', clause: 'RFC 3261 20.19' });
  }
  return Math.min(Number(value), LONGEST);
}

/** The same of a response that came: a value that can't be read counts as absent. */
export function grantedExpires(
  message: SipMessage,
  name: 'Expires' | 'Min-Expires' = 'Expires',
): number | undefined {
  try {
    return expiresOf(message, name);
  } catch (error) {
    if (error instanceof SipParseError) return undefined;
    throw error;
  }
}

/** When to refresh what lasts so many seconds: 600 s before the end, or at half of what is short (TS 24.229 5.1.2A.1). */
export function refreshAfterMs(seconds: number): number {
  return (seconds > 1200 ? seconds - 600 : seconds / 2) * 1000;
}
