import type { Clock, Timer } from '../../../stack/platform.ts';

interface Pending {
  readonly at: number;
  readonly order: number;
  readonly fire: () => void;
}

/** Time that only moves when a test says so; timers fire in order of time, then of setting. */
export class VirtualClock implements Clock {
  readonly #pending = new Set<Pending>();
  #now = 0;
  #order = 0;

  get timersRunning(): number {
    return this.#pending.size;
  }

  now(): number {
    return this.#now;
  }

  setTimer(delayMs: number, fire: () => void): Timer {
    const pending: Pending = { at: this.#now + delayMs, order: this.#order++, fire };
    this.#pending.add(pending);
    return { cancel: () => void this.#pending.delete(pending) };
  }

  /** Lets promises settle, then fires what is due, until `ms` have passed. */
  async advance(ms: number): Promise<void> {
    const end = this.#now + ms;
    await settle();
    for (let next = this.#next(end); next !== undefined; next = this.#next(end)) {
      this.#pending.delete(next);
      this.#now = next.at;
      next.fire();
      await settle();
    }
    this.#now = end;
  }

  #next(until: number): Pending | undefined {
    const due = [...this.#pending].filter((p) => p.at <= until);
    return due.sort((a, b) => a.at - b.at || a.order - b.order)[0];
  }
}

async function settle(): Promise<void> {
  for (let i = 0; i < 20; i += 1) await Promise.resolve();
}
