/** The machine's own time: for naming runs, measuring them and ending cells that hang. */
export { systemClock } from '../../emulators/network/sockets/system-clock.ts';

/** Monotonic, from an arbitrary start. */
export const nanoseconds = (): bigint => process.hrtime.bigint();

/** Wall milliseconds since `start`, a value of `nanoseconds()`. */
export const millisecondsSince = (start: bigint): number => Number(nanoseconds() - start) / 1e6;

/** `2026-11-23T02:45:00.000Z` for a time of `systemClock.now()`. */
export const isoTime = (epochMs: number): string => new Date(epochMs).toISOString();

/** Calls `act` every so many milliseconds, until the function that it returns is called. */
export function every(ms: number, act: () => void): () => void {
  const timer = setInterval(act, ms);
  return () => clearInterval(timer);
}
