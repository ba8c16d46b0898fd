/** How long a sender wants its message kept: Message-Expires of OMA CPM, Expires of RFC 3428 section 5; both in seconds. */
import { header } from '../../../stack/rcs/sip/headers.ts';
import type { SipRequest } from '../../../stack/rcs/sip/message.ts';

/** The shorter of what the carrier keeps and what the sender asks for, milliseconds from when it was taken. */
export function lifetimeMs(request: SipRequest, keepMs: number): number {
  const asked = ['Message-Expires', 'Expires'].flatMap((name) => {
    const value = header(request, name)?.trim() ?? '';
    return /^\d{1,9}$/.test(value) ? [Number(value) * 1_000] : [];
  });
  return Math.min(keepMs, ...asked);
}
