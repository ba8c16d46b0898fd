import type { SmsBearer } from '../rcs/sms/index.ts';
import type { MessageLog } from './message-log.ts';

/** Shows on `log` what arrives by SMS, and what is reported delivered. */
export function showShortMessages(sms: SmsBearer, log: MessageLog): void {
  sms.onText = (from, text, id) =>
    void log.add({
      wireId: id,
      direction: 'in',
      peer: from,
      text,
      badge: 'sms',
      channel: 'sms',
      state: 'delivered',
    });
  sms.onDelivered = (to, id) => log.raise('out', to, id, 'delivered');
}
