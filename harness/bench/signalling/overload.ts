/** Twice what the server can carry: what it takes it delivers, once; the rest it refuses, and says when to come again. */
import type { LoadTransport } from '../../ports/load-socket.ts';
import type { FloodFigures } from './load-job.ts';
import type { LoadProcess } from './processes.ts';
import { quantile, round, sorted } from './throughput.ts';

export interface OverloadRow {
  readonly op: 'overload';
  readonly transport: LoadTransport;
  /** Texts a second: what was found to be sustainable, and what was sent. */
  readonly sustainable_per_s: number;
  readonly offered_per_s: number;
  readonly sent: number;
  readonly accepted: number;
  readonly refused: number;
  readonly unanswered: number;
  /** Of those accepted. */
  readonly lost: number;
  readonly repeated: number;
  readonly accepted_p99_ms: number;
  readonly refused_p99_ms: number;
  readonly retransmissions: number;
  /** Each promise that was broken, in words. */
  readonly broken: readonly string[];
}

const GRACE_MS = 30_000;

export async function overload(options: {
  readonly transport: LoadTransport;
  readonly clients: readonly LoadProcess[];
  readonly sustainable: number;
  readonly seconds: number;
}): Promise<OverloadRow> {
  const { transport, clients, sustainable, seconds } = options;
  const offered = 2 * sustainable;
  const told = await Promise.all(
    clients.map((client) =>
      client.perform<FloodFigures>({
        kind: 'flood',
        perSecond: offered / clients.length,
        ms: seconds * 1_000,
        graceMs: GRACE_MS,
      }),
    ),
  );
  const sum = (of: (figures: FloodFigures) => number) => told.reduce((total, each) => total + of(each), 0);
  return {
    op: 'overload',
    transport,
    sustainable_per_s: Math.round(sustainable),
    offered_per_s: Math.round(sum(({ sent }) => sent) / seconds),
    sent: sum(({ sent }) => sent),
    accepted: sum(({ accepted }) => accepted),
    refused: sum(({ refused }) => refused),
    unanswered: sum(({ unanswered }) => unanswered),
    lost: sum(({ lost }) => lost),
    repeated: sum(({ repeated }) => repeated),
    accepted_p99_ms: round(quantile(sorted(told.map(({ acceptedMs }) => acceptedMs)), 0.99), 1),
    refused_p99_ms: round(quantile(sorted(told.map(({ refusedMs }) => refusedMs)), 0.99), 1),
    retransmissions: sum(({ retransmissions }) => retransmissions),
    broken: told.flatMap(brokenPromises),
  };
}

/** What must hold however much is asked of a server. */
export function brokenPromises(figures: FloodFigures): string[] {
  const promises: [number, string][] = [
    [figures.lost, 'texts were accepted and never delivered'],
    [figures.repeated, 'texts were delivered more than once'],
    [figures.uninvited, 'texts were refused and delivered all the same'],
    [figures.otherwise, 'texts were answered neither 202 nor 503 with Retry-After'],
    [figures.unanswered, 'texts had no answer at all'],
  ];
  return promises.filter(([count]) => count > 0).map(([count, what]) => `${count} ${what}`);
}
