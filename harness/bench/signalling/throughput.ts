/** How many a second, and what each costs the server: ours and a bare echo of the same bytes, in turns. */

import type { LoadTransport } from '../../ports/load-socket.ts';
import { processUse } from '../../ports/process-use.ts';
import type { Job, Op, RunFigures } from './load-job.ts';
import type { LoadedServer } from './loaded-server.ts';
import type { EchoProcess, LoadProcess } from './processes.ts';

export interface ThroughputRow {
  readonly op: Op;
  readonly transport: LoadTransport;
  readonly ours_per_s: number;
  readonly echo_per_s: number;
  readonly ratio: number;
  /** From the first request to the last answer or receipt, with all phones busy. */
  readonly p50_ms: number;
  readonly p99_ms: number;
  /** Processor time of the server for each: comparable on a busy machine too. Null where it is not told. */
  readonly ours_cpu_us: number | null;
  readonly echo_cpu_us: number | null;
  readonly cpu_ratio: number | null;
  /** Ended otherwise than they should, and messages that were sent again. */
  readonly failed: number;
  readonly retransmissions: number;
}

export interface ThroughputOptions {
  readonly op: Op;
  readonly transport: LoadTransport;
  readonly server: LoadedServer;
  readonly echo: EchoProcess;
  /** With their phones open on that transport. */
  readonly clients: readonly LoadProcess[];
  readonly seconds: number;
}

const SLICE_MS = 1_000;
const WARM_UP_MS = 1_500;

interface Turns {
  readonly latencies: Float64Array[];
  ms: number;
  cpuMs: number | undefined;
  failed: number;
  retransmissions: number;
}

export async function throughput(options: ThroughputOptions): Promise<ThroughputRow> {
  const { op, transport, server, echo, clients, seconds } = options;
  const ours = turns();
  const theirs = turns();
  const place = { host: '127.0.0.1', port: echo.told.ports[transport] };
  const slice = async (turns: Turns, job: Job, cpuMs: () => number | undefined) => {
    const before = cpuMs();
    const told = await Promise.all(clients.map((client) => client.perform<RunFigures>(job)));
    add(turns, told, before, cpuMs());
  };
  const ourCpu = () => server.use()?.cpuMs;
  const echoCpu = () => processUse(echo.pid)?.cpuMs;
  await slice(turns(), { kind: 'run', op, ms: WARM_UP_MS }, ourCpu);
  await slice(turns(), { kind: 'echo', op, ms: WARM_UP_MS / 3, echo: place }, echoCpu);
  for (let second = 0; second < seconds; second += 1) {
    await slice(ours, { kind: 'run', op, ms: SLICE_MS }, ourCpu);
    await slice(theirs, { kind: 'echo', op, ms: SLICE_MS, echo: place }, echoCpu);
  }
  if (sorted(ours.latencies).length === 0) throw new Error(`${op} over ${transport}: none came to its end`);
  return row(op, transport, ours, theirs);
}

function turns(): Turns {
  return { latencies: [], ms: 0, cpuMs: 0, failed: 0, retransmissions: 0 };
}

function add(
  turns: Turns,
  told: readonly RunFigures[],
  before: number | undefined,
  after: number | undefined,
): void {
  turns.latencies.push(...told.map(({ latencies }) => latencies));
  turns.ms += Math.max(...told.map(({ ms }) => ms));
  const spent = before === undefined || after === undefined ? undefined : after - before;
  turns.cpuMs = turns.cpuMs === undefined || spent === undefined ? undefined : turns.cpuMs + spent;
  for (const { failed, retransmissions } of told) {
    turns.failed += failed;
    turns.retransmissions += retransmissions;
  }
}

function row(op: Op, transport: LoadTransport, ours: Turns, theirs: Turns): ThroughputRow {
  const latencies = sorted(ours.latencies);
  const perSecond = (turns: Turns) => (sorted(turns.latencies).length * 1_000) / turns.ms;
  const cpuUs = ({ cpuMs, latencies }: Turns) =>
    cpuMs === undefined ? null : (cpuMs * 1_000) / sorted(latencies).length;
  const [oursCpu, echoCpu] = [cpuUs(ours), cpuUs(theirs)];
  return {
    op,
    transport,
    ours_per_s: Math.round(perSecond(ours)),
    echo_per_s: Math.round(perSecond(theirs)),
    ratio: round(perSecond(ours) / perSecond(theirs), 3),
    p50_ms: round(quantile(latencies, 0.5), 2),
    p99_ms: round(quantile(latencies, 0.99), 2),
    ours_cpu_us: oursCpu === null ? null : Math.round(oursCpu),
    echo_cpu_us: echoCpu === null ? null : Math.round(echoCpu),
    cpu_ratio: oursCpu === null || echoCpu === null ? null : round(echoCpu / oursCpu, 3),
    failed: ours.failed,
    retransmissions: ours.retransmissions,
  };
}

export function sorted(parts: readonly Float64Array[]): Float64Array {
  const all = new Float64Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all.sort();
}

/** 0 of none. */
export function quantile(sorted: Float64Array, share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
}

export function round(value: number, digits: number): number {
  return Number(value.toFixed(digits));
}
