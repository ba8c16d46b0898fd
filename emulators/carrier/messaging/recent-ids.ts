import type { Clock } from '../../../stack/platform.ts';
import { type Answer, isSuccess, statusOf } from '../answer.ts';

const LIMIT = 10_000;

/**
 * Answers by message id, so that a message sent again by someone who missed the answer is taken only once. A refusal
 * is not remembered: what was refused may be sent again.
 */
export class RecentIds {
  readonly #clock: Clock;
  readonly #keepMs: number;
  readonly #seen = new Map<string, { readonly until: number; readonly answer: Promise<Answer> }>();

  constructor(clock: Clock, keepMs: number) {
    this.#clock = clock;
    this.#keepMs = keepMs;
  }

  /** The answer that was, or is being, given to `key`; else that of `first`. */
  once(key: string, first: () => Promise<Answer>): Promise<Answer> {
    this.#forget();
    const before = this.#seen.get(key);
    if (before) return before.answer;
    const answer = first();
    this.#seen.set(key, { until: this.#clock.now() + this.#keepMs, answer });
    const forget = () => this.#seen.delete(key);
    answer.then((given) => (isSuccess(statusOf(given)) ? undefined : forget()), forget);
    return answer;
  }

  /** Oldest first, as they stand. */
  #forget(): void {
    const now = this.#clock.now();
    for (const [key, { until }] of this.#seen) {
      if (until > now && this.#seen.size < LIMIT) return;
      this.#seen.delete(key);
    }
  }
}
