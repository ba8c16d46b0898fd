import type { Clock, Timer } from '../../stack/platform.ts';

/** Bounds on waiting, ended together when the carrier closes. */
export class Deadlines {
  readonly #clock: Clock;
  readonly #timers = new Set<Timer>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** What `promise` gives, or `undefined` when it takes longer than `ms`. */
  within<T>(ms: number, promise: Promise<T>): Promise<T | undefined> {
    return new Promise((resolve, reject) => {
      const timer = this.#clock.setTimer(ms, () => {
        this.#timers.delete(timer);
        resolve(undefined);
      });
      this.#timers.add(timer);
      promise.then(resolve, reject).finally(() => {
        timer.cancel();
        this.#timers.delete(timer);
      });
    });
  }

  close(): void {
    for (const timer of this.#timers) timer.cancel();
    this.#timers.clear();
  }
}
