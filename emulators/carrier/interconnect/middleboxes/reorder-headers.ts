/** Header fields in another order (RFC 3261 section 7.3.1: only that of fields of one name carries meaning). */
import { canonicalName } from '../../../../stack/rcs/sip/header-names.ts';
import type { SipMessage } from '../../../../stack/rcs/sip/message.ts';

/** By name, last of the alphabet first; fields of one name keep their order. */
export function reorderHeaders<M extends SipMessage>(message: M): M {
  const headers = message.headers.toSorted((a, b) => {
    const [x, y] = [canonicalName(a.name), canonicalName(b.name)];
    return x === y ? 0 : x < y ? 1 : -1;
  });
  return { ...message, headers };
}
