/** One message, two ways to carry it: what of an INVITE belongs to the message, and what of a MESSAGE to an INVITE. */
import { canonicalName } from '../../../stack/rcs/sip/header-names.ts';
import { header } from '../../../stack/rcs/sip/headers.ts';
import type { SipHeader, SipRequest } from '../../../stack/rcs/sip/message.ts';
import { isForwarded, withoutTag } from './forwarded-request.ts';

/** Of the session, or of one of the two ways. */
const OF_THE_WAY = new Set([
  ...['accept', 'accept-contact', 'allow', 'content-disposition', 'content-encoding', 'content-type'],
  ...['expires', 'min-se', 'p-asserted-service', 'require', 'session-expires', 'supported'],
]);

const PAGER_SERVICE: readonly SipHeader[] = [
  { name: 'P-Asserted-Service', value: 'urn:urn-7:3gpp-service.ims.icsi.oma.cpm.msg' },
  {
    name: 'Accept-Contact',
    value: '*;+g.3gpp.icsi-ref="urn%3Aurn-7%3A3gpp-service.ims.icsi.oma.cpm.msg"',
  },
];

/** The MESSAGE that a large message would be if it were small; it is kept, and looked at, as one. */
export function contentRequest(invite: SipRequest, content: Uint8Array): SipRequest {
  const ends = ['from', 'to', 'call-id'];
  const headers: SipHeader[] = [
    ...invite.headers.filter(({ name }) => ends.includes(canonicalName(name))),
    { name: 'CSeq', value: '1 MESSAGE' },
    ...passedOnHeaders(invite),
    ...PAGER_SERVICE,
    { name: 'Content-Type', value: 'message/cpim' },
  ];
  return { kind: 'request', method: 'MESSAGE', uri: invite.uri, headers, body: content };
}

/** The headers that belong to the message itself: identities, conversation, and any that nobody here knows. */
export function passedOnHeaders(request: SipRequest): SipHeader[] {
  return request.headers.filter(({ name }) => isForwarded(name) && !OF_THE_WAY.has(canonicalName(name)));
}

/** From or To as an address without tag. */
export function addressOf(request: SipRequest, name: 'From' | 'To'): string {
  return withoutTag(header(request, name) ?? '<sip:anonymous@anonymous.invalid>');
}
