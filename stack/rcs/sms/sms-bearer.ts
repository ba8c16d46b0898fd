/** Text messages over the circuit-switched bearer: what a phone's SMS application does with TPDUs (3GPP TS 23.040). */

import type { Endpoint, Platform } from '../../platform.ts';
import { Reassembler } from './reassembler.ts';
import { CS_PORT, type RelayOutcome, ShortMessageRelay } from './relay.ts';
import { submitText } from './text.ts';
import { type SmsStatusReport, type SmsSubmit, statusDelivered, type Tpdu } from './tpdu.ts';
import { destinationPort } from './user-data.ts';

/** What arrives for the phone itself: readable, or data for an application port. */
export type Arrival =
  | { readonly from: string; readonly kind: 'text'; readonly text: string }
  | { readonly from: string; readonly kind: 'data'; readonly port: number; readonly data: Uint8Array };

interface Sent {
  readonly to: string;
  readonly id: string;
  /** TP-MRs whose status report is still missing. */
  readonly missing: Set<number>;
}

export class SmsBearer {
  /** A whole text arrived; `id` is this phone's own name for it. */
  onText: ((from: string, text: string, id: string) => void) | undefined;
  /** Every part of the text called `id` reached the other phone. */
  onDelivered: ((to: string, id: string) => void) | undefined;

  readonly #relay: ShortMessageRelay;
  readonly #smsc: Endpoint;
  readonly #reassembler = new Reassembler();
  readonly #sent: Sent[] = [];
  readonly #watchers = new Set<(arrival: Arrival) => void>();
  /** Texts leave one after the other, so that they arrive in the order they were sent. */
  #line: Promise<unknown> = Promise.resolve();
  #waiting: (() => void) | undefined;
  #covered = true;
  #closed = false;
  #reference = 0;
  #messageReference = 0;
  #received = 0;

  constructor(platform: Pick<Platform, 'clock' | 'network'>, options: { readonly smscHost: string }) {
    this.#smsc = { host: options.smscHost, port: CS_PORT };
    this.#relay = new ShortMessageRelay({
      socket: platform.network.datagram(CS_PORT),
      clock: platform.clock,
    });
    this.#relay.onTpdu = (_, tpdu) => this.#take(tpdu);
  }

  /**
   * Sends all parts, asking for status reports; the worst outcome of any part. Without coverage it waits for it. `id`
   * is the caller's name for the text.
   */
  send(to: string, text: string, id: string): Promise<RelayOutcome> {
    const sending = this.#line.then(() => this.#sendParts(to, text, id));
    this.#line = sending;
    return sending;
  }

  /** Shows `watcher` all that arrives, until the function that is returned is called. Texts go to `onText` as well. */
  watch(watcher: (arrival: Arrival) => void): () => void {
    this.#watchers.add(watcher);
    return () => void this.#watchers.delete(watcher);
  }

  coverageLost(): void {
    this.#covered = false;
  }

  /** Sends what waited, and asks the service centre for what waits there (TS 24.011 RP-SMMA). */
  coverageBack(): void {
    this.#covered = true;
    this.#waiting?.();
    void this.#relay.memoryAvailable(this.#smsc);
  }

  close(): void {
    this.#closed = true;
    this.#waiting?.();
    this.#relay.close();
  }

  async #sendParts(to: string, text: string, id: string): Promise<RelayOutcome> {
    const tpdus = submitText({
      to,
      text,
      reference: this.#reference,
      messageReference: this.#messageReference,
      statusReport: true,
    });
    this.#reference = (this.#reference + 1) & 0xff;
    this.#messageReference = (this.#messageReference + tpdus.length) & 0xff;
    this.#sent.push({ to, id, missing: new Set(tpdus.map((tpdu) => tpdu.messageReference)) });
    for (const tpdu of tpdus) {
      const outcome = await this.#sendPart(tpdu);
      if (outcome !== 'acked') return outcome;
    }
    return 'acked';
  }

  async #sendPart(tpdu: SmsSubmit): Promise<RelayOutcome> {
    while (!this.#closed) {
      await this.#coverage();
      // Sent again under the same TP-MR: TP-RD lets the centre drop what it had all the same (TS 23.040 9.2.3.25).
      const outcome = await this.#relay.send(this.#smsc, { ...tpdu, rejectDuplicates: true });
      if (outcome !== 'timeout' || this.#covered) return outcome;
    }
    return 'timeout';
  }

  #coverage(): Promise<void> {
    if (this.#covered || this.#closed) return Promise.resolve();
    return new Promise((resolve) => {
      this.#waiting = () => {
        this.#waiting = undefined;
        resolve();
      };
    });
  }

  #take(tpdu: Tpdu): void {
    if (tpdu.type === 'status-report') return this.#report(tpdu);
    if (tpdu.type !== 'deliver') return;
    const { originator, userData } = tpdu;
    const port = destinationPort(userData);
    if (port !== undefined && userData.alphabet === 'data') {
      this.#show({ from: originator, kind: 'data', port, data: userData.data });
      return;
    }
    const whole = this.#reassembler.add(tpdu);
    if (!whole) return;
    this.#received += 1;
    this.onText?.(whole.party, whole.text, `sms-in-${this.#received}`);
    this.#show({ from: whole.party, kind: 'text', text: whole.text });
  }

  #show(arrival: Arrival): void {
    for (const watcher of [...this.#watchers]) watcher(arrival);
  }

  #report(report: SmsStatusReport): void {
    if (!statusDelivered(report)) return;
    const index = this.#sent.findIndex(
      (s) => s.to === report.recipient && s.missing.has(report.messageReference),
    );
    const sent = this.#sent[index];
    if (!sent) return;
    sent.missing.delete(report.messageReference);
    if (sent.missing.size > 0) return;
    this.#sent.splice(index, 1);
    this.onDelivered?.(sent.to, sent.id);
  }
}
