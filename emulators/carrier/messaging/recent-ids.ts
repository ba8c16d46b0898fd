import type { Clock, Store } from '../../../stack/platform.ts';
import { type Answer, isSuccess, statusOf } from '../answer.ts';
import { Remembered } from '../state/remembered.ts';

/** At a thousand messages a second more than the three minutes in which their senders try again. */
const LIMIT = 200_000;

/**
 * Answers by message id, so that a message sent again by someone who missed the answer is taken only once, also by a
 * later life of the carrier. A refusal is not remembered: what was refused may be sent again.
 */
export class RecentIds {
  readonly #given: Remembered<Pick<Answer & { kind: 'own' }, 'status' | 'reason'>>;
  readonly #coming = new Map<string, Promise<Answer>>();

  constructor(clock: Clock, store: Store, keepMs: number) {
    this.#given = new Remembered({ clock, store, prefix: 'recent', keepMs, limit: LIMIT });
  }

  /** The answer that was, or is being, given to `key`; else that of `first`. */
  once(key: string, first: () => Promise<Answer>): Promise<Answer> {
    const coming = this.#coming.get(key);
    if (coming !== undefined) return coming;
    const given = this.#given.get(key);
    if (given !== undefined) return Promise.resolve({ kind: 'own', ...given });
    const answer = first();
    this.#coming.set(key, answer);
    const settled = () => this.#coming.delete(key);
    // Before whoever asked: the note is in the store when the answer leaves.
    answer.then((own) => {
      settled();
      if (!isSuccess(statusOf(own))) return;
      const reason = own.kind === 'own' ? own.reason : own.response.reason;
      this.#given.set(key, { status: statusOf(own), ...(reason !== undefined && { reason }) });
    }, settled);
    return answer;
  }
}
