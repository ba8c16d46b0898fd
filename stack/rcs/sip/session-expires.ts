/** RFC 4028: how two user agents agree on how long a session lives without a refresh, and who refreshes it. */

import { header } from './headers.ts';
import type { SipHeader, SipMessage, SipRequest, SipResponse } from './message.ts';
import { optionTags } from './option-tags.ts';
import { SipParseError } from './parse-error.ts';

export interface SessionExpires {
  /** Seconds. */
  readonly seconds: number;
  readonly refresher?: 'uac' | 'uas';
}

/** The role in the transaction that agreed, not in the dialog (RFC 4028 7.1). */
export interface SessionInterval {
  readonly seconds: number;
  readonly refresher: 'uac' | 'uas';
}

/** RFC 4028 4: no interval is shorter, seconds. */
export const LEAST_MIN_SE = 90;

const VALUE = /^([0-9]{1,10})\s*((?:;.*)?)$/s;
const REFRESHER = /;\s*refresher\s*=\s*(uac|uas)\s*(?:;|$)/i;

/** Undefined without the header. Throws SipParseError. */
export function sessionExpires(message: SipMessage): SessionExpires | undefined {
  const value = header(message, 'Session-Expires');
  if (value === undefined) return undefined;
  const [, digits, params = ''] = VALUE.exec(value.trim()) ?? [];
  if (digits === undefined) throw fault('Session-Expires', 'RFC 4028 4');
  const refresher = REFRESHER.exec(params)?.[1]?.toLowerCase() as 'uac' | 'uas' | undefined;
  return { seconds: Number(digits), ...(refresher !== undefined && { refresher }) };
}

/** Min-SE in seconds; 90 when absent. Throws SipParseError. */
export function minSe(message: SipMessage): number {
  const value = header(message, 'Min-SE');
  if (value === undefined) return LEAST_MIN_SE;
  const [, digits] = VALUE.exec(value.trim()) ?? [];
  if (digits === undefined) throw fault('Min-SE', 'RFC 4028 5');
  return Math.max(Number(digits), LEAST_MIN_SE);
}

/** The headers by which a client asks for a session interval (7.1), and says that it can do timers at all. */
export function askedInterval(asked: SessionExpires | undefined, atLeast: number): SipHeader[] {
  if (asked === undefined) return [];
  const refresher = asked.refresher === undefined ? '' : `;refresher=${asked.refresher}`;
  const headers: SipHeader[] = [
    { name: 'Session-Expires', value: `${Math.max(asked.seconds, atLeast)}${refresher}` },
  ];
  if (atLeast > LEAST_MIN_SE) headers.push({ name: 'Min-SE', value: String(atLeast) });
  return headers;
}

export interface ServerTimerPolicy {
  /** The shortest interval this side takes, seconds. */
  readonly minSe: number;
  /** The interval it wants; absent: none of its own will. */
  readonly wanted?: number;
  /** Who is to refresh when the client leaves it open; the client by default. */
  readonly refresher?: 'uac' | 'uas';
}

export type ServerTimerDecision =
  | { readonly kind: 'too-short'; readonly headers: readonly SipHeader[] }
  | { readonly kind: 'none' }
  | { readonly kind: 'agreed'; readonly interval: SessionInterval; readonly headers: readonly SipHeader[] };

/** What the server of an INVITE or UPDATE makes of it (9, tables 2 and 3). Throws SipParseError. */
export function decideAsServer(request: SipRequest, policy: ServerTimerPolicy): ServerTimerDecision {
  const clientCan = optionTags(request, 'Supported').includes('timer');
  const asked = sessionExpires(request);
  const least = Math.max(policy.minSe, LEAST_MIN_SE);
  if (asked !== undefined && asked.seconds < least && clientCan) {
    return { kind: 'too-short', headers: [{ name: 'Min-SE', value: String(least) }] };
  }
  const offered = asked?.seconds ?? policy.wanted;
  if (offered === undefined) return { kind: 'none' };
  // It may be made shorter, but never below what anybody on the way asked for.
  const floor = Math.max(minSe(request), least);
  const seconds = Math.max(
    Math.min(offered, policy.wanted ?? offered),
    Math.min(offered, floor),
    LEAST_MIN_SE,
  );
  const refresher = clientCan ? (asked?.refresher ?? policy.refresher ?? 'uac') : 'uas';
  const headers: SipHeader[] = [
    { name: 'Session-Expires', value: `${seconds};refresher=${refresher}` },
    ...(clientCan ? [{ name: 'Require', value: 'timer' }] : []),
  ];
  return { kind: 'agreed', interval: { seconds, refresher }, headers };
}

/** What a 2xx says to the client that sent the request (7.2): without a readable Session-Expires it doesn't expire. */
export function agreedInterval(response: SipResponse): SessionInterval | undefined {
  const agreed = readable(() => sessionExpires(response));
  // A server that names no refresher has broken the rule (table 2); the client then refreshes.
  return agreed && { seconds: Math.max(agreed.seconds, 1), refresher: agreed.refresher ?? 'uac' };
}

/** The Min-SE of a 422 (7.3), seconds; 90 when it can't be read. */
export function refusedBelow(response: SipResponse): number {
  return readable(() => minSe(response)) ?? LEAST_MIN_SE;
}

function readable<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof SipParseError) return undefined;
    throw error;
  }
}

function fault(field: string, clause: string): SipParseError {
  return new SipParseError({ offset: 0, field, expected: 'seconds and parameters', clause });
}
