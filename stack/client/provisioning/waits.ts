import type { Clock } from '../../platform.ts';

/** Waiting that ends at once when its owner closes. */
export class Waits {
  readonly #clock: Clock;
  readonly #ends = new Set<() => void>();
  #closed = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get isClosed(): boolean {
    return this.#closed;
  }

  pause(ms: number): Promise<void> {
    return this.within(ms, new Promise<never>(() => {}));
  }

  /** What `promise` gives, or undefined when that takes longer than `ms` or until the close. */
  within<T>(ms: number, promise: Promise<T>): Promise<T | undefined> {
    if (this.#closed) return Promise.resolve(undefined);
    return new Promise((resolve) => {
      const end = (value?: T) => {
        timer.cancel();
        this.#ends.delete(end);
        resolve(value);
      };
      const timer = this.#clock.setTimer(ms, () => end());
      this.#ends.add(end);
      void promise.then(end);
    });
  }

  close(): void {
    this.#closed = true;
    for (const end of [...this.#ends]) end();
  }
}
