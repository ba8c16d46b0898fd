import type { Random } from '../../stack/platform.ts';
import { unitInterval } from './seeded-random.ts';

export interface LinkProfile {
  readonly latencyMs: number;
  /** Added evenly at random between 0 and this. */
  readonly jitterMs: number;
  /** Probability that one packet is lost. */
  readonly loss: number;
}

/** A two-way link: a phone's access, the inside of a carrier, the interconnect. */
export class Link {
  readonly name: string;
  readonly #profile: LinkProfile;
  readonly #random: Random;
  #cut = false;
  readonly #waiting: (() => void)[] = [];

  constructor(name: string, profile: LinkProfile, random: Random) {
    this.name = name;
    this.#profile = profile;
    this.#random = random;
  }

  get isCut(): boolean {
    return this.#cut;
  }

  cut(): void {
    this.#cut = true;
  }

  /** Lets through again; what waited goes first, in its order. */
  heal(): void {
    if (!this.#cut) return;
    this.#cut = false;
    for (const resume of this.#waiting.splice(0)) resume();
  }

  /** Calls `resume` when the link is healed. */
  whenHealed(resume: () => void): void {
    this.#waiting.push(resume);
  }

  /** One-way delay of one packet, milliseconds. */
  delay(): number {
    const { latencyMs, jitterMs } = this.#profile;
    return jitterMs === 0 ? latencyMs : latencyMs + Math.floor(unitInterval(this.#random) * jitterMs);
  }

  /** Whether one packet is lost. */
  loses(): boolean {
    return this.#profile.loss > 0 && unitInterval(this.#random) < this.#profile.loss;
  }
}

/** The links between two hosts, in order. */
export type Path = readonly Link[];

export function isCut(path: Path): Link | undefined {
  return path.find((link) => link.isCut);
}

/** One-way delay of a packet that is not lost. */
export function pathDelay(path: Path): number {
  return path.reduce((sum, link) => sum + link.delay(), 0);
}

export function pathLoses(path: Path): boolean {
  // Every link draws, so that one link's luck never shifts another's.
  return path.map((link) => link.loses()).includes(true);
}

/**
 * Delay of a segment of a reliable stream: each loss costs a retransmission time-out that doubles from 200 ms
 * (RFC 6298 gives 1 s as first; deployed stacks use 200 ms) up to 8 tries.
 */
export function reliableDelay(path: Path): number {
  let delay = pathDelay(path);
  for (let timeout = 200, tries = 0; tries < 8 && pathLoses(path); tries += 1, timeout *= 2) delay += timeout;
  return delay;
}
