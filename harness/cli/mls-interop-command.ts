import { SeededRandom } from '../../emulators/network/seeded-random.ts';
import { RpcError } from '../mls-interop/rpc-error.ts';
import { type Client, connectClients, maxClients } from '../mls-interop/run/client.ts';
import { matrixText } from '../mls-interop/run/matrix-text.ts';
import { planCells, runCells } from '../mls-interop/run/run-scripts.ts';
import { exitCode, summarize } from '../mls-interop/run/summary.ts';
import { loadScripts, ownScriptFiles } from '../mls-interop/script/load.ts';
import { parseFilter } from '../run/filter.ts';
import { UsageError } from '../run/usage-error.ts';
import type { Context } from './context.ts';
import { json } from './terminal.ts';

export interface MlsInteropFlags {
  readonly client?: readonly string[];
  readonly script?: readonly string[];
  readonly filter?: string;
  readonly suite?: readonly number[];
  readonly seed: string;
  /** Seconds. */
  readonly timeout: number;
  readonly json?: boolean;
}

/** `parley mls-interop`: drives the clients through scripts and prints who gets along with whom. */
export async function mlsInteropCommand(flags: MlsInteropFlags, { terminal }: Context): Promise<number> {
  const addresses = flags.client ?? [];
  if (addresses.length === 0)
    throw new UsageError('no client to drive; give --client HOST:PORT once for each');
  if (addresses.length > maxClients) throw new UsageError(`at most ${maxClients} clients`);
  const scripts = (flags.script ?? ownScriptFiles()).flatMap(loadScripts);
  const clients = await reached(addresses, flags.timeout * 1_000, terminal.err);
  if (clients === undefined) return 2;
  try {
    const planned = planCells(scripts, clients, flags.suite);
    const chosen = flags.filter === undefined ? undefined : parseFilter(flags.filter, planned);
    const wanted = chosen === undefined ? planned : planned.filter(({ axes }) => chosen(axes));
    const cells = await runCells(wanted, new SeededRandom(flags.seed));
    const summary = summarize(clients, cells);
    terminal.out(flags.json === true ? json(summary) : matrixText(summary, scripts, terminal.paint));
    return exitCode(summary);
  } catch (error) {
    if (error instanceof RangeError) throw new UsageError(error.message);
    throw error;
  } finally {
    for (const { peer } of clients) peer.close();
  }
}

async function reached(
  addresses: readonly string[],
  timeoutMs: number,
  err: (text: string) => void,
): Promise<Client[] | undefined> {
  try {
    return await connectClients(addresses, timeoutMs);
  } catch (error) {
    if (!(error instanceof RpcError)) throw error;
    err(`parley: no client at ${error.message} (${error.status})\n`);
    return undefined;
  }
}
