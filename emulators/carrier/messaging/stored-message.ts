/** A message as the store keeps it: who, to whom, and the request as it was taken. */
import type { SipHeader, SipRequest } from '../../../stack/rcs/sip/message.ts';
import { type PagerMessage, readPagerMessage } from './pager-message.ts';

export interface StoredMessage {
  readonly sender: string;
  readonly recipient: string;
  readonly uri: string;
  readonly headers: readonly (readonly [name: string, value: string])[];
}

/** The body is kept beside it, octet for octet. */
export function storedMessage({ sender, recipient, request }: PagerMessage): StoredMessage {
  const headers = request.headers.map(({ name, value }) => [name, value] as const);
  return { sender, recipient, uri: request.uri, headers };
}

export function restoredMessage(stored: StoredMessage, body: Uint8Array): PagerMessage {
  const headers: SipHeader[] = stored.headers.map(([name, value]) => ({ name, value }));
  const request: SipRequest = { kind: 'request', method: 'MESSAGE', uri: stored.uri, headers, body };
  return readPagerMessage(request, stored.sender, stored.recipient);
}
