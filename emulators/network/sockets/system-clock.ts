import type { Clock, Timer } from '../../../stack/platform.ts';
import type { DeliveryClock } from '../link-queue.ts';

/** Longest delay that one timer of the machine can have, milliseconds. */
const LONGEST = 0x7fff_ffff;

/** The machine's own time. Nothing inside a simulated case may read it. */
export const systemClock: Clock & DeliveryClock = {
  now: () => Date.now(),
  setTimer,
  deliverAfter: setTimer,
};

function setTimer(delayMs: number, fire: () => void): Timer {
  let timer: NodeJS.Timeout;
  const wait = (left: number): void => {
    timer = setTimeout(() => (left > LONGEST ? wait(left - LONGEST) : fire()), Math.min(left, LONGEST));
  };
  wait(delayMs);
  return { cancel: () => clearTimeout(timer) };
}
