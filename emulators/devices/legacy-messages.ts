/** CPIM bodies as phones before UP 3.0 write and understand them. */
import {
  ANONYMOUS_URI,
  buildCpim,
  cpimContent,
  cpimHeader,
  IMDN_NAMESPACE,
  parseCpim,
} from '../../stack/rcs/cpim.ts';
import { IMDN_CONTENT_TYPE, parseImdn, writeImdn } from '../../stack/rcs/imdn.ts';
import { essenceOf } from '../../stack/rcs/mime.ts';
import { header } from '../../stack/rcs/sip/headers.ts';
import type { SipRequest } from '../../stack/rcs/sip/message.ts';

interface Envelope {
  readonly id: string;
  /** RFC 3339. */
  readonly dateTime: string;
}

export function writeLegacyText(
  message: Envelope & { readonly text: string; readonly askDisplayed: boolean },
): Uint8Array {
  return buildCpim({
    from: ANONYMOUS_URI,
    to: ANONYMOUS_URI,
    messageId: message.id,
    dateTime: message.dateTime,
    dispositions: message.askDisplayed ? ['positive-delivery', 'display'] : ['positive-delivery'],
    contentType: 'text/plain;charset=UTF-8',
    content: new TextEncoder().encode(message.text),
  });
}

export function writeLegacyReceipt(
  receipt: Envelope & { readonly about: string; readonly status: 'delivered' | 'displayed' },
): Uint8Array {
  return buildCpim({
    from: ANONYMOUS_URI,
    to: ANONYMOUS_URI,
    messageId: receipt.id,
    dateTime: receipt.dateTime,
    contentType: IMDN_CONTENT_TYPE,
    contentDisposition: 'notification',
    content: writeImdn({
      messageId: receipt.about,
      dateTime: receipt.dateTime,
      kind: receipt.status === 'delivered' ? 'delivery' : 'display',
      status: receipt.status,
    }),
  });
}

export type LegacyMessage =
  | {
      readonly kind: 'text';
      readonly from: string;
      readonly id: string;
      readonly text: string;
      readonly asksDelivered: boolean;
      readonly asksDisplayed: boolean;
    }
  | {
      readonly kind: 'receipt';
      readonly from: string;
      readonly id: string;
      readonly about: string;
      readonly status: 'delivered' | 'displayed' | 'failed';
    }
  /** The network stored or processed something: no news for this phone's owner. */
  | { readonly kind: 'notice'; readonly from: string; readonly id: string };

/** What a MESSAGE brings; `unsupported` content is answered 415, so that nobody takes it for read. */
export function readLegacyMessage(request: SipRequest): LegacyMessage | 'unsupported' | 'malformed' {
  const from = /(\+[1-9]\d{6,14})/.exec(header(request, 'P-Asserted-Identity') ?? '')?.[1];
  if (!from) return 'malformed';
  try {
    const cpim = parseCpim(request.body);
    const id = cpimHeader(cpim, IMDN_NAMESPACE, 'Message-ID');
    if (!id) return 'malformed';
    const content = cpimContent(cpim);
    const type = essenceOf(content.contentType);
    if (type === 'text/plain') {
      const asked = (cpimHeader(cpim, IMDN_NAMESPACE, 'Disposition-Notification') ?? '').toLowerCase();
      const asksDelivered = asked.includes('positive-delivery');
      const asksDisplayed = asked.includes('display');
      return {
        kind: 'text',
        from,
        id,
        text: new TextDecoder().decode(content.bytes),
        asksDelivered,
        asksDisplayed,
      };
    }
    if (type !== IMDN_CONTENT_TYPE) return 'unsupported';
    const imdn = parseImdn(content.bytes);
    const status = imdn.status === 'delivered' || imdn.status === 'displayed' ? imdn.status : 'failed';
    if (imdn.kind === 'processing') return { kind: 'notice', from, id };
    return { kind: 'receipt', from, id, about: imdn.messageId, status };
  } catch {
    return 'malformed';
  }
}
