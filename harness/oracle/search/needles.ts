/**
 * Search for many byte strings at once, after Wu and Manber (1994): a table over two-byte blocks tells how far the
 * window can jump. A trace is searched for some hundred encodings of its markers in one pass.
 */

const BLOCK = 2;
/** Shorter byte strings would be found by chance. */
export const SHORTEST_NEEDLE = 6;

export interface Needle<Tag> {
  readonly bytes: Uint8Array;
  readonly tag: Tag;
}

export interface NeedleSet<Tag> {
  readonly window: number;
  readonly shift: Uint8Array;
  /** By the block that ends the window. */
  readonly candidates: ReadonlyMap<number, readonly Needle<Tag>[]>;
}

/** Needles of fewer than SHORTEST_NEEDLE bytes are dropped. */
export function compileNeedles<Tag>(needles: readonly Needle<Tag>[]): NeedleSet<Tag> {
  const usable = needles.filter((needle) => needle.bytes.length >= SHORTEST_NEEDLE);
  const window = Math.min(255, ...usable.map((needle) => needle.bytes.length));
  const shift = new Uint8Array(65_536);
  const candidates = new Map<number, Needle<Tag>[]>();
  if (usable.length === 0) return { window: 0, shift, candidates };
  shift.fill(window - BLOCK + 1);
  for (const needle of usable) {
    for (let end = BLOCK; end <= window; end += 1) {
      const block = (needle.bytes[end - 2]! << 8) | needle.bytes[end - 1]!;
      shift[block] = Math.min(shift[block]!, window - end);
      if (end === window) {
        const bucket = candidates.get(block);
        if (bucket) bucket.push(needle);
        else candidates.set(block, [needle]);
      }
    }
  }
  return { window, shift, candidates };
}

/** Calls `found` for each occurrence, in order of its place in `hay`. */
export function searchNeedles<Tag>(
  set: NeedleSet<Tag>,
  hay: Uint8Array,
  found: (tag: Tag, offset: number, length: number) => void,
): void {
  const { window, shift, candidates } = set;
  if (window === 0) return;
  let end = window;
  while (end <= hay.length) {
    const block = (hay[end - 2]! << 8) | hay[end - 1]!;
    const jump = shift[block]!;
    if (jump > 0) {
      end += jump;
      continue;
    }
    const start = end - window;
    for (const needle of candidates.get(block) ?? []) {
      if (standsAt(hay, start, needle.bytes)) found(needle.tag, start, needle.bytes.length);
    }
    end += 1;
  }
}

function standsAt(hay: Uint8Array, start: number, needle: Uint8Array): boolean {
  if (start + needle.length > hay.length) return false;
  for (let i = 0; i < needle.length; i += 1) if (hay[start + i] !== needle[i]) return false;
  return true;
}
