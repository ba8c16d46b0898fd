/** Feature tags of a Contact (RFC 3840), apart from the parameters that belong to the registration itself. */
import { stripTags } from '../../../stack/rcs/capabilities/strip-tags.ts';
import type { NameAddr } from '../../../stack/rcs/sip/name-addr.ts';

export type Tags = NameAddr['params'];

const NOT_TAGS = ['expires', 'q', '+sip.instance', 'reg-id', 'pub-gruu', 'temp-gruu', 'tag'];

export function contactTags(contact: NameAddr): Tags {
  return stripTags(contact.params, NOT_TAGS);
}
