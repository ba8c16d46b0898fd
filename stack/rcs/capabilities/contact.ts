/** The capabilities that a message's Contact announces, read whatever became of it on the way (hazard R16). */
import { header, headerValues } from '../sip/headers.ts';
import type { SipMessage } from '../sip/message.ts';
import { parseNameAddr } from '../sip/name-addr.ts';
import { SipParseError } from '../sip/parse-error.ts';
import { type Capabilities, capabilitiesFromContact } from './capabilities.ts';

/**
 * Of the first Contact; undefined without one. One that a border cut off is read as far as it goes and is `truncated`.
 * Never throws on what a peer sent.
 */
export function capabilitiesOf(message: SipMessage): Capabilities | undefined {
  try {
    const contact = headerValues(message, 'Contact')[0];
    return contact === undefined ? undefined : capabilitiesFromContact(parseNameAddr(contact).params);
  } catch (error) {
    if (!(error instanceof SipParseError)) throw error;
    return { ...capabilitiesFromContact(paramsOfCut(header(message, 'Contact') ?? '')), truncated: true };
  }
}

/** What of `<uri>;name=value;...` is there, the quotes left in the values. */
function paramsOfCut(contact: string): Map<string, string | undefined> {
  const end = contact.indexOf('>');
  const tail = end < 0 ? '' : contact.slice(end + 1);
  const params = new Map<string, string | undefined>();
  for (const [, name, value] of tail.matchAll(/;\s*([^\s;="]+)\s*(?:=\s*("[^"]*"?|[^;"]*))?/g)) {
    params.set(name!.toLowerCase(), value);
  }
  return params;
}

/** Whether it tells less than what is known already: nothing at all of messaging, or only a part of it. */
export function isPoorer(heard: Capabilities, known: Capabilities | undefined): boolean {
  return heard.truncated && known !== undefined && !known.truncated;
}
