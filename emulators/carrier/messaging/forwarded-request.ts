/**
 * The messaging server is a back-to-back user agent (OMA CPM): what it hands on is a request of its own that carries
 * the end-to-end part of the one it took.
 */
import type { Random } from '../../../stack/platform.ts';
import { canonicalName } from '../../../stack/rcs/sip/header-names.ts';
import { header } from '../../../stack/rcs/sip/headers.ts';
import { newCallId, newTag } from '../../../stack/rcs/sip/identifiers.ts';
import type { SipHeader, SipRequest } from '../../../stack/rcs/sip/message.ts';

/** Of one hop or one transaction only (RFC 3261 section 16.6, RFC 7315), or rebuilt here. */
const NOT_FORWARDED = new Set([
  ...[
    'via',
    'route',
    'record-route',
    'max-forwards',
    'call-id',
    'cseq',
    'from',
    'to',
    'contact',
    'content-length',
  ],
  ...['authorization', 'proxy-authorization', 'proxy-require', 'path', 'service-route', 'security-verify'],
  ...['p-preferred-identity', 'p-preferred-service', 'p-access-network-info', 'p-called-party-id'],
  ...[
    'p-charging-vector',
    'p-charging-function-addresses',
    'p-visited-network-id',
    'p-last-access-network-info',
  ],
]);

export function isForwarded(name: string): boolean {
  return !NOT_FORWARDED.has(canonicalName(name));
}

/** A fresh transaction for `uri` with the headers, identities and body of `request`, every octet of the body kept. */
export function forwardedRequest(
  request: SipRequest,
  uri: string,
  host: string,
  random: Random,
  extra: readonly SipHeader[] = [],
): SipRequest {
  const headers: SipHeader[] = [
    { name: 'Max-Forwards', value: '70' },
    {
      name: 'From',
      value: `${withoutTag(header(request, 'From') ?? '<sip:anonymous@anonymous.invalid>')};tag=${newTag(random)}`,
    },
    { name: 'To', value: withoutTag(header(request, 'To') ?? `<${uri}>`) },
    { name: 'Call-ID', value: newCallId(random, host) },
    { name: 'CSeq', value: `1 ${request.method}` },
    ...extra,
    ...request.headers.filter(({ name }) => isForwarded(name)),
  ];
  return { kind: 'request', method: request.method, uri, headers, body: request.body };
}

/** An address without angle brackets has header parameters after it, not URI ones (RFC 3261 section 20.10). */
export function withoutTag(value: string): string {
  const address = value.includes('<') ? value : `<${value.split(';')[0]!.trim()}>`;
  return address.replace(/;\s*tag=[^;]*/i, '');
}
