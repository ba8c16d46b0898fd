/** Who a phone is, said by the network (RFC 3325, RFC 6050); what leaves the network towards a phone, and what does not. */
import { canonicalName } from '../../../stack/rcs/sip/header-names.ts';
import { addHeader, headerValues, removeHeader } from '../../../stack/rcs/sip/headers.ts';
import type { SipMessage, SipRequest } from '../../../stack/rcs/sip/message.ts';
import { parseNameAddr } from '../../../stack/rcs/sip/name-addr.ts';
import { numberOfUri } from '../numbering.ts';

/** RFC 7315 section 5: for elements of the network among themselves. */
const OF_THE_NETWORK = new Set([
  ...['p-charging-vector', 'p-charging-function-addresses', 'p-visited-network-id', 'p-served-user'],
  ...['p-profile-key', 'p-user-database', 'p-private-network-indication'],
]);
/** Where a phone is, is for its network, not for whom it writes to. */
const OF_THE_ACCESS = new Set([
  ...['p-access-network-info', 'p-last-access-network-info', 'cellular-network-info'],
]);

/** Only the network asserts (RFC 3325 section 5), and only it charges. */
export function withoutAssertions<M extends SipMessage>(message: M): M {
  return without(message, (name) => name.startsWith('p-asserted-') || OF_THE_NETWORK.has(name));
}

/** What a phone is told of a request: nothing that is the network's own, no identity that is to stay private (RFC 3325 section 7). */
export function forPhone(request: SipRequest): SipRequest {
  const hidden = headerValues(request, 'Privacy').some((value) =>
    value.split(';').some((one) => one.trim().toLowerCase() === 'id'),
  );
  return without(
    request,
    (name) =>
      OF_THE_NETWORK.has(name) || OF_THE_ACCESS.has(name) || (hidden && name === 'p-asserted-identity'),
  );
}

/**
 * P-Asserted-Identity with both forms of the sender's identity, the preferred one first, and P-Asserted-Service for the
 * preferred service. A P-Preferred-Identity of somebody else is passed over (RFC 3325 section 6): `onForeign` is told.
 */
export function asserted(
  request: SipRequest,
  identities: { readonly sip: string; readonly msisdn: string },
  onForeign: () => void,
): SipRequest {
  const preferred = headerValues(request, 'P-Preferred-Identity').map((value) => parseNameAddr(value).uri);
  const service = headerValues(request, 'P-Preferred-Service')[0];
  const own = preferred.filter((uri) => numberOfUri(uri) === identities.msisdn);
  if (own.length < preferred.length) onForeign();
  const both = [`<${identities.sip}>`, `<tel:${identities.msisdn}>`];
  if (own[0]?.toLowerCase().startsWith('tel:')) both.reverse();
  const clean = ['P-Preferred-Identity', 'P-Preferred-Service'].reduce(
    removeHeader<SipRequest>,
    withoutAssertions(request),
  );
  const known = addHeader(clean, 'P-Asserted-Identity', both.join(', '));
  return service === undefined ? known : addHeader(known, 'P-Asserted-Service', service);
}

/** Whom a request says that it is of (E.164), to tell phones behind one address apart. */
export function claimedNumber(request: SipRequest): string | undefined {
  for (const name of ['P-Preferred-Identity', 'From']) {
    for (const value of headerValues(request, name)) {
      const number = numberOfUri(parseNameAddr(value).uri);
      if (number !== undefined) return number;
    }
  }
  return undefined;
}

function without<M extends SipMessage>(message: M, drop: (name: string) => boolean): M {
  return { ...message, headers: message.headers.filter(({ name }) => !drop(canonicalName(name))) };
}
