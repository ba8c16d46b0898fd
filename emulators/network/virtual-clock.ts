import type { Clock, Timer } from '../../stack/platform.ts';
import type { DeliveryClock } from './link-queue.ts';

interface Scheduled {
  readonly at: number;
  readonly order: number;
  readonly fire: () => void;
  readonly counted: boolean;
  cancelled: boolean;
}

/** 2026-01-01T00:00:00Z: where virtual time begins. */
export const VIRTUAL_EPOCH_MS = 1_767_225_600_000;

/**
 * Time that only moves when the world is idle: it jumps to the next timer. Timers due at the same instant fire in the
 * order in which they were set, and all promise work that one of them starts is finished before the next fires, as is
 * what the world waits for from outside.
 */
export class VirtualClock implements Clock, DeliveryClock {
  readonly #start: number;
  readonly #wireIdle: (() => Promise<void>) | undefined;
  #now: number;
  #order = 0;
  #counted = 0;
  readonly #outside = new Set<Promise<void>>();
  readonly #heap: Scheduled[] = [];

  /**
   * `startMs`: milliseconds since the Unix epoch, for a world with parts outside that have a date of their own.
   * `wireIdle` resolves when nothing is on its way on a wire that runs on real time: time stands still until then.
   */
  constructor(startMs: number = VIRTUAL_EPOCH_MS, wireIdle?: () => Promise<void>) {
    this.#start = startMs;
    this.#wireIdle = wireIdle;
    this.#now = startMs;
  }

  now(): number {
    return this.#now;
  }

  /** Milliseconds since virtual time began. */
  elapsed(): number {
    return this.#now - this.#start;
  }

  /** Timers that components set and that neither fired nor were cancelled. */
  get pendingTimers(): number {
    return this.#counted;
  }

  setTimer(delayMs: number, fire: () => void): Timer {
    this.#counted += 1;
    return this.#schedule(delayMs, fire, true);
  }

  /** A delivery of the simulated network: the same as a timer, but no component can leak it. */
  deliverAfter(delayMs: number, fire: () => void): Timer {
    return this.#schedule(delayMs, fire, false);
  }

  /**
   * Virtual time stands still until `work` is over, which goes on in real time: a call to another process, say. The work
   * must end by itself, and well or badly.
   */
  standStillFor<T>(work: Promise<T>): Promise<T> {
    const over: Promise<void> = work.then(
      () => void this.#outside.delete(over),
      () => void this.#outside.delete(over),
    );
    this.#outside.add(over);
    return work;
  }

  /**
   * Runs until `done` says so (true) or nothing is left to happen before `limitMs` from now (false; the clock then
   * stands at the limit).
   */
  async runUntil(done: () => boolean, limitMs: number): Promise<boolean> {
    const limit = this.#now + limitMs;
    await this.#rest();
    while (!done()) {
      const next = this.#peek();
      if (next === undefined || next.at > limit) {
        this.#now = limit;
        await this.#rest();
        return done();
      }
      await this.#fireNext();
    }
    return true;
  }

  /** Lets `ms` pass. */
  async advance(ms: number): Promise<void> {
    await this.runUntil(() => false, ms);
  }

  /**
   * Runs until nothing is due within `quietMs`, at most `limitMs`. Long timers (registration refresh, transaction
   * clean-up) may still be pending: the world is quiet, not over.
   */
  async settle(quietMs: number, limitMs: number): Promise<void> {
    const limit = this.#now + limitMs;
    await this.#rest();
    for (;;) {
      const next = this.#peek();
      if (next === undefined || next.at > this.#now + quietMs || next.at > limit) return;
      await this.#fireNext();
    }
  }

  /** All that can happen at this instant has happened. */
  async #rest(): Promise<void> {
    do {
      await promiseWork();
      while (this.#outside.size > 0) {
        await Promise.all(this.#outside);
        await promiseWork();
      }
      await this.#wireIdle?.();
    } while (this.#outside.size > 0);
  }

  #schedule(delayMs: number, fire: () => void, counted: boolean): Timer {
    if (!(delayMs >= 0))
      throw new RangeError(`a timer's delay must be 0 or more milliseconds, got ${delayMs}`);
    const entry: Scheduled = {
      at: this.#now + delayMs,
      order: this.#order++,
      fire,
      counted,
      cancelled: false,
    };
    push(this.#heap, entry);
    return {
      cancel: () => {
        if (entry.cancelled) return;
        entry.cancelled = true;
        if (entry.counted) this.#counted -= 1;
      },
    };
  }

  #peek(): Scheduled | undefined {
    while (this.#heap[0]?.cancelled) pop(this.#heap);
    return this.#heap[0];
  }

  async #fireNext(): Promise<void> {
    const next = pop(this.#heap);
    if (next === undefined || next.cancelled) return;
    next.cancelled = true;
    if (next.counted) this.#counted -= 1;
    this.#now = next.at;
    next.fire();
    await this.#rest();
  }
}

/** Resolves after every promise reaction that is ready now, and those that they make ready, have run. */
function promiseWork(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

function before(a: Scheduled, b: Scheduled): boolean {
  return a.at < b.at || (a.at === b.at && a.order < b.order);
}

function push(heap: Scheduled[], entry: Scheduled): void {
  let index = heap.length;
  heap.push(entry);
  while (index > 0) {
    const parent = (index - 1) >> 1;
    if (!before(entry, heap[parent]!)) break;
    heap[index] = heap[parent]!;
    index = parent;
  }
  heap[index] = entry;
}

function pop(heap: Scheduled[]): Scheduled | undefined {
  const top = heap[0];
  const last = heap.pop();
  if (last === undefined || heap.length === 0) return top;
  let index = 0;
  for (;;) {
    let child = 2 * index + 1;
    if (child >= heap.length) break;
    if (child + 1 < heap.length && before(heap[child + 1]!, heap[child]!)) child += 1;
    if (!before(heap[child]!, last)) break;
    heap[index] = heap[child]!;
    index = child;
  }
  heap[index] = last;
  return top;
}
