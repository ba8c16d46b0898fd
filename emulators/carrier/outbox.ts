import type { Clock, Timer } from '../../stack/platform.ts';

/**
 * `done`: off the line. `retry`: again after the back-off. `hold`: not before someone calls `kick` (the receiver is
 * not there at all).
 */
export type Outcome = 'done' | 'retry' | 'hold';

export interface OutboxOptions<T> {
  readonly clock: Clock;
  attempt(item: T): Promise<Outcome>;
  /** Epoch milliseconds after which the item is given up. */
  expiresAt(item: T): number;
  onExpired(item: T): void;
  /** The item isn't under way: the line stands still. May be called again for the same item. */
  onWaiting?(item: T): void;
  readonly firstDelayMs?: number;
  readonly maxDelayMs?: number;
}

/**
 * An ordered line of things to hand over, one at a time: the next one starts when the one before it is through, and
 * a failed one is tried again with a delay that doubles up to a bound. Nothing leaves the line but by success,
 * refusal or expiry.
 */
export class Outbox<T> {
  readonly #options: OutboxOptions<T>;
  readonly #items: T[] = [];
  #attemptNumber = 0;
  #busy = false;
  #failures = 0;
  #backOff: Timer | undefined;
  #expiry: Timer | undefined;
  #closed = false;

  constructor(options: OutboxOptions<T>) {
    this.#options = options;
  }

  push(item: T): void {
    if (this.#closed) return;
    this.#items.push(item);
    if (this.#items.length === 1) this.#failures = 0;
    this.#watchExpiry();
    if (this.#items.length === 1) this.#start();
    else if (!this.#busy) this.#options.onWaiting?.(item);
  }

  /** All that isn't through, in order. */
  get items(): readonly T[] {
    return this.#items;
  }

  /** The receiver is (again) there: try at once. `anew` also gives up waiting for an attempt that is under way. */
  kick(options: { readonly anew?: boolean } = {}): void {
    if (this.#closed || (this.#busy && options.anew !== true)) return;
    this.#failures = 0;
    this.#start();
  }

  close(): void {
    this.#closed = true;
    this.#attemptNumber += 1;
    this.#backOff?.cancel();
    this.#expiry?.cancel();
    this.#items.length = 0;
  }

  #start(): void {
    this.#backOff?.cancel();
    this.#backOff = undefined;
    const item = this.#items[0];
    if (item === undefined) return;
    this.#busy = true;
    this.#attemptNumber += 1;
    const number = this.#attemptNumber;
    this.#options.attempt(item).then((outcome) => {
      if (number === this.#attemptNumber) this.#finish(outcome);
    });
  }

  #finish(outcome: Outcome): void {
    this.#busy = false;
    if (outcome === 'done') {
      this.#items.shift();
      this.#failures = 0;
      this.#watchExpiry();
      this.#start();
      return;
    }
    for (const item of [...this.#items]) this.#options.onWaiting?.(item);
    if (outcome === 'hold') return;
    const { firstDelayMs = 1_000, maxDelayMs = 60_000 } = this.#options;
    const delay = Math.min(maxDelayMs, firstDelayMs * 2 ** Math.min(this.#failures, 30));
    this.#failures += 1;
    this.#backOff = this.#options.clock.setTimer(delay, () => this.#start());
  }

  #watchExpiry(): void {
    this.#expiry?.cancel();
    this.#expiry = undefined;
    if (this.#items.length === 0) return;
    const { clock, expiresAt } = this.#options;
    const soonest = this.#items.reduce(
      (least, item) => Math.min(least, expiresAt(item)),
      Number.POSITIVE_INFINITY,
    );
    this.#expiry = clock.setTimer(Math.max(0, soonest - clock.now()), () => this.#expire());
  }

  #expire(): void {
    const now = this.#options.clock.now();
    const head = this.#items[0];
    const late = this.#items.filter((item) => this.#options.expiresAt(item) <= now);
    const kept = this.#items.filter((item) => this.#options.expiresAt(item) > now);
    this.#items.splice(0, this.#items.length, ...kept);
    for (const item of late) this.#options.onExpired(item);
    this.#watchExpiry();
    if (head !== undefined && late.includes(head)) {
      // What is under way belongs to an item that is gone.
      this.#attemptNumber += 1;
      this.#busy = false;
      this.#failures = 0;
      this.#start();
    }
  }
}
