/** What a registration costs that does nothing but stand: in the memory of the server, sockets and all. */
import type { LoadTransport } from '../../ports/load-socket.ts';
import { LoadedServer } from './loaded-server.ts';
import { type LoadProcess, openPhones } from './processes.ts';
import { round } from './throughput.ts';

export interface MemoryRow {
  readonly op: 'idle-registrations';
  readonly transport: LoadTransport;
  readonly registrations: number;
  /** Of the server's process with all of them. */
  readonly resident_mb: number;
  /** What each added to it. */
  readonly kb_each: number;
}

const MB = 1024 * 1024;

/** Undefined where the machine does not tell what a process uses. */
export async function idleRegistrations(options: {
  readonly transport: LoadTransport;
  readonly registrations: number;
  readonly clients: readonly LoadProcess[];
}): Promise<MemoryRow | undefined> {
  const { transport, registrations, clients } = options;
  const server = await LoadedServer.start({ accounts: registrations });
  try {
    const before = server.use();
    await openPhones({ transport, server, clients });
    const after = server.use();
    await Promise.all(clients.map((client) => client.perform({ kind: 'close' })));
    if (before === undefined || after === undefined) return undefined;
    return {
      op: 'idle-registrations',
      transport,
      registrations,
      resident_mb: round(after.residentOctets / MB, 1),
      kb_each: round((after.residentOctets - before.residentOctets) / 1024 / registrations, 1),
    };
  } finally {
    await server.stop();
  }
}
