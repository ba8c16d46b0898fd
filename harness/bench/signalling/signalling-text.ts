import { table } from '../../cli/terminal.ts';
import type { MemoryRow } from './idle-registrations.ts';
import type { OverloadRow } from './overload.ts';
import type { SignallingFigures } from './signalling.ts';
import type { SippRow } from './sipp.ts';
import type { ThroughputRow } from './throughput.ts';

const OPS = {
  register: 'registration: REGISTER, 401, REGISTER, 200',
  relay: 'text from phone to phone, receipt back',
};

/** The figures for a person. */
export function signallingText({ rows, overload, memory, sipp }: SignallingFigures): string {
  const parts = [
    ['parley serve, and a bare echo of the same bytes in turns', table(throughputRows(rows))],
    ['Twice what is sustainable', table(overloadRows(overload)) + broken(overload)],
    ['Idle registrations', table(memoryRows(memory))],
    ['SIPp at both ends', table(sippRows(sipp))],
  ] as const;
  const sizes = [rows, overload, memory, sipp].map(({ length }) => length);
  return parts.flatMap(([title, text], i) => (sizes[i] === 0 ? [] : [`${title}\n\n${text}`])).join('\n');
}

function throughputRows(rows: readonly ThroughputRow[]): string[][] {
  const head = [
    '',
    '',
    'ours/s',
    'echo/s',
    'ratio',
    'p50 ms',
    'p99 ms',
    'ours CPU us',
    'echo CPU us',
    'CPU ratio',
  ];
  const lines = rows.map((row) => [
    OPS[row.op],
    row.transport,
    ...right(row.ours_per_s, row.echo_per_s, row.ratio, row.p50_ms, row.p99_ms),
    ...right(row.ours_cpu_us, row.echo_cpu_us, row.cpu_ratio),
  ]);
  return [head, ...lines];
}

function overloadRows(rows: readonly OverloadRow[]): string[][] {
  const head = [
    '',
    'sustainable/s',
    'offered/s',
    'accepted',
    'refused',
    'unanswered',
    'lost',
    'repeated',
    'sent again',
  ];
  const lines = rows.map((row) => [
    row.transport,
    ...right(row.sustainable_per_s, row.offered_per_s, row.accepted, row.refused, row.unanswered),
    ...right(row.lost, row.repeated, row.retransmissions),
  ]);
  return [head, ...lines];
}

function broken(rows: readonly OverloadRow[]): string {
  return rows.flatMap(({ transport, broken }) => broken.map((what) => `${transport}: ${what}\n`)).join('');
}

function memoryRows(rows: readonly MemoryRow[]): string[][] {
  const lines = rows.map((row) => [row.transport, ...right(row.registrations, row.resident_mb, row.kb_each)]);
  return [['', 'registrations', 'server MB', 'kB each'], ...lines];
}

function sippRows(rows: readonly SippRow[]): string[][] {
  const lines = rows.map((row) => [
    row.op,
    row.transport,
    ...right(row.wanted_per_s, row.reached_per_s, row.done, row.failed, row.retransmissions),
  ]);
  return [['', '', 'wanted/s', 'reached/s', 'done', 'failed', 'sent again'], ...lines];
}

function right(...numbers: (number | null)[]): string[] {
  return numbers.map((number) => (number === null ? '-' : String(number)).padStart(7));
}
