import { resolve } from 'node:path';
import { MatrixError } from '../../matrix/index.ts';
import { NetworkError } from '../../stack/platform.ts';
import { StoreError } from '../ports/sqlite-store.ts';
import { reloads, stopSignal } from '../ports/stop-signal.ts';
import { UsageError } from '../run/usage-error.ts';
import { checkPasswords, servingAddresses } from '../serve/addresses.ts';
import { carrierFiles, DEFAULT_CARRIER } from '../serve/carrier-files.ts';
import { MOST_CARRIERS } from '../serve/port-plan.ts';
import { type RunningServer, type ServeOptions, startServer } from '../serve/server.ts';
import { settingsText } from '../serve/settings-text.ts';
import type { Context } from './context.ts';
import { table } from './terminal.ts';

export interface ServeFlags {
  readonly carrier?: readonly string[];
  readonly state: string;
  readonly bind: string;
  readonly advertise?: string;
  readonly portBase?: number;
  readonly record?: string;
  readonly insecureKeylog?: string;
  readonly json?: boolean;
}

/** `parley serve`: until SIGINT or SIGTERM, which let work in hand end; SIGHUP reads the carrier files again. */
export async function serveCommand(flags: ServeFlags, { terminal }: Context): Promise<number> {
  const names = flags.carrier ?? [DEFAULT_CARRIER];
  if (names.length > MOST_CARRIERS) throw new UsageError(`at most ${MOST_CARRIERS} carriers`);
  const carriers = carrierFiles(names);
  const { bind, address, isLocal } = servingAddresses(flags.bind, flags.advertise);
  if (!isLocal) checkPasswords(carriers);
  const state = resolve(flags.state);
  const { record, insecureKeylog: keyLog, portBase } = flags;
  if (keyLog !== undefined) terminal.err(`parley: ${keyLog} gets the keys of every TLS connection\n`);
  const server = await started({ carriers, state, bind, address, portBase, record, keyLog });
  // Before anybody is told that it is there.
  const stop = stopSignal();
  terminal.out(
    flags.json === true ? `${JSON.stringify(server.descriptor)}\n` : settingsText(server.descriptor, table),
  );
  const endReloads = reloads(() => {
    for (const line of reloaded(server, names)) terminal.err(`parley: ${line}\n`);
  });
  const signal = await stop;
  endReloads();
  terminal.err(`parley: ${signal}, ending what is in hand\n`);
  await server.stop();
  return 0;
}

/** A file that is wrong changes nothing. */
function reloaded(server: RunningServer, names: readonly string[]): string[] {
  try {
    const told = server.reload(carrierFiles(names));
    return told.length === 0 ? ['reload: nothing changed'] : told.map((line) => `reload: ${line}`);
  } catch (error) {
    if (!(error instanceof MatrixError) && !(error instanceof UsageError)) throw error;
    return error.message.split('\n').map((line) => `reload: all stays as it was: ${line}`);
  }
}

async function started(options: ServeOptions): Promise<RunningServer> {
  try {
    return await startServer(options);
  } catch (error) {
    if (error instanceof StoreError || error instanceof NetworkError) throw new UsageError(error.message);
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EADDRINUSE' || code === 'EACCES') throw new UsageError((error as Error).message);
    throw error;
  }
}
