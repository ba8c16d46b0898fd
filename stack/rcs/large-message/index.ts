/** Large message mode of OMA CPM Standalone Messaging, both ends (docs/rcs-signalling.md 4.4). */

export {
  asksForLargeMessage,
  LARGE_MESSAGE_ICSI,
  LARGE_MESSAGE_TAG,
  type LargeMessageParty,
} from './party.ts';
export { type LargeMessageTaker, receiveLargeMessage } from './receive.ts';
export { type InviteParts, type LargeMessage, type LargeSendResult, sendLargeMessage } from './send.ts';
