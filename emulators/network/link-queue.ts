import type { Timer } from '../../stack/platform.ts';
import { isCut, type Link, type Path, reliableDelay } from './link.ts';

/** A clock that also times what is on its way, which no component owns and none can leak. */
export interface DeliveryClock {
  now(): number;
  deliverAfter(delayMs: number, fire: () => void): Timer;
}

/** A peer that can't be reached for this long is given up. */
export const GIVE_UP_MS = 60_000;

export interface LinkQueueOptions<Segment> {
  readonly clock: DeliveryClock;
  /** Without links a segment arrives at once. */
  readonly path: Path;
  readonly arrive: (segment: Segment) => void;
  /** A cut lasted longer than `GIVE_UP_MS`; what waited is gone. */
  readonly giveUp: () => void;
}

/** One direction of a reliable stream: in order, loss shows as delay, a cut link holds what was sent. */
export class LinkQueue<Segment> {
  readonly #options: LinkQueueOptions<Segment>;
  readonly #held: Segment[] = [];
  #lastArrival = 0;

  constructor(options: LinkQueueOptions<Segment>) {
    this.#options = options;
  }

  send(segment: Segment): void {
    const { clock, path, arrive } = this.#options;
    if (this.#held.length > 0) {
      this.#held.push(segment);
      return;
    }
    const cut = isCut(path);
    if (cut) {
      this.#hold(segment, cut);
      return;
    }
    if (path.length === 0) {
      arrive(segment);
      return;
    }
    const arrival = Math.max(this.#lastArrival, clock.now() + reliableDelay(path));
    this.#lastArrival = arrival;
    clock.deliverAfter(arrival - clock.now(), () => arrive(segment));
  }

  #hold(segment: Segment, cut: Link): void {
    this.#held.push(segment);
    const giveUp = this.#options.clock.deliverAfter(GIVE_UP_MS, () => {
      this.#held.length = 0;
      this.#options.giveUp();
    });
    cut.whenHealed(() => {
      giveUp.cancel();
      for (const waiting of this.#held.splice(0)) this.send(waiting);
    });
  }
}
