/** Store-and-forward for one subscriber (OMA CPM deferred messaging; docs/rcs-signalling.md 4.6). */
import type { Clock, Timer } from '../../../stack/platform.ts';
import type { SipResponse } from '../../../stack/rcs/sip/message.ts';
import { isSuccess } from '../answer.ts';
import type { MailboxSize } from '../config.ts';
import { Outbox, type Outcome } from '../outbox.ts';
import type { Ledger } from '../state/ledger.ts';
import { lifetimeMs } from './lifetime.ts';
import type { PagerMessage } from './pager-message.ts';
import { type StoredMessage, storedMessage } from './stored-message.ts';

/** Answers of a device after which the same message may still be taken later. */
const PASSING_STATUSES = [404, 408, 410, 430, 480, 486, 500, 502, 503, 504, 600];

/** A device that hasn't answered by then makes the message a stored one. */
const SLOW_MS = 4_000;

export interface MailboxPorts {
  readonly clock: Clock;
  /** Where each message stands until every device took or refused it. */
  readonly ledger: Ledger<StoredDelivery>;
  /** Messages that nobody took yet and that wait for no absent device, in all mailboxes together. */
  readonly underWay: Set<object>;
  /** How long a message is kept, milliseconds. */
  readonly keepMs: number;
  /** How much is kept while no device is there. */
  readonly size: MailboxSize;
  /** Instances of the subscriber's devices that the message is for and that can be reached now. */
  reachable(message: PagerMessage): readonly string[];
  /** Instances that it is for and that were ever registered. */
  known(message: PagerMessage): readonly string[];
  /** The device's final answer, or `undefined` when it can't be reached at all. `attempt` counts from 1 in each life. */
  send(message: PagerMessage, instance: string, attempt: number): Promise<SipResponse | undefined>;
  /** Nobody is there to take it: it is kept. */
  onHeld(message: PagerMessage): void;
  onDelivered(message: PagerMessage, waited: boolean): void;
  /** No device took it and none will. */
  onFailed(message: PagerMessage, why: 'expired' | 'refused'): void;
}

/** A message on its way to the devices of one subscriber, as the store has it; its body beside it. */
export interface StoredDelivery extends StoredMessage {
  readonly acceptedAt: number;
  readonly offered: readonly string[];
  readonly awaiting: readonly string[];
  readonly delivered: boolean;
  readonly held: boolean;
}

interface Kept {
  /** In the ledger. */
  key: string;
  readonly message: PagerMessage;
  readonly acceptedAt: number;
  /** Instances that it was or is to be handed to. */
  readonly offered: Set<string>;
  /** Those of them that neither took nor refused it yet. */
  readonly awaiting: Set<string>;
  readonly attempts: Map<string, number>;
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

  /**
   * Whether a message fits beside what waits. What goes out at once needs no room; one that is larger than all the room
   * there is never fits.
   */
  roomFor(message: PagerMessage): 'room' | 'full' | 'too-large' {
    const { messages, octets: most } = this.#ports.size;
    const octets = message.request.body.length;
    if (this.#ports.reachable(message).length > 0) return 'room';
    if (octets > most) return 'too-large';
    const held = [...this.#kept].filter(({ delivered }) => !delivered);
    const taken = held.reduce((sum, one) => sum + one.message.request.body.length, 0);
    return held.length < messages && taken + octets <= most ? 'room' : 'full';
  }

  /**
   * Every device that the message is for gets it once, those that are away when they are back. `but`: the device that it
   * comes from.
   */
  accept(message: PagerMessage, but?: string): void {
    const all = new Set([...this.#ports.reachable(message), ...this.#ports.known(message)]);
    const targets = [...all].filter((instance) => instance !== but);
    if (targets.length === 0) return;
    const kept: Kept = {
      key: '',
      message,
      acceptedAt: this.#ports.clock.now(),
      offered: new Set(but === undefined ? targets : [...targets, but]),
      awaiting: new Set(targets),
      attempts: new Map(),
      delivered: false,
      held: false,
    };
    kept.key = this.#ports.ledger.add(stored(kept), message.request.body);
    this.#kept.add(kept);
    this.#ports.underWay.add(kept);
    for (const instance of targets) this.#line(instance).push(kept);
  }

  /** What an earlier life accepted and did not bring to its end. */
  restore(key: string, message: PagerMessage, left: StoredDelivery): void {
    const kept: Kept = {
      key,
      message,
      acceptedAt: left.acceptedAt,
      offered: new Set(left.offered),
      awaiting: new Set(left.awaiting),
      attempts: new Map(),
      delivered: left.delivered,
      held: left.held,
    };
    this.#kept.add(kept);
    if (!kept.held && !kept.delivered) this.#ports.underWay.add(kept);
    for (const instance of kept.awaiting) this.#line(instance).push(kept);
  }

  /** The device has a (new) way to be reached. `moved`: what is under way on the old one is given up. */
  deviceReachable(instance: string, moved: boolean): void {
    const line = this.#line(instance);
    // First: what is new on the line has no attempt to give up.
    line.kick({ anew: moved });
    for (const kept of this.#kept) {
      if (kept.delivered || kept.offered.has(instance)) continue;
      if (!this.#ports.reachable(kept.message).includes(instance)) continue;
      kept.offered.add(instance);
      kept.awaiting.add(instance);
      this.#save(kept);
      line.push(kept);
    }
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
      expiresAt: ({ message, acceptedAt }) => acceptedAt + lifetimeMs(message.request, this.#ports.keepMs),
      onExpired: (kept) => this.#finish(kept, instance, 'expired'),
      onWaiting: (kept) => this.#wait(kept, instance),
    });
    this.#lines.set(instance, line);
    return line;
  }

  async #attempt(kept: Kept, instance: string): Promise<Outcome> {
    const slow = this.#ports.clock.setTimer(SLOW_MS, () => this.#lineSlow(instance));
    this.#slow.add(slow);
    const attempt = (kept.attempts.get(instance) ?? 0) + 1;
    kept.attempts.set(instance, attempt);
    const response = await this.#ports.send(kept.message, instance, attempt);
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

  /** It is kept for `instance`; kept altogether if no other device is there to take it now. */
  #wait(kept: Kept, instance: string): void {
    const others = this.#ports
      .reachable(kept.message)
      .filter((one) => one !== instance && kept.awaiting.has(one));
    if (others.length === 0) this.#hold(kept);
  }

  #hold(kept: Kept): void {
    if (kept.held || kept.delivered) return;
    kept.held = true;
    this.#ports.underWay.delete(kept);
    this.#save(kept);
    this.#ports.onHeld(kept.message);
  }

  #finish(kept: Kept, instance: string, how: 'delivered' | 'refused' | 'expired'): void {
    kept.awaiting.delete(instance);
    if (how === 'delivered') {
      if (!kept.delivered) this.#ports.onDelivered(kept.message, kept.held);
      kept.delivered = true;
      this.#ports.underWay.delete(kept);
    }
    if (kept.awaiting.size > 0) {
      this.#save(kept);
      return;
    }
    this.#kept.delete(kept);
    this.#ports.underWay.delete(kept);
    this.#ports.ledger.remove(kept.key);
    if (!kept.delivered) this.#ports.onFailed(kept.message, how === 'expired' ? 'expired' : 'refused');
  }

  #save(kept: Kept): void {
    this.#ports.ledger.change(kept.key, stored(kept), kept.message.request.body);
  }
}

function stored({ message, acceptedAt, offered, awaiting, delivered, held }: Kept): StoredDelivery {
  const lists = { offered: [...offered], awaiting: [...awaiting] };
  return { ...storedMessage(message), acceptedAt, ...lists, delivered, held };
}
