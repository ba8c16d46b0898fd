/** Counts what has begun and not ended, so that a carrier can end its work before it closes. */
export class WorkInHand {
  #count = 0;
  #whenDone: (() => void)[] | undefined;

  get isDraining(): boolean {
    return this.#whenDone !== undefined;
  }

  async during<T>(work: () => Promise<T>): Promise<T> {
    this.#count += 1;
    try {
      return await work();
    } finally {
      this.#count -= 1;
      if (this.#count === 0) for (const done of this.#whenDone?.splice(0) ?? []) done();
    }
  }

  /** Resolves when nothing is in hand; from now on `isDraining`. */
  drain(): Promise<void> {
    this.#whenDone ??= [];
    if (this.#count === 0) return Promise.resolve();
    return new Promise((resolve) => this.#whenDone?.push(resolve));
  }
}
