/** RCC.07 capability discovery: what an answer says about the peer (docs/rcs-signalling.md 3.1). */

import type { Capabilities } from './capabilities.ts';

export interface OptionsResult {
  /** Whether the peer is an RCS user; `unknown` gives no information and marks nobody as non-RCS. */
  readonly rcs: 'yes' | 'no' | 'unknown';
  /** Absent when the answer doesn't tell. */
  readonly online?: boolean;
  /** Keep the stored capabilities of a known RCS contact. */
  readonly keepOld: boolean;
  /**
   * What else to do: register again and repeat (403 "User not registered"), ask nobody any more (403 "not
   * authorized..."), or leave the servers alone for a while (5xx).
   */
  readonly next?: 'register' | 'stop' | 'back-off';
}

export interface AnswerDetails {
  /** The reason phrase of the status line. */
  readonly reason?: string;
  /** The cause of a `Reason: SIP;cause=...` header: it counts in place of the status line. */
  readonly cause?: number;
}

/** `capabilities` are those of the answer's Contact, undefined without one. */
export function optionsResult(
  status: number,
  capabilities: Capabilities | undefined,
  { reason = '', cause }: AnswerDetails = {},
): OptionsResult {
  const counts = cause ?? status;
  if (counts >= 200 && counts < 300) return successResult(capabilities);
  switch (counts) {
    case 404:
    case 405:
    case 604:
      return { rcs: 'no', keepOld: false };
    case 408:
    case 480:
      return { rcs: 'unknown', online: false, keepOld: true };
    case 403:
      return { rcs: 'unknown', keepOld: true, ...afterForbidden(reason) };
    case 500:
    case 503:
    case 504:
      return { rcs: 'unknown', keepOld: true, next: 'back-off' };
    default:
      return { rcs: 'unknown', keepOld: true };
  }
}

/** The cause of the first `SIP` value of a Reason header (RFC 3326 section 2); undefined without a usable one. */
export function reasonCause(value: string | undefined): number | undefined {
  const digits = /(?:^|,)\s*SIP\s*(?:;[^,]*?)?;\s*cause\s*=\s*"?([1-6][0-9]{2})\b/i.exec(value ?? '')?.[1];
  return digits === undefined ? undefined : Number(digits);
}

/** Any tag of SIMPLE IM or CPM messaging. */
export function offersMessaging(capabilities: Capabilities): boolean {
  return (
    capabilities.chat ||
    capabilities.groupChat ||
    capabilities.simpleIm ||
    capabilities.standalone ||
    capabilities.largeMessage ||
    capabilities.deferred ||
    capabilities.systemMessage
  );
}

function successResult(capabilities: Capabilities | undefined): OptionsResult {
  if (capabilities === undefined || !offersMessaging(capabilities)) {
    return capabilities?.truncated ? { rcs: 'unknown', keepOld: true } : { rcs: 'no', keepOld: false };
  }
  // Hazard R17 in docs/rcs-signalling.md: automata means that the network answered for someone who is offline.
  return { rcs: 'yes', online: !capabilities.automata, keepOld: capabilities.truncated };
}

function afterForbidden(reason: string): Pick<OptionsResult, 'next'> {
  if (/user not registered/i.test(reason)) return { next: 'register' };
  return /not authori[sz]ed/i.test(reason) ? { next: 'stop' } : {};
}
