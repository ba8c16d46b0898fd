/**
 * Work for one peer is done one piece at a time, so that what a person sends arrives in that order, whatever is
 * retried. Waiting can be cut short: by good news, or by the end of the client.
 */
import type { Clock } from '../platform.ts';

export class Lanes {
  readonly #clock: Clock;
  readonly #tails = new Map<string, Promise<void>>();
  readonly #waiting = new Set<() => void>();
  #closed = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get isClosed(): boolean {
    return this.#closed;
  }

  /** Runs `task` after all that was put into `lane` before. A task that throws doesn't stop the lane. */
  enter(lane: string, task: () => Promise<void>, onError: (error: unknown) => void = () => {}): void {
    const tail = (this.#tails.get(lane) ?? Promise.resolve()).then(async () => {
      if (this.#closed) return;
      await task().catch(onError);
    });
    this.#tails.set(lane, tail);
  }

  /** Resolves after `ms`, at `wake()` or at close. */
  pause(ms: number): Promise<void> {
    if (this.#closed) return Promise.resolve();
    return new Promise((resolve) => {
      const over = () => {
        timer.cancel();
        this.#waiting.delete(over);
        resolve();
      };
      const timer = this.#clock.setTimer(ms, over);
      this.#waiting.add(over);
    });
  }

  /** Resolves at `wake()` or at close. */
  untilWoken(): Promise<void> {
    if (this.#closed) return Promise.resolve();
    return new Promise((resolve) => {
      const over = () => {
        this.#waiting.delete(over);
        resolve();
      };
      this.#waiting.add(over);
    });
  }

  /** Ends every pause now. */
  wake(): void {
    for (const over of [...this.#waiting]) over();
  }

  close(): void {
    this.#closed = true;
    this.wake();
  }
}
