import { SeededRandom } from '../../../emulators/network/seeded-random.ts';
import type { MlsPeer } from '../../../harness/mls-interop/peer.ts';
import { type Client, connectClients, introduce } from '../../../harness/mls-interop/run/client.ts';
import { type PlannedCell, planCells, runCells } from '../../../harness/mls-interop/run/run-scripts.ts';
import { type InteropSummary, summarize } from '../../../harness/mls-interop/run/summary.ts';
import type { Script } from '../../../harness/mls-interop/script/script.ts';

export interface Play {
  readonly scripts: readonly Script[];
  readonly suites: readonly number[];
  readonly choose?: (cell: PlannedCell) => boolean;
}

/** Among clients in this process. */
export async function playLocally(peers: readonly MlsPeer[], what: Play): Promise<InteropSummary> {
  return play(await introduce(peers), what);
}

/** Among clients on sockets. */
export async function playOver(
  addresses: readonly string[],
  timeoutMs: number,
  what: Play,
): Promise<InteropSummary> {
  const clients = await connectClients(addresses, timeoutMs);
  try {
    return await play(clients, what);
  } finally {
    for (const { peer } of clients) peer.close();
  }
}

async function play(clients: readonly Client[], { scripts, suites, choose }: Play): Promise<InteropSummary> {
  const cells = planCells(scripts, clients, suites).filter(choose ?? (() => true));
  return summarize(clients, await runCells(cells, new SeededRandom('play')));
}

/** `ID: what` for every cell that did not pass. */
export function notPassed({ cells }: InteropSummary): string[] {
  return cells.flatMap(({ id, verdict }) => {
    if (verdict.outcome === 'passed') return [];
    return [`${id}: ${verdict.outcome}, ${'what' in verdict ? verdict.what : verdict.because}`];
  });
}

/** Neighbours are played by different clients of two. */
export function alternating({ axes }: PlannedCell): boolean {
  return /^(AB)*A?$|^(BA)*B?$/.test(axes.assignment);
}
