/** RFC 3261 sections 8.2.2.3, 19.2 and 20.32: option tags that a request requires and this side may not have. */

import { headerValues } from './headers.ts';
import type { SipHeader, SipMessage, SipRequest } from './message.ts';

/** Lower-case tags of Require or Supported. */
export function optionTags(message: SipMessage, name: 'Require' | 'Supported'): string[] {
  return headerValues(message, name).map((value) => value.trim().toLowerCase());
}

/** The headers of a 420 when the request requires what `known` lacks; undefined when it may be served. */
export function badExtension(request: SipRequest, known: readonly string[]): SipHeader[] | undefined {
  if (request.method === 'ACK' || request.method === 'CANCEL') return undefined;
  const missing = optionTags(request, 'Require').filter((tag) => !known.includes(tag));
  return missing.length === 0 ? undefined : [{ name: 'Unsupported', value: missing.join(', ') }];
}
