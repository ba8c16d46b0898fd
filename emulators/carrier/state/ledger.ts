import type { Store } from '../../../stack/platform.ts';
import { keyParts, storeKey } from './keys.ts';
import { readRecord, type StoredRecord, writeRecord } from './record.ts';

/** Records in the order in which they were added, each under a key of its own. */
export class Ledger<T extends object> {
  readonly #store: Store;
  readonly #prefix: string;
  #next: number;
  #size: number;

  constructor(store: Store, prefix: string) {
    this.#store = store;
    this.#prefix = prefix;
    const keys = store.keys(`${prefix}/`);
    const last = keys.at(-1);
    this.#size = keys.length;
    this.#next = last === undefined ? 1 : Number(keyParts(last)[1]) + 1;
  }

  get size(): number {
    return this.#size;
  }

  /** Returns the key by which it is changed and removed. */
  add(data: T, octets?: Uint8Array): string {
    const key = storeKey(this.#prefix, this.#next++);
    this.#store.set(key, writeRecord(data, octets));
    this.#size += 1;
    return key;
  }

  change(key: string, data: T, octets?: Uint8Array): void {
    this.#store.set(key, writeRecord(data, octets));
  }

  /** Once for each key. */
  remove(key: string): void {
    this.#store.delete(key);
    this.#size -= 1;
  }

  /** What an earlier life left, in its order. */
  *entries(): Generator<StoredRecord<T> & { readonly key: string }> {
    for (const key of this.#store.keys(`${this.#prefix}/`)) {
      const bytes = this.#store.get(key);
      if (bytes !== undefined) yield { key, ...readRecord<T>(bytes) };
    }
  }
}
