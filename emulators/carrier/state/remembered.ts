import type { Clock, Store } from '../../../stack/platform.ts';
import { digestOf, keyParts, storeKey } from './keys.ts';
import { readRecord, writeRecord } from './record.ts';

export interface RememberedOptions {
  readonly clock: Clock;
  readonly store: Store;
  /** First part of the keys. */
  readonly prefix: string;
  readonly keepMs: number;
  /** Most that is remembered at once; the oldest goes first. */
  readonly limit: number;
}

interface Note<T> {
  readonly until: number;
  readonly value: T;
}

/** What was said about something, for a while: in memory only its digest and time, the rest in the store. */
export class Remembered<T> {
  readonly #options: RememberedOptions;
  /** Oldest first. */
  readonly #until = new Map<string, number>();

  constructor(options: RememberedOptions) {
    this.#options = options;
    const { store, prefix } = options;
    const left = store.keys(`${prefix}/`).map((key) => {
      const { until } = readRecord<Note<T>>(store.get(key)!).data;
      return [keyParts(key)[1]!, until] as const;
    });
    for (const [digest, until] of left.sort((a, b) => a[1] - b[1])) this.#until.set(digest, until);
  }

  get(subject: string | Uint8Array): T | undefined {
    const digest = digestOf(subject);
    const until = this.#until.get(digest);
    if (until === undefined || until <= this.#options.clock.now()) return undefined;
    const bytes = this.#options.store.get(this.#key(digest));
    return bytes === undefined ? undefined : readRecord<Note<T>>(bytes).data.value;
  }

  set(subject: string | Uint8Array, value: T): void {
    const { clock, store, keepMs } = this.#options;
    const digest = digestOf(subject);
    const until = clock.now() + keepMs;
    this.#until.delete(digest);
    this.#until.set(digest, until);
    store.set(this.#key(digest), writeRecord({ until, value } satisfies Note<T>));
    this.#forget();
  }

  delete(subject: string | Uint8Array): void {
    this.#drop(digestOf(subject));
  }

  #forget(): void {
    const now = this.#options.clock.now();
    for (const [digest, until] of this.#until) {
      if (until > now && this.#until.size <= this.#options.limit) return;
      this.#drop(digest);
    }
  }

  #drop(digest: string): void {
    if (this.#until.delete(digest)) this.#options.store.delete(this.#key(digest));
  }

  #key(digest: string): string {
    return storeKey(this.#options.prefix, digest);
  }
}
