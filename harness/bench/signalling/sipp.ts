/** SIPp at both ends of the server over UDP: at these rates nothing is to be sent twice. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePorts } from '../../ports/free-ports.ts';
import { type RunningProgram, runProgram } from '../../ports/run-program.ts';
import { authorization, type LoadAccount } from './load-phone.ts';
import { LoadedServer } from './loaded-server.ts';
import type { LoadProcess } from './processes.ts';

export interface SippRow {
  readonly op: 'sipp-register' | 'sipp-message';
  readonly transport: 'udp';
  readonly wanted_per_s: number;
  readonly reached_per_s: number;
  readonly done: number;
  readonly failed: number;
  /** Of both ends of SIPp, and of the server as they saw it. */
  readonly retransmissions: number;
}

export interface SippOptions {
  readonly client: LoadProcess;
  readonly seconds: number;
  readonly registersPerSecond: number;
  readonly messagesPerSecond: number;
}

const SCENARIOS = join(import.meta.dirname, '../sipp');
const ACCOUNTS = 400;
/** One port stands for many phones here. */
const LIMITS = { flowRate: 1_000_000, requestRate: 1_000_000 };

/** Undefined when there is no SIPp on this machine. */
export async function benchSipp(options: SippOptions): Promise<SippRow[] | undefined> {
  const folder = mkdtempSync(join(tmpdir(), 'parley-sipp-'));
  try {
    const version = await runProgram('sipp', ['-v'], folder);
    if (version === undefined) return undefined;
    await version.end;
    const rows: SippRow[] = [];
    for (const scenario of [registers, messages]) {
      const server = await LoadedServer.start({ accounts: ACCOUNTS, limits: LIMITS });
      try {
        rows.push(await scenario(server, folder, options));
      } finally {
        await server.stop();
      }
    }
    return rows;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Each account registers again and again with the nonce it has, as phones do. */
async function registers(server: LoadedServer, folder: string, options: SippOptions): Promise<SippRow> {
  const { client, seconds, registersPerSecond: rate } = options;
  const { accounts } = server;
  const { nonces } = await client.perform<{ nonces: string[] }>({
    kind: 'challenge',
    server: server.place('udp'),
    accounts,
  });
  const lines = Array.from({ length: rate * seconds }, (_, i) => {
    const account = accounts[i % accounts.length]!;
    const turn = Math.floor(i / accounts.length) + 1;
    return `${account.msisdn};${turn};${authorization(account, nonces[i % accounts.length]!, turn)}`;
  });
  writeFileSync(join(folder, 'register.csv'), ['SEQUENTIAL', ...lines, ''].join('\n'));
  const [port = 0] = await freePorts(1, '127.0.0.1');
  const sipp = await caller(server, 'register', folder, { port, rate, calls: lines.length });
  await sipp.end;
  const figures = statistics(folder, 'register');
  return row('sipp-register', rate, figures, figures.retransmissions);
}

/** One account texts many others, all of which are one SIPp. */
async function messages(server: LoadedServer, folder: string, options: SippOptions): Promise<SippRow> {
  const { client, seconds, messagesPerSecond: rate } = options;
  const [sender, ...recipients] = server.accounts as [LoadAccount, ...LoadAccount[]];
  const [port = 0, far = 0] = await freePorts(2, '127.0.0.1');
  const place = server.place('udp');
  await client.perform({ kind: 'register-at', server: place, accounts: [sender], port });
  await client.perform({ kind: 'register-at', server: place, accounts: recipients, port: far });
  const lines = recipients.map(({ msisdn }) => msisdn);
  writeFileSync(join(folder, 'send-message.csv'), ['SEQUENTIAL', ...lines, ''].join('\n'));
  const calls = rate * seconds;
  const taker = await start(folder, 'take-message', ['-p', String(far), '-m', String(calls)]);
  const sipp = await caller(server, 'send-message', folder, { port, rate, calls, service: sender.msisdn });
  await sipp.end;
  await taker.end;
  const [sent, taken] = [statistics(folder, 'send-message'), statistics(folder, 'take-message')];
  return row(
    'sipp-message',
    rate,
    { ...sent, done: Math.min(sent.done, taken.done), failed: sent.failed + taken.failed },
    sent.retransmissions + taken.retransmissions,
  );
}

function caller(
  server: LoadedServer,
  scenario: string,
  folder: string,
  load: { readonly port: number; readonly rate: number; readonly calls: number; readonly service?: string },
): Promise<RunningProgram> {
  const { host, port } = server.place('udp');
  const flags = ['-r', String(load.rate), '-m', String(load.calls), '-l', '15000', '-inf', `${scenario}.csv`];
  const names = ['-key', 'domain', server.domain, '-s', load.service ?? 'nobody'];
  return start(folder, scenario, [`${host}:${port}`, '-p', String(load.port), ...flags, ...names]);
}

async function start(folder: string, scenario: string, args: readonly string[]): Promise<RunningProgram> {
  const common = ['-sf', join(SCENARIOS, `${scenario}.xml`), '-i', '127.0.0.1', '-t', 'u1', '-nostdin'];
  const told = [
    '-trace_stat',
    '-stf',
    `${scenario}.stat.csv`,
    '-fd',
    '1',
    '-timeout',
    '60s',
    '-buff_size',
    '4000000',
  ];
  const program = await runProgram('sipp', [...args, ...common, ...told], folder);
  if (program === undefined) throw new Error('SIPp is gone');
  return program;
}

interface Statistics {
  readonly done: number;
  readonly failed: number;
  readonly perSecond: number;
  readonly retransmissions: number;
}

/** The last line of what `-trace_stat` writes; `(C)` are sums since the start. */
function statistics(folder: string, scenario: string): Statistics {
  const lines = readFileSync(join(folder, `${scenario}.stat.csv`), 'utf8')
    .trim()
    .split('\n');
  const names = lines[0]!.split(';');
  const last = lines.at(-1)!.split(';');
  const value = (name: string) => Number(last[names.indexOf(name)] ?? Number.NaN);
  return {
    done: value('SuccessfulCall(C)'),
    failed: value('FailedCall(C)'),
    perSecond: value('CallRate(C)'),
    retransmissions: value('Retransmissions(C)'),
  };
}

function row(op: SippRow['op'], wanted: number, figures: Statistics, retransmissions: number): SippRow {
  return {
    op,
    transport: 'udp',
    wanted_per_s: wanted,
    reached_per_s: Math.round(figures.perSecond),
    done: figures.done,
    failed: figures.failed,
    retransmissions,
  };
}
