/** Octets that come in pieces, in any order. Memory grows with the furthest octet; the caller bounds that. */
export class ScatteredOctets {
  #octets = new Uint8Array(0);
  /** What is there: half-open ranges, ascending, not touching each other. */
  #ranges: (readonly [number, number])[] = [];

  /** Up to where something came. */
  get extent(): number {
    return this.#ranges.at(-1)?.[1] ?? 0;
  }

  /** Ranges with gaps between them. */
  get pieces(): number {
    return this.#ranges.length;
  }

  /** What is there already stays as it is. */
  put(from: number, data: Uint8Array): void {
    const to = from + data.length;
    if (data.length === 0) return;
    this.#reserve(to);
    const before = this.#ranges.filter(([, end]) => end < from);
    const after = this.#ranges.filter(([start]) => start > to);
    const touching = this.#ranges.slice(before.length, this.#ranges.length - after.length);
    let at = from;
    for (const [start, end] of touching) {
      if (at < start) this.#octets.set(data.subarray(at - from, start - from), at);
      at = Math.max(at, end);
    }
    if (at < to) this.#octets.set(data.subarray(at - from), at);
    const start = Math.min(from, touching[0]?.[0] ?? from);
    const end = Math.max(to, touching.at(-1)?.[1] ?? to);
    this.#ranges = [...before, [start, end], ...after];
  }

  /** Whether the first `length` octets are all there. */
  covers(length: number): boolean {
    const [first] = this.#ranges;
    return length === 0 || (first !== undefined && first[0] === 0 && first[1] >= length);
  }

  first(length: number): Uint8Array {
    return this.#octets.slice(0, length);
  }

  #reserve(length: number): void {
    if (length <= this.#octets.length) return;
    const grown = new Uint8Array(Math.max(length, this.#octets.length * 2));
    grown.set(this.#octets);
    this.#octets = grown;
  }
}
