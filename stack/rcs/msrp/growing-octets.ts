const FIRST = 256;

/** Octets as they come, up to a limit; what is beyond is only counted. */
export class GrowingOctets {
  readonly #limit: number;
  #skip: number;
  #octets = new Uint8Array(0);
  #length = 0;
  #dropped = 0;

  /** `skip`: so many of the first octets are left out. */
  constructor(limit: number, skip = 0) {
    this.#limit = limit;
    this.#skip = skip;
  }

  get dropped(): number {
    return this.#dropped;
  }

  add(octets: Uint8Array): void {
    const own = octets.subarray(Math.min(this.#skip, octets.length));
    this.#skip -= octets.length - own.length;
    const kept = own.subarray(0, Math.max(0, this.#limit - this.#length));
    this.#dropped += own.length - kept.length;
    const needed = this.#length + kept.length;
    if (needed > this.#octets.length) {
      const grown = new Uint8Array(Math.min(this.#limit, Math.max(FIRST, needed * 2)));
      grown.set(this.#octets.subarray(0, this.#length));
      this.#octets = grown;
    }
    this.#octets.set(kept, this.#length);
    this.#length = needed;
  }

  taken(): Uint8Array {
    return this.#octets.slice(0, this.#length);
  }
}
