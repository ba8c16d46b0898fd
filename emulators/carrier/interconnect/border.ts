/** What crosses the border waits here in order, for each recipient, when the peer can't be reached. */
import type { Clock } from '../../../stack/platform.ts';
import type { SipResponse } from '../../../stack/rcs/sip/message.ts';
import { type Answer, answer, isSuccess, STORE_FULL } from '../answer.ts';
import { lifetimeMs } from '../messaging/lifetime.ts';
import type { PagerMessage } from '../messaging/pager-message.ts';
import { restoredMessage, type StoredMessage, storedMessage } from '../messaging/stored-message.ts';
import { Outbox, type Outcome } from '../outbox.ts';
import type { Ledger } from '../state/ledger.ts';

/** A sender's own transaction ends after 32 s: by then it must have an answer. */
const ANSWER_WITHIN_MS = 5_000;
/** Answers that speak of the peer's state, not of the message. */
const PASSING_STATUSES = [408, 500, 502, 503, 504];

export interface BorderPorts {
  readonly clock: Clock;
  /** Messages whose senders were told 202. */
  readonly ledger: Ledger<StoredCrossing>;
  readonly keepMs: number;
  /** Messages kept at once. */
  readonly limit: number;
  send(message: PagerMessage): Promise<SipResponse & { readonly local?: boolean }>;
  /** The sender was told 202 before the peer took it. */
  onHeld(message: PagerMessage): void;
  onForwarded(message: PagerMessage, wasHeld: boolean): void;
  /** It was held, and came to nothing. */
  onFailed(message: PagerMessage, why: { readonly status: number } | 'expired'): void;
}

export interface StoredCrossing extends StoredMessage {
  readonly acceptedAt: number;
}

interface Crossing {
  readonly message: PagerMessage;
  readonly acceptedAt: number;
  /** Its key in the ledger, once it is held. */
  held: string | undefined;
  answer(given: Answer): void;
}

/**
 * Hands messages to the peer and answers as the peer does; when no answer comes in time, takes them into its own care:
 * 202 to the sender, and again and again to the peer until it took, refused, or outlived them.
 */
export class Border {
  readonly #ports: BorderPorts;
  readonly #lines = new Map<string, Outbox<Crossing>>();
  /** Their senders have no answer yet. */
  readonly #waiting = new Set<Crossing>();

  constructor(ports: BorderPorts) {
    this.#ports = ports;
  }

  forward(message: PagerMessage): Promise<Answer> {
    const { clock } = this.#ports;
    return new Promise((resolve) => {
      const patience = clock.setTimer(ANSWER_WITHIN_MS, () => this.#hold(crossing));
      const crossing: Crossing = {
        message,
        acceptedAt: clock.now(),
        held: undefined,
        answer: (given) => {
          patience.cancel();
          resolve(given);
        },
      };
      this.#waiting.add(crossing);
      this.#line(message.recipient).push(crossing);
    });
  }

  /** Takes up what an earlier life held. */
  restore(): void {
    for (const { key, data, octets } of this.#ports.ledger.entries()) {
      const message = restoredMessage(data, octets);
      this.#line(message.recipient).push({
        message,
        acceptedAt: data.acceptedAt,
        held: key,
        answer: () => {},
      });
    }
  }

  close(): void {
    for (const line of this.#lines.values()) line.close();
    for (const crossing of [...this.#waiting]) this.#answer(crossing, answer(503));
  }

  #line(recipient: string): Outbox<Crossing> {
    const existing = this.#lines.get(recipient);
    if (existing) return existing;
    const line = new Outbox<Crossing>({
      clock: this.#ports.clock,
      attempt: (crossing) => this.#attempt(crossing),
      expiresAt: ({ message, acceptedAt }) => acceptedAt + lifetimeMs(message.request, this.#ports.keepMs),
      onExpired: (crossing) => {
        this.#through(crossing);
        this.#ports.onFailed(crossing.message, 'expired');
      },
      maxDelayMs: 30_000,
    });
    this.#lines.set(recipient, line);
    return line;
  }

  async #attempt(crossing: Crossing): Promise<Outcome> {
    const response = await this.#ports.send(crossing.message);
    if (response.local === true || PASSING_STATUSES.includes(response.status)) {
      this.#hold(crossing);
      return crossing.held === undefined ? 'done' : 'retry';
    }
    const wasHeld = this.#through(crossing);
    if (isSuccess(response.status)) this.#ports.onForwarded(crossing.message, wasHeld);
    else if (wasHeld) this.#ports.onFailed(crossing.message, { status: response.status });
    this.#answer(crossing, passedOn(response));
    return 'done';
  }

  #hold(crossing: Crossing): void {
    if (!this.#waiting.has(crossing)) return;
    if (this.#ports.ledger.size >= this.#ports.limit) {
      this.#answer(crossing, STORE_FULL);
      return;
    }
    const { message, acceptedAt } = crossing;
    crossing.held = this.#ports.ledger.add({ ...storedMessage(message), acceptedAt }, message.request.body);
    this.#ports.onHeld(crossing.message);
    this.#answer(crossing, answer(202));
  }

  /** It is off the line, for good. Returns whether it was held. */
  #through({ held }: Crossing): boolean {
    if (held !== undefined) this.#ports.ledger.remove(held);
    return held !== undefined;
  }

  #answer(crossing: Crossing, given: Answer): void {
    if (this.#waiting.delete(crossing)) crossing.answer(given);
  }
}

/** The peer answered another transaction: only what it says of the message is passed on. */
function passedOn(response: SipResponse): Answer {
  const about = ['warning', 'reason', 'retry-after', 'accept', 'allow'];
  const headers = response.headers.filter(({ name }) => about.includes(name.toLowerCase()));
  return { kind: 'own', status: response.status, reason: response.reason, headers };
}
