/** Hazard R15 of docs/rcs-signalling.md: named feature tags vanish from Contact, Accept-Contact and presence documents. */
import { stripTags } from '../../../../stack/rcs/capabilities/strip-tags.ts';
import { PIDF_TYPE, writePidf } from '../../../../stack/rcs/event-packages/pidf.ts';
import { sameMediaType } from '../../../../stack/rcs/mime.ts';
import { canonicalName } from '../../../../stack/rcs/sip/header-names.ts';
import { header, headerValues } from '../../../../stack/rcs/sip/headers.ts';
import type { SipHeader, SipMessage } from '../../../../stack/rcs/sip/message.ts';
import { parseNameAddr, writeNameAddr } from '../../../../stack/rcs/sip/name-addr.ts';
import { SipParseError } from '../../../../stack/rcs/sip/parse-error.ts';
import { withoutServices } from '../../presence/presence-documents.ts';

const FIELDS = ['contact', 'accept-contact'];

/** Nothing else of the message changes. A value that doesn't parse passes as it is: a border filter is no validator. */
export function stripFeatureTags<M extends SipMessage>(message: M, tags: readonly string[]): M {
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
  return withoutServicesOf({ ...message, headers }, tags);
}

/** What is hidden in Contact is hidden in the document of a NOTIFY too. */
function withoutServicesOf<M extends SipMessage>(message: M, tags: readonly string[]): M {
  if (message.kind !== 'request' || message.method !== 'NOTIFY') return message;
  if (!sameMediaType(header(message, 'Content-Type'), PIDF_TYPE)) return message;
  const document = withoutServices(message.body, tags);
  return document === undefined ? message : { ...message, body: writePidf(document) };
}

function stripped(value: string, tags: readonly string[]): string {
  const contact = parseNameAddr(value);
  return writeNameAddr({ ...contact, params: stripTags(contact.params, tags) });
}
