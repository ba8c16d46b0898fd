/**
 * Fault of a carrier: it tells the sender of an encrypted message that it was displayed, in the recipient's name and
 * unsigned, as soon as it has the message. A sound phone counts no such receipt (docs/rcc16.md 7.1), and the oracle
 * blames the carrier.
 */
import { MLS_MESSAGE } from '../../stack/e2ee/media-types.ts';
import type { ClaimedPackage } from '../carrier/kds/key-package-store.ts';
import type { NetworkStatus } from '../carrier/messaging/network-notification.ts';
import type { PagerMessage } from '../carrier/messaging/pager-message.ts';
import type { Misbehaviour } from '../carrier/misbehaviour.ts';
import type { CarrierEvent } from '../carrier/ports.ts';

const DISPLAYED: NetworkStatus = { kind: 'display', status: 'displayed' };

export interface ForgeOptions {
  /** Puts a notification about a message on its way to who sent it. */
  notify(about: PagerMessage, status: NetworkStatus): void;
  observe(event: CarrierEvent): void;
}

export class ForgeReceipts implements Misbehaviour {
  readonly #options: ForgeOptions;

  constructor(options: ForgeOptions) {
    this.#options = options;
  }

  claimed(_msisdn: string, claimed: readonly ClaimedPackage[]): readonly ClaimedPackage[] {
    return claimed;
  }

  delivered(message: PagerMessage): readonly PagerMessage[] {
    if (message.contentType === MLS_MESSAGE) {
      this.#options.observe({ name: 'quirk', data: { quirk: 'forge-receipts', messageId: message.id } });
      this.#options.notify(message, DISPLAYED);
    }
    return [message];
  }
}
