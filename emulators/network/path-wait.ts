import { NetworkError } from '../../stack/platform.ts';
import { isCut, type Path } from './link.ts';
import type { DeliveryClock } from './link-queue.ts';

/** A host behind a cut link is given up after this long, as an operating system's connect() does. */
const CONNECT_TIMEOUT_MS = 30_000;

/** Waits while a link of the path is cut; rejects with `timeout` after the operating system's patience. */
export async function reach(clock: DeliveryClock, path: Path, name: string): Promise<void> {
  const started = clock.now();
  for (;;) {
    const cut = isCut(path);
    if (!cut) return;
    const left = CONNECT_TIMEOUT_MS - (clock.now() - started);
    if (left <= 0)
      throw new NetworkError('timeout', `${name} did not answer within ${CONNECT_TIMEOUT_MS / 1000} s`);
    await new Promise<void>((resolve) => {
      const giveUp = clock.deliverAfter(left, resolve);
      cut.whenHealed(() => {
        giveUp.cancel();
        resolve();
      });
    });
  }
}

export function pass(clock: DeliveryClock, ms: number): Promise<void> {
  return new Promise((resolve) => clock.deliverAfter(ms, resolve));
}
