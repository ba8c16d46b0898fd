/** The interworking function: RCS to SMS (OMA CPM IWF; docs/rcs-signalling.md 6). */
import { cpimContent, parseCpim } from '../../stack/rcs/cpim.ts';
import { essenceOf, parseMediaType } from '../../stack/rcs/mime.ts';
import { header } from '../../stack/rcs/sip/headers.ts';
import { SmsError } from '../../stack/rcs/sms/index.ts';
import { type Answer, answer, refusal } from './answer.ts';
import { type CarrierConfig, homeDomain } from './config.ts';
import { INTERWORKED, type NetworkStatus } from './messaging/network-notification.ts';
import { isEndToEndEncrypted, type PagerMessage } from './messaging/pager-message.ts';
import { routeNumber } from './numbering.ts';
import type { CarrierEvent } from './ports.ts';
import type { ShortMessageCentre } from './smsc/smsc.ts';

export interface InterworkingOptions {
  readonly config: CarrierConfig;
  readonly smsc: Pick<ShortMessageCentre, 'submitText'>;
  observe(event: CarrierEvent): void;
  notify(about: PagerMessage, status: NetworkStatus): void;
}

/**
 * Answers a message whose recipient has no RCS: 202 when it goes on as SMS. End-to-end encrypted content never does,
 * nor anything else than plain text.
 */
export function interwork(message: PagerMessage, options: InterworkingOptions): Answer {
  const { config, smsc, observe, notify } = options;
  const host = homeDomain(config);
  if (!config.interworking.sms || routeNumber(config, message.recipient).kind === 'unknown')
    return answer(404);
  if (isEndToEndEncrypted(message.contentType)) {
    return refusal(488, host, 'end-to-end encrypted content is never interworked to SMS');
  }
  if (message.contentType !== 'text/plain')
    return refusal(404, host, 'only plain text is interworked to SMS');
  const text = textOf(message);
  if (text === undefined) return refusal(488, host, 'a text in UTF-8 or US-ASCII is needed for SMS');
  const { sender, recipient } = message;
  const wantsDelivery = message.notifiable && message.asksFor.includes('positive-delivery');
  try {
    smsc.submitText({
      from: sender,
      to: recipient,
      text,
      ...(wantsDelivery && { about: message }),
    });
  } catch (error) {
    if (error instanceof SmsError) return refusal(413, host, 'too long for SMS');
    throw error;
  }
  observe({ name: 'interworked-to-sms', data: { wireId: message.id, sender, recipient } });
  notify(message, INTERWORKED);
  return answer(202);
}

function textOf({ request }: PagerMessage): string | undefined {
  const outer = header(request, 'Content-Type') ?? 'text/plain';
  const { contentType, bytes } =
    essenceOf(outer) === 'message/cpim'
      ? cpimContent(parseCpim(request.body))
      : { contentType: outer, bytes: request.body };
  try {
    const charset = parseMediaType(contentType).parameters.get('charset')?.toLowerCase() ?? 'utf-8';
    if (charset !== 'utf-8' && charset !== 'us-ascii') return undefined;
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}
