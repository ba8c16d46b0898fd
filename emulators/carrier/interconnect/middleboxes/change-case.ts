/** Hazards R14 and R21 of docs/rcs-signalling.md: names of header fields and feature tags in another case. */
import { canonicalName } from '../../../../stack/rcs/sip/header-names.ts';
import type { SipHeader, SipMessage } from '../../../../stack/rcs/sip/message.ts';

const WITH_TAGS = ['contact', 'accept-contact'];
/** The name of a feature tag (RFC 3840 section 9): `;` or `; ` before it, `=`, `;` or the end behind it. */
const TAG_NAME = /(?<=;\s*)\+[A-Za-z0-9\-.!%*_+`'~]+(?=\s*(?:[=;,]|$))/g;

export function changeCase<M extends SipMessage>(message: M, to: 'upper' | 'lower'): M {
  const fold = (text: string) => (to === 'upper' ? text.toUpperCase() : text.toLowerCase());
  const headers = message.headers.map(({ name, value }): SipHeader => {
    const tagged = WITH_TAGS.includes(canonicalName(name));
    return { name: fold(name), value: tagged ? value.replace(TAG_NAME, fold) : value };
  });
  return { ...message, headers };
}
