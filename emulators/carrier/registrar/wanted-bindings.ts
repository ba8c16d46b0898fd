/** What a REGISTER asks for (RFC 3261 section 10.2; RFC 5626 section 4.2; RFC 5627 section 4.1). */
import { header, headerValues } from '../../../stack/rcs/sip/headers.ts';
import type { SipRequest } from '../../../stack/rcs/sip/message.ts';
import { type NameAddr, parseNameAddr } from '../../../stack/rcs/sip/name-addr.ts';
import { parseSipUri } from '../../../stack/rcs/sip/uri.ts';

/** Asked for when a phone names none (3GPP TS 24.229 section 5.1.1.2.1), seconds. */
const DEFAULT_EXPIRES = 600_000;
const MOST_CONTACTS = 4;

export interface WantedBinding {
  readonly contact: NameAddr;
  /** `+sip.instance`, or the Contact URI of a phone without one. */
  readonly instance: string;
  /** Empty where the phone does not do outbound: a device then has one binding. */
  readonly regId: string;
  readonly seconds: number;
}

export type Wanted =
  | { readonly kind: 'bindings'; readonly list: readonly WantedBinding[] }
  /** `Contact: *`: none any more. */
  | { readonly kind: 'none' }
  | { readonly kind: 'malformed'; readonly why: string };

export function supports(request: SipRequest, option: string): boolean {
  return headerValues(request, 'Supported').some((one) => one.trim().toLowerCase() === option);
}

export function wantedBindings(request: SipRequest): Wanted {
  const fields = headerValues(request, 'Contact');
  if (fields.length > MOST_CONTACTS) return malformed(`at most ${MOST_CONTACTS} Contacts`);
  if (fields.includes('*')) {
    return fields.length === 1 && header(request, 'Expires')?.trim() === '0'
      ? { kind: 'none' }
      : malformed('Contact * stands alone and with Expires 0 (RFC 3261 10.2.2)');
  }
  const outbound = supports(request, 'outbound');
  const list: WantedBinding[] = [];
  for (const field of fields) {
    const contact = contactOf(field);
    if (contact === undefined) return malformed('a Contact that is no address');
    const seconds = requestedExpires(contact, request);
    if (seconds === undefined) return malformed('expires is a number of seconds');
    const instance = contact.params.get('+sip.instance');
    const regId = contact.params.get('reg-id');
    if (outbound && regId !== undefined && !/^[1-9]\d{0,9}$/.test(regId))
      return malformed('reg-id is a number from 1 (RFC 5626 4.2)');
    // RFC 5626 section 6: reg-id counts only beside an instance, and where the phone does outbound.
    const counts = outbound && instance !== undefined;
    list.push({ contact, instance: instance ?? contact.uri, regId: (counts && regId) || '', seconds });
  }
  return { kind: 'bindings', list };
}

/** Seconds; the Contact's own parameter goes before the header field (RFC 3261 section 10.2.1.1). */
function requestedExpires(contact: NameAddr, request: SipRequest): number | undefined {
  const text = contact.params.get('expires') ?? header(request, 'Expires') ?? String(DEFAULT_EXPIRES);
  return /^\d{1,10}$/.test(text.trim()) ? Number(text) : undefined;
}

/** Requests will go to this URI: it must be one. */
function contactOf(field: string): NameAddr | undefined {
  try {
    const contact = parseNameAddr(field);
    parseSipUri(contact.uri);
    return contact;
  } catch {
    return undefined;
  }
}

function malformed(why: string): Wanted {
  return { kind: 'malformed', why };
}
