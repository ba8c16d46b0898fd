/** RCC.07 capability discovery by OPTIONS: what an answer says about the peer (docs/rcs-signalling.md 3.1). */

import type { Capabilities } from './capabilities.ts';

export interface OptionsResult {
  /** Whether the peer is an RCS user; `unknown` gives no information and marks nobody as non-RCS. */
  readonly rcs: 'yes' | 'no' | 'unknown';
  /** Absent when the answer doesn't tell. */
  readonly online?: boolean;
  /** Keep the stored capabilities of a known RCS contact. */
  readonly keepOld: boolean;
}

/** `capabilities` are those of the answer's Contact, undefined without one. */
export function optionsResult(status: number, capabilities: Capabilities | undefined): OptionsResult {
  if (status >= 200 && status < 300) {
    if (capabilities === undefined || !offersMessaging(capabilities)) {
      return capabilities?.truncated ? { rcs: 'unknown', keepOld: true } : { rcs: 'no', keepOld: false };
    }
    // Hazard R17 in docs/rcs-signalling.md: automata means that the network answered for someone who is offline.
    return { rcs: 'yes', online: !capabilities.automata, keepOld: capabilities.truncated };
  }
  switch (status) {
    case 404:
    case 405:
    case 604:
      return { rcs: 'no', keepOld: false };
    case 408:
    case 480:
      return { rcs: 'unknown', online: false, keepOld: true };
    default:
      return { rcs: 'unknown', keepOld: true };
  }
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
