import type { ClaimedPackage } from './kds/key-package-store.ts';
import type { PagerMessage } from './messaging/pager-message.ts';

/** Where a carrier can be made to cheat; an honest one does neither. */
export interface Misbehaviour {
  /** What the KDS hands out for a subscriber instead of what it claimed. */
  claimed(msisdn: string, claimed: readonly ClaimedPackage[]): readonly ClaimedPackage[];
  /** What is delivered to a subscriber instead of a message. */
  delivered(message: PagerMessage): readonly PagerMessage[];
}
