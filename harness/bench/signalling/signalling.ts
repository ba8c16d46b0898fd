/** What `parley serve` carries, beside a bare echo of the same bytes in the same minutes on the same machine. */
import type { LoadTransport } from '../../ports/load-socket.ts';
import { idleRegistrations, type MemoryRow } from './idle-registrations.ts';
import type { Op } from './load-job.ts';
import { LoadedServer } from './loaded-server.ts';
import { type OverloadRow, overload } from './overload.ts';
import { EchoProcess, LoadProcess, openPhones } from './processes.ts';
import { benchSipp, type SippRow } from './sipp.ts';
import { type ThroughputRow, throughput } from './throughput.ts';

export interface SignallingOptions {
  readonly transports: readonly LoadTransport[];
  readonly ops: readonly Op[];
  /** For each figure: of ours, and of the echo. */
  readonly seconds: number;
  /** Phones that are busy at once. */
  readonly phones: number;
  /** Client processes. */
  readonly processes: number;
  /** How many stand idle while memory is measured; 0 leaves that out. */
  readonly idle: number;
  readonly overload: boolean;
  /** REGISTERs and MESSAGEs a second that SIPp sends; undefined leaves SIPp out. */
  readonly sipp: { readonly registers: number; readonly messages: number } | undefined;
  readonly say: (text: string) => void;
}

export interface SignallingFigures {
  readonly rows: readonly ThroughputRow[];
  readonly overload: readonly OverloadRow[];
  readonly memory: readonly MemoryRow[];
  /** Empty where there is no SIPp, or none was wanted. */
  readonly sipp: readonly SippRow[];
}

export async function benchSignalling(options: SignallingOptions): Promise<SignallingFigures> {
  const clients = Array.from({ length: options.processes }, () => new LoadProcess());
  try {
    const none = { rows: [], flooded: [] };
    const { rows, flooded } = options.ops.length === 0 ? none : await throughputs(options, clients);
    const memory: MemoryRow[] = [];
    for (const transport of options.idle === 0 ? [] : options.transports) {
      options.say(`${options.idle} idle registrations over ${transport}\n`);
      const row = await idleRegistrations({ transport, registrations: options.idle, clients });
      if (row !== undefined) memory.push(row);
    }
    return { rows, overload: flooded, memory, sipp: await sippRows(options, clients[0]!) };
  } finally {
    for (const client of clients) client.stop();
  }
}

async function throughputs(
  options: SignallingOptions,
  clients: readonly LoadProcess[],
): Promise<{ rows: ThroughputRow[]; flooded: OverloadRow[] }> {
  const { transports, ops, seconds, phones, say } = options;
  const rows: ThroughputRow[] = [];
  const flooded: OverloadRow[] = [];
  const echo = await EchoProcess.start();
  let server: LoadedServer | undefined;
  try {
    server = await LoadedServer.start({ accounts: phones });
    for (const transport of transports) {
      await openPhones({ transport, server, clients, echo });
      for (const op of ops) {
        say(`${op} over ${transport}\n`);
        const row = await throughput({ op, transport, server, echo, clients, seconds });
        rows.push(row);
        if (op !== 'relay' || !options.overload) continue;
        say(`overload over ${transport}\n`);
        flooded.push(await overload({ transport, clients, sustainable: row.ours_per_s, seconds }));
      }
      await Promise.all(clients.map((client) => client.perform({ kind: 'close' })));
    }
  } finally {
    await server?.stop();
    echo.stop();
  }
  return { rows, flooded };
}

async function sippRows({ sipp, seconds, say }: SignallingOptions, client: LoadProcess): Promise<SippRow[]> {
  if (sipp === undefined) return [];
  say('SIPp\n');
  const { registers, messages } = sipp;
  const rows = await benchSipp({
    client,
    seconds,
    registersPerSecond: registers,
    messagesPerSecond: messages,
  });
  if (rows === undefined) say('there is no SIPp on this machine (Debian: sip-tester)\n');
  return rows ?? [];
}
