/** What crosses the border waits here in order, for each recipient, when the peer can't be reached. */
import type { Clock } from '../../../stack/platform.ts';
import type { SipResponse } from '../../../stack/rcs/sip/message.ts';
import { type Answer, answer, isSuccess } from '../answer.ts';
import type { PagerMessage } from '../messaging/pager-message.ts';
import { Outbox, type Outcome } from '../outbox.ts';

/** A sender's own transaction ends after 32 s: by then it must have an answer. */
const ANSWER_WITHIN_MS = 5_000;
/** Answers that speak of the peer's state, not of the message. */
const PASSING_STATUSES = [408, 500, 502, 503, 504];

export interface BorderPorts {
  readonly clock: Clock;
  readonly keepMs: number;
  send(message: PagerMessage): Promise<SipResponse & { readonly local?: boolean }>;
  /** The sender was told 202 before the peer took it. */
  onHeld(message: PagerMessage): void;
  onForwarded(message: PagerMessage, wasHeld: boolean): void;
  /** It was held, and came to nothing. */
  onFailed(message: PagerMessage, why: { readonly status: number } | 'expired'): void;
}

interface Crossing {
  readonly message: PagerMessage;
  readonly acceptedAt: number;
  held: boolean;
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
        held: false,
        answer: (given) => {
          patience.cancel();
          resolve(given);
        },
      };
      this.#waiting.add(crossing);
      this.#line(message.recipient).push(crossing);
    });
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
      expiresAt: (crossing) => crossing.acceptedAt + this.#ports.keepMs,
      onExpired: (crossing) => this.#ports.onFailed(crossing.message, 'expired'),
      maxDelayMs: 30_000,
    });
    this.#lines.set(recipient, line);
    return line;
  }

  async #attempt(crossing: Crossing): Promise<Outcome> {
    const response = await this.#ports.send(crossing.message);
    if (response.local === true || PASSING_STATUSES.includes(response.status)) {
      this.#hold(crossing);
      return 'retry';
    }
    if (isSuccess(response.status)) this.#ports.onForwarded(crossing.message, crossing.held);
    else if (crossing.held) this.#ports.onFailed(crossing.message, { status: response.status });
    this.#answer(crossing, passedOn(response));
    return 'done';
  }

  #hold(crossing: Crossing): void {
    if (!this.#waiting.has(crossing)) return;
    crossing.held = true;
    this.#ports.onHeld(crossing.message);
    this.#answer(crossing, answer(202));
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
