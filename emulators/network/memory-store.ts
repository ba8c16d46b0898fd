import type { Store } from '../../stack/platform.ts';

/** A store that outlives a killed phone, not the world. Copies in and out, so that no caller shares its bytes. */
export class MemoryStore implements Store {
  readonly #entries = new Map<string, Uint8Array>();

  get(key: string): Uint8Array | undefined {
    return this.#entries.get(key)?.slice();
  }

  set(key: string, value: Uint8Array): void {
    this.#entries.set(key, value.slice());
  }

  delete(key: string): void {
    this.#entries.delete(key);
  }

  keys(prefix: string): string[] {
    return [...this.#entries.keys()].filter((key) => key.startsWith(prefix)).sort();
  }
}
