/**
 * What is there at once or comes later. An engine in this process answers at once, and what follows must then not be put
 * off: the order in which a phone draws random bytes and writes frames would change, and with it every recorded trace.
 */
export type Awaitable<T> = T | Promise<T>;

/** Goes on with `value`: now when it is there. */
export function andThen<T, R>(value: Awaitable<T>, next: (value: T) => Awaitable<R>): Awaitable<R> {
  return value instanceof Promise ? value.then(next) : next(value);
}

/** Does `work` and goes on with what it gave; `failed` gets what either of them threw. */
export function attempt<T>(
  work: () => Awaitable<T>,
  done: (value: T) => void,
  failed: (error: unknown) => void,
): void {
  try {
    const value = work();
    if (value instanceof Promise) value.then(done).catch(failed);
    else done(value);
  } catch (error) {
    failed(error);
  }
}

/** Work on one thing is done one piece at a time, in the order it came; what needs no waiting is done at once. */
export class Turns {
  #last: Promise<void> | undefined;

  /** Rejects or throws what `work` does; the next in line is taken all the same. */
  take<T>(work: () => Awaitable<T>): Awaitable<T> {
    const result = this.#last === undefined ? work() : this.#last.then(work);
    if (!(result instanceof Promise)) return result;
    const over = () => {
      if (this.#last === last) this.#last = undefined;
    };
    const last: Promise<void> = result.then(over, over);
    this.#last = last;
    return result;
  }
}
