import type { Clock } from '../../stack/platform.ts';

/**
 * The machine's own time: for naming runs, measuring them and ending cells that hang. Nothing inside a case may
 * read it; cases live on the virtual clock.
 */
export const systemClock: Clock = {
  now: () => Date.now(),
  setTimer(delayMs, fire) {
    const timer = setTimeout(fire, delayMs);
    return { cancel: () => clearTimeout(timer) };
  },
};

/** Monotonic, from an arbitrary start. */
export const nanoseconds = (): bigint => process.hrtime.bigint();

/** Wall milliseconds since `start`, a value of `nanoseconds()`. */
export const millisecondsSince = (start: bigint): number => Number(nanoseconds() - start) / 1e6;

/** `2026-11-23T02:45:00.000Z` for a time of `systemClock.now()`. */
export const isoTime = (epochMs: number): string => new Date(epochMs).toISOString();
