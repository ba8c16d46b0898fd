import type { Endpoint } from '../../../stack/platform.ts';
import type { Path } from '../link.ts';
import type { TappedFrame } from '../tap.ts';

/** Real milliseconds without any progress after which the wire counts as stuck. */
const STALL_MS = 10_000;

/**
 * What is on its way between hosts of this process: octets written and not yet read, handshakes, requests. A world
 * whose time is not the machine's waits for it before it moves on.
 */
export class Traffic {
  #underWay = 0;
  #moves = 0;

  get underWay(): number {
    return this.#underWay;
  }

  add(count: number): void {
    this.#underWay += count;
    this.#moves += 1;
  }

  done(count: number): void {
    this.#underWay -= count;
    this.#moves += 1;
  }

  /**
   * Resolves when nothing is on its way, and the promise work that the last arrival began has sent nothing new. Rejects
   * when what is on its way does not move for 10 real seconds.
   */
  async idle(): Promise<void> {
    let moves = -1;
    let since = Date.now();
    while (this.#underWay > 0 || this.#moves !== moves) {
      if (this.#moves !== moves) {
        moves = this.#moves;
        since = Date.now();
      } else if (Date.now() - since > STALL_MS) {
        throw new Error(`the wire is stuck: ${this.#underWay} octets or handshakes do not move`);
      }
      await new Promise((resolve) => setImmediate(resolve));
    }
  }
}

export type End = 'near' | 'far';

export function otherEnd(end: End): End {
  return end === 'near' ? 'far' : 'near';
}

export interface PairEnds {
  readonly connection: number;
  readonly from: Endpoint;
  readonly path: Path;
  /** What the dialling side speaks. */
  readonly protocol: TappedFrame['protocol'];
}

/** A connection between two hosts of this process, as the network knows both its ends. `near` dialled. */
export class Pair {
  readonly ends: PairEnds;
  readonly #traffic: Traffic;
  readonly #over: () => void;
  /** On the way to each end; 1 from the start, until the end is there. */
  readonly #pending = { near: 1, far: 1 };
  readonly #state: Record<End, 'coming' | 'there' | 'gone'> = { near: 'coming', far: 'coming' };
  #counts = true;

  constructor(traffic: Traffic, ends: PairEnds, over: () => void) {
    this.#traffic = traffic;
    this.#over = over;
    this.ends = ends;
    traffic.add(2);
  }

  /**
   * The two ends don't speak the same: the handshake gets its answer from an application, which may take its time, or
   * none. What is on its way can't be told any more.
   */
  misunderstood(): void {
    this.got('near', this.#pending.near);
    this.got('far', this.#pending.far);
    this.#counts = false;
  }

  arrived(end: End): void {
    if (this.#state[end] !== 'coming') return;
    this.#state[end] = 'there';
    this.got(end, 1);
  }

  sent(to: End, octets: number): void {
    if (this.#state[to] === 'gone' || !this.#counts) return;
    this.#pending[to] += octets;
    this.#traffic.add(octets);
  }

  got(at: End, octets: number): void {
    const counted = Math.min(octets, this.#pending[at]);
    this.#pending[at] -= counted;
    this.#traffic.done(counted);
  }

  /** The end's socket is closed: nothing reaches it, and a peer that had not come yet won't. */
  gone(end: End): void {
    const other = otherEnd(end);
    this.#leave(end);
    if (this.#state[other] === 'coming') this.#leave(other);
    if (this.#state[other] === 'gone') this.#over();
  }

  #leave(end: End): void {
    this.#state[end] = 'gone';
    this.got(end, this.#pending[end]);
  }
}
