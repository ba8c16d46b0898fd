/** What an NNI filter does to capabilities: named feature tags vanish from Contact and Accept-Contact. */
import { stripTags } from '../../../stack/rcs/capabilities/strip-tags.ts';
import { canonicalName } from '../../../stack/rcs/sip/header-names.ts';
import { headerValues } from '../../../stack/rcs/sip/headers.ts';
import type { SipHeader, SipMessage } from '../../../stack/rcs/sip/message.ts';
import { parseNameAddr, writeNameAddr } from '../../../stack/rcs/sip/name-addr.ts';
import { SipParseError } from '../../../stack/rcs/sip/parse-error.ts';

const FIELDS = ['contact', 'accept-contact'];

/** Nothing else of the message changes. A value that doesn't parse passes as it is: a border filter is no validator. */
export function stripFeatureTags<M extends SipMessage>(message: M, tags: readonly string[]): M {
  if (tags.length === 0) return message;
  const headers = message.headers.map((field): SipHeader => {
    if (!FIELDS.includes(canonicalName(field.name))) return field;
    try {
      const values = headerValues({ ...message, headers: [field] }, field.name).map((value) =>
        stripped(value, tags),
      );
      return { name: field.name, value: values.join(', ') };
    } catch (error) {
      if (error instanceof SipParseError) return field;
      throw error;
    }
  });
  return { ...message, headers };
}

function stripped(value: string, tags: readonly string[]): string {
  const contact = parseNameAddr(value);
  return writeNameAddr({ ...contact, params: stripTags(contact.params, tags) });
}
