/** Store-and-forward for one subscriber (OMA CPM deferred messaging; docs/rcs-signalling.md 4.6). */
import type { Clock, Timer } from '../../../stack/platform.ts';
import type { SipResponse } from '../../../stack/rcs/sip/message.ts';
import { isSuccess } from '../answer.ts';
import { Outbox, type Outcome } from '../outbox.ts';
import type { PagerMessage } from './pager-message.ts';

/** Answers of a device after which the same message may still be taken later. */
const PASSING_STATUSES = [404, 408, 410, 430, 480, 486, 500, 502, 503, 504, 600];

/** A device that hasn't answered by then makes the message a stored one. */
const SLOW_MS = 4_000;

export interface MailboxPorts {
  readonly clock: Clock;
  /** How long a message is kept, milliseconds. */
  readonly keepMs: number;
  /** Instances of the subscriber's devices that can be reached now. */
  reachable(): readonly string[];
  /** Instances that were ever registered. */
  known(): readonly string[];
  /** The device's final answer, or `undefined` when it can't be reached at all. */
  send(message: PagerMessage, instance: string): Promise<SipResponse | undefined>;
  /** Nobody is there to take it: it is kept. */
  onHeld(message: PagerMessage): void;
  onDelivered(message: PagerMessage, waited: boolean): void;
  /** No device took it and none will. */
  onFailed(message: PagerMessage, why: 'expired' | 'refused'): void;
}

interface Kept {
  readonly message: PagerMessage;
  readonly acceptedAt: number;
  /** Instances that it was or is to be handed to. */
  readonly offered: Set<string>;
  /** Those of them that neither took nor refused it yet. */
  readonly awaiting: Set<string>;
  delivered: boolean;
  held: boolean;
}

/** Messages for one subscriber, handed to each of its devices once and in the order in which they were accepted. */
export class Mailbox {
  readonly #ports: MailboxPorts;
  readonly #kept = new Set<Kept>();
  readonly #lines = new Map<string, Outbox<Kept>>();
  readonly #slow = new Set<Timer>();

  constructor(ports: MailboxPorts) {
    this.#ports = ports;
  }

  accept(message: PagerMessage): void {
    const reachable = this.#ports.reachable();
    const targets = reachable.length > 0 ? reachable : this.#ports.known();
    const kept: Kept = {
      message,
      acceptedAt: this.#ports.clock.now(),
      offered: new Set(targets),
      awaiting: new Set(targets),
      delivered: false,
      held: false,
    };
    this.#kept.add(kept);
    for (const instance of targets) this.#line(instance).push(kept);
  }

  /** The device has a (new) way to be reached. `moved`: what is under way on the old one is given up. */
  deviceReachable(instance: string, moved: boolean): void {
    const line = this.#line(instance);
    for (const kept of this.#kept) {
      if (kept.delivered || kept.offered.has(instance)) continue;
      kept.offered.add(instance);
      kept.awaiting.add(instance);
      line.push(kept);
    }
    line.kick({ anew: moved });
  }

  close(): void {
    for (const timer of this.#slow) timer.cancel();
    for (const line of this.#lines.values()) line.close();
  }

  #line(instance: string): Outbox<Kept> {
    const existing = this.#lines.get(instance);
    if (existing) return existing;
    const line = new Outbox<Kept>({
      clock: this.#ports.clock,
      attempt: (kept) => this.#attempt(kept, instance),
      expiresAt: (kept) => kept.acceptedAt + this.#ports.keepMs,
      onExpired: (kept) => this.#finish(kept, instance, 'expired'),
      onWaiting: (kept) => this.#hold(kept),
    });
    this.#lines.set(instance, line);
    return line;
  }

  async #attempt(kept: Kept, instance: string): Promise<Outcome> {
    const slow = this.#ports.clock.setTimer(SLOW_MS, () => this.#lineSlow(instance));
    this.#slow.add(slow);
    const response = await this.#ports.send(kept.message, instance);
    slow.cancel();
    this.#slow.delete(slow);
    // An attempt that was given up may still come back when the message is through.
    if (!this.#kept.has(kept) || !kept.awaiting.has(instance)) return 'done';
    if (response !== undefined && isSuccess(response.status)) {
      this.#finish(kept, instance, 'delivered');
      return 'done';
    }
    if (response !== undefined && !PASSING_STATUSES.includes(response.status)) {
      this.#finish(kept, instance, 'refused');
      return 'done';
    }
    return response === undefined ? 'hold' : 'retry';
  }

  #lineSlow(instance: string): void {
    for (const kept of this.#lines.get(instance)?.items ?? []) this.#hold(kept);
  }

  #hold(kept: Kept): void {
    if (kept.held || kept.delivered) return;
    kept.held = true;
    this.#ports.onHeld(kept.message);
  }

  #finish(kept: Kept, instance: string, how: 'delivered' | 'refused' | 'expired'): void {
    kept.awaiting.delete(instance);
    if (how === 'delivered') {
      if (!kept.delivered) this.#ports.onDelivered(kept.message, kept.held);
      kept.delivered = true;
    }
    if (kept.awaiting.size > 0) return;
    this.#kept.delete(kept);
    if (!kept.delivered) this.#ports.onFailed(kept.message, how === 'expired' ? 'expired' : 'refused');
  }
}
