/** Pager messages over a size don't pass; RFC 3261 section 21.4.11: 413. */
import type { SipRequest } from '../../../../stack/rcs/sip/message.ts';
import type { Passage } from './middlebox.ts';

export function limitSize(request: SipRequest, octets: number): Passage {
  const { length } = request.body;
  if (request.method !== 'MESSAGE' || length <= octets) return { kind: 'passes', request };
  return { kind: 'refused', status: 413, why: `${length} octets, at most ${octets} cross this border` };
}
