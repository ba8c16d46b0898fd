/** Notifications that the network itself sends about a message (RFC 5438 section 8; CPM interworking). */

import type { Random } from '../../../stack/platform.ts';
import { ANONYMOUS_URI, buildCpim } from '../../../stack/rcs/cpim.ts';
import { formatDateTime } from '../../../stack/rcs/datetime.ts';
import { IMDN_CONTENT_TYPE, type Imdn, writeImdn } from '../../../stack/rcs/imdn.ts';
import { header } from '../../../stack/rcs/sip/headers.ts';
import { newCallId, newTag } from '../../../stack/rcs/sip/identifiers.ts';
import type { SipHeader, SipRequest } from '../../../stack/rcs/sip/message.ts';
import { type CarrierConfig, homeDomain, publicIdentity } from '../config.ts';
import { uuidOf } from '../uuid.ts';
import type { PagerMessage } from './pager-message.ts';

export type NetworkStatus = Pick<Imdn, 'kind' | 'status'>;

export const STORED: NetworkStatus = { kind: 'processing', status: 'stored' };
export const INTERWORKED: NetworkStatus = { kind: 'processing', status: 'interworking' };
export const DELIVERED: NetworkStatus = { kind: 'delivery', status: 'delivered' };
export const FAILED: NetworkStatus = { kind: 'delivery', status: 'failed' };

/** A MESSAGE to the sender of `about`, in the name of its recipient. */
export function networkNotification(
  about: PagerMessage,
  status: NetworkStatus,
  context: { readonly config: CarrierConfig; readonly random: Random; readonly now: number },
): SipRequest {
  const { config, random, now } = context;
  const dateTime = formatDateTime(now);
  const imdn = writeImdn({ messageId: about.id, dateTime: about.dateTime || dateTime, ...status });
  const body = buildCpim({
    from: ANONYMOUS_URI,
    to: ANONYMOUS_URI,
    messageId: messageId(random),
    dateTime,
    contentType: IMDN_CONTENT_TYPE,
    contentDisposition: 'notification',
    content: imdn,
  });
  const identity = publicIdentity(config, about.recipient);
  const conversation = header(about.request, 'Conversation-ID');
  const headers: SipHeader[] = [
    { name: 'From', value: `<${identity}>;tag=${newTag(random)}` },
    { name: 'To', value: `<tel:${about.sender}>` },
    { name: 'Call-ID', value: newCallId(random, homeDomain(config)) },
    { name: 'CSeq', value: '1 MESSAGE' },
    { name: 'P-Asserted-Identity', value: `<${identity}>, <tel:${about.recipient}>` },
    { name: 'P-Asserted-Service', value: 'urn:urn-7:3gpp-service.ims.icsi.oma.cpm.msg' },
    ...(conversation === undefined ? [] : [{ name: 'Conversation-ID', value: conversation }]),
    { name: 'Contribution-ID', value: uuidOf(random.bytes(16)) },
    { name: 'Content-Type', value: 'message/cpim' },
  ];
  return { kind: 'request', method: 'MESSAGE', uri: `tel:${about.sender}`, headers, body };
}

/** `Mx` and 22 characters of base64url: the shape that every peer accepts (docs/rcs-signalling.md 4.1). */
function messageId(random: Random): string {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';
  return `Mx${Array.from(random.bytes(22), (b) => alphabet[b % alphabet.length]).join('')}`;
}
