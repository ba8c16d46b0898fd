import { sha256 } from '@noble/hashes/sha2.js';
import type { Random } from '../../../stack/platform.ts';

/** SHA-256 over seed and counter. */
export class SeededRandom implements Random {
  readonly #seed: string;
  #counter = 0;

  constructor(seed: string) {
    this.#seed = seed;
  }

  bytes(length: number): Uint8Array {
    const out = new Uint8Array(length);
    for (let at = 0; at < length; at += 32) {
      out.set(
        sha256(new TextEncoder().encode(`${this.#seed} ${this.#counter++}`)).subarray(0, length - at),
        at,
      );
    }
    return out;
  }

  fork(name: string): Random {
    return new SeededRandom(`${this.#seed}/${name}`);
  }
}
