/** A phone with SMS only: no IMS, no configuration, nothing to discover. */
import { MessageLog } from '../../stack/client/message-log.ts';
import { showShortMessages } from '../../stack/client/sms-log.ts';
import { SmsBearer } from '../../stack/rcs/sms/index.ts';
import type { Phone, PhoneConfig, PhonePorts, PhoneView } from './phone.ts';

export class SmsPhone implements Phone {
  readonly #log = new MessageLog();
  readonly #sms: SmsBearer;
  readonly #observe: PhonePorts['observe'];
  #sent = 0;

  constructor(config: PhoneConfig, { platform, observe, shown }: PhonePorts) {
    this.#observe = observe;
    this.#log.onChange = shown;
    this.#sms = new SmsBearer(platform, { smscHost: config.smscHost });
    showShortMessages(this.#sms, this.#log);
  }

  async provision(): Promise<void> {}
  async register(): Promise<void> {}
  async deregister(): Promise<void> {}
  async discover(): Promise<void> {}

  send({ to, text }: { to: string; text: string }): string {
    const wireId = `sms-out-${++this.#sent}`;
    this.#log.add({
      wireId,
      direction: 'out',
      peer: to,
      text,
      badge: 'sms',
      channel: 'sms',
      state: 'pending',
    });
    void this.#deliver(to, text, wireId);
    return wireId;
  }

  read(peer: string, wireId: string): void {
    this.#log.raise('in', peer, wireId, 'displayed');
  }

  networkLost(): void {
    this.#sms.coverageLost();
  }

  async networkBack(): Promise<void> {
    this.#sms.coverageBack();
  }

  setQuirk(name: string): void {
    throw new RangeError(`an SMS-only phone has no quirk ${name}`);
  }

  view(): PhoneView {
    return { registration: 'sms-only', bubbles: this.#log.bubbles, capabilities: {}, groups: [] };
  }

  close(): void {
    this.#sms.close();
  }

  async #deliver(to: string, text: string, wireId: string): Promise<void> {
    const outcome = await this.#sms.send(to, text, wireId);
    if (outcome === 'acked') return this.#log.raise('out', to, wireId, 'sent');
    this.#log.update('out', to, wireId, { state: 'failed', reason: `SMS ${outcome}` });
    this.#observe({ name: 'notification', data: { wireId, peer: to, text: `failed: SMS ${outcome}` } });
  }
}
