import { hash } from 'node:crypto';
import { chacha20 } from '@noble/ciphers/chacha.js';
import { concatBytes, utf8ToBytes } from '@noble/hashes/utils.js';
import type { Random } from '../../stack/platform.ts';

/** ChaCha20's own: most consumers draw a few bytes. */
const BLOCK = 64;
/** Blocks under one nonce. */
const BLOCKS = 4;
const ZEROS = new Uint8Array(BLOCK);

/** Deterministic bytes: ChaCha20 under a key that is SHA-256 of the parent's key and the consumer's name. */
export class SeededRandom implements Random {
  readonly #key: Uint8Array;
  #block = new Uint8Array(0);
  #used = 0;
  #blocks = 0;

  constructor(seed: string | Uint8Array) {
    this.#key = typeof seed === 'string' ? digest(`parley seed ${seed}`) : seed;
  }

  fork(name: string): SeededRandom {
    return new SeededRandom(digest(concatBytes(this.#key, utf8ToBytes(name))));
  }

  bytes(length: number): Uint8Array {
    const out = new Uint8Array(length);
    let filled = 0;
    while (filled < length) {
      if (this.#used === this.#block.length) this.#refill();
      const take = Math.min(length - filled, this.#block.length - this.#used);
      out.set(this.#block.subarray(this.#used, this.#used + take), filled);
      this.#used += take;
      filled += take;
    }
    return out;
  }

  #refill(): void {
    const nonce = new Uint8Array(12);
    new DataView(nonce.buffer).setBigUint64(0, BigInt(Math.floor(this.#blocks / BLOCKS)));
    this.#block = chacha20(this.#key, nonce, ZEROS, undefined, this.#blocks % BLOCKS);
    this.#blocks += 1;
    this.#used = 0;
  }
}

function digest(input: string | Uint8Array): Uint8Array {
  return new Uint8Array(hash('sha256', input, 'buffer'));
}

/** A number in [0, 1), from 32 bits of `random`. */
export function unitInterval(random: Random): number {
  const b = random.bytes(4);
  return new DataView(b.buffer, b.byteOffset, 4).getUint32(0) / 0x1_0000_0000;
}
