/** RFC 4975 sections 5.1 and 7.3.1: chunks of several messages, in any order, put together again. */

import type { ByteRange } from './byte-range.ts';
import type { MsrpFlag } from './frame.ts';
import { ScatteredOctets } from './scattered-octets.ts';

export interface ReassemblyLimits {
  /** Octets of one message. */
  readonly octets: number;
  /** Octets of all messages under way together. */
  readonly allOctets: number;
  /** Messages under way at once; the longest known is dropped first. */
  readonly messages: number;
  /** Pieces of one message that don't touch each other. */
  readonly pieces: number;
}

export const DEFAULT_REASSEMBLY_LIMITS: ReassemblyLimits = {
  octets: 1_048_576,
  allOctets: 4_194_304,
  messages: 32,
  pieces: 256,
};

export type ReassemblyOutcome =
  | { readonly kind: 'incomplete' }
  | { readonly kind: 'complete'; readonly bytes: Uint8Array }
  /** Given up by its sender (`#`): nothing of it is kept. */
  | { readonly kind: 'aborted' }
  /** Beyond the limits: nothing of it is kept, and no more of it will be. */
  | { readonly kind: 'too-large' };

interface Unfinished {
  readonly octets: ScatteredOctets;
  /** Known once the last chunk (`$`) came. */
  total?: number;
}

export class Reassembly {
  readonly #limits: ReassemblyLimits;
  readonly #unfinished = new Map<string, Unfinished>();
  /** Ids of messages that were too large: their remaining chunks are refused alike. */
  readonly #refused = new Set<string>();

  constructor(limits: Partial<ReassemblyLimits> = {}) {
    this.#limits = { ...DEFAULT_REASSEMBLY_LIMITS, ...limits };
  }

  /** Octets held. */
  get octets(): number {
    let sum = 0;
    for (const { octets } of this.#unfinished.values()) sum += octets.extent;
    return sum;
  }

  /** Takes a chunk. Where chunks overlap, what came first stays. */
  add(messageId: string, range: ByteRange | undefined, data: Uint8Array, flag: MsrpFlag): ReassemblyOutcome {
    if (this.#refused.has(messageId)) return { kind: 'too-large' };
    if (flag === '#') {
      this.#unfinished.delete(messageId);
      return { kind: 'aborted' };
    }
    const from = (range?.start ?? 1) - 1;
    // The data that came counts, not what the range announced (section 7.3.1).
    const to = from + data.length;
    const message = this.#message(messageId);
    const growth = Math.max(0, to - message.octets.extent);
    const announced = Math.max(to, range?.total ?? 0);
    if (announced > this.#limits.octets || this.octets + growth > this.#limits.allOctets)
      return this.#refuse(messageId);
    message.octets.put(from, data);
    if (message.octets.pieces > this.#limits.pieces) return this.#refuse(messageId);
    if (flag === '$') message.total = to;
    if (message.total === undefined || !message.octets.covers(message.total)) return { kind: 'incomplete' };
    this.#unfinished.delete(messageId);
    return { kind: 'complete', bytes: message.octets.first(message.total) };
  }

  #message(messageId: string): Unfinished {
    const known = this.#unfinished.get(messageId);
    if (known) return known;
    const oldest = this.#unfinished.keys().next().value;
    if (oldest !== undefined && this.#unfinished.size >= this.#limits.messages)
      this.#unfinished.delete(oldest);
    const message: Unfinished = { octets: new ScatteredOctets() };
    this.#unfinished.set(messageId, message);
    return message;
  }

  #refuse(messageId: string): ReassemblyOutcome {
    this.#unfinished.delete(messageId);
    this.#refused.add(messageId);
    const oldest = this.#refused.values().next().value;
    if (oldest !== undefined && this.#refused.size > this.#limits.messages) this.#refused.delete(oldest);
    return { kind: 'too-large' };
  }
}
