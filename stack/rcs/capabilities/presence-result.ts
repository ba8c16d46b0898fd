/** What a fetch of presence says about the peer (docs/rcs-signalling.md 3.2), in the terms of 3.1. */

import { EventBodyError } from '../event-packages/document.ts';
import { readPidf } from '../event-packages/pidf.ts';
import { capabilitiesFromPidf } from '../event-packages/service-descriptions.ts';
import type { Capabilities } from './capabilities.ts';
import { type OptionsResult, offersMessaging, optionsResult } from './options-result.ts';

/** How a subscription with Expires: 0 ended. */
export type PresenceAnswer =
  /** The last NOTIFY: its reason, and the last document that came. */
  | { readonly kind: 'notified'; readonly reason?: string; readonly document?: Uint8Array }
  | { readonly kind: 'refused'; readonly status: number; readonly phrase: string; readonly cause?: number }
  | { readonly kind: 'silence' };

export interface PresenceResult extends OptionsResult {
  readonly capabilities?: Capabilities;
}

const NOTHING: PresenceResult = { rcs: 'unknown', keepOld: true };

export function presenceResult(answer: PresenceAnswer): PresenceResult {
  if (answer.kind === 'silence') return NOTHING;
  if (answer.kind === 'refused') {
    const { status, phrase, cause } = answer;
    // 489 and 405: this network does it otherwise, which says nothing about the peer.
    if (status === 405) return NOTHING;
    return optionsResult(status, undefined, { reason: phrase, ...(cause !== undefined && { cause }) });
  }
  if (answer.document !== undefined) return readDocument(answer.document);
  return answer.reason === 'noresource' ? { rcs: 'no', keepOld: false } : NOTHING;
}

function readDocument(document: Uint8Array): PresenceResult {
  try {
    const { capabilities, online } = capabilitiesFromPidf(readPidf(document));
    if (!offersMessaging(capabilities)) return { rcs: 'no', keepOld: false };
    return { rcs: 'yes', online, keepOld: false, capabilities };
  } catch (error) {
    if (error instanceof EventBodyError) return NOTHING;
    throw error;
  }
}
