/** SIPp with the scenarios of this folder, as the account of a served carrier. */
import { spawn } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { freePorts } from '../../../harness/ports/free-ports.ts';
import type { ServedDescriptor } from '../../../harness/serve/descriptor.ts';
import { tlsBridge } from './tls-bridge.ts';

export type SippTransport = 'udp' | 'tcp' | 'tls';

/** SIPp's exit codes: every call went as its scenario has it; a scenario ended SIPp itself. */
export const SIPP = { allWell: 0, endedByScenario: 97 } as const;

export interface SippOptions {
  readonly descriptor: ServedDescriptor;
  /** Name of the account. */
  readonly as: string;
  readonly transport: SippTransport;
  readonly scenario: string;
  /** Scenario for requests that begin a dialog or transaction of their own. */
  readonly answers?: string;
  /** Number that the scenario is for. */
  readonly to?: string;
  /** For logs and the scenarios of TLS. */
  readonly folder: string;
}

export interface SippResult {
  readonly code: number | null;
  /** What SIPp found wrong. */
  readonly errors: string;
}

const SCENARIOS = new URL('..', import.meta.url).pathname;
const ADDRESS = '127.0.0.1';
let runs = 0;

/** Resolves when SIPp has ended. */
export async function sipp(options: SippOptions): Promise<SippResult> {
  const { descriptor, transport, scenario, answers, to, folder } = options;
  runs += 1;
  const carrier = descriptor.carriers.find(({ accounts }) =>
    accounts.some(({ name }) => name === options.as),
  )!;
  const account = carrier.accounts.find(({ name }) => name === options.as)!;
  const served = carrier.sip.find((one) => one.transport === transport)!.port;
  const target = transport === 'tls' ? await tlsBridge(served, readFileSync(descriptor.ca, 'utf8')) : served;
  const [port] = await freePorts(1, ADDRESS);
  const errors = join(folder, `errors-${runs}.log`);
  const file = (name: string) => scenarioFile(name, transport, folder);
  const child = spawn(
    'sipp',
    [
      ...[`${ADDRESS}:${target}`, '-t', transport === 'udp' ? 'u1' : 't1', '-i', ADDRESS, '-p', String(port)],
      ...['-sf', file(scenario), ...(answers === undefined ? [] : ['-oocsf', file(answers)])],
      ...['-s', account.msisdn, '-au', account.privateIdentity, '-ap', account.password],
      // Without, SIPp computes its digest over the address that it sends to, which is not the Request-URI.
      ...['-auth_uri', account.domain, '-key', 'domain', account.domain],
      ...(to === undefined ? [] : ['-key', 'to', to]),
      ...['-m', '1', '-nostdin', '-trace_err', '-error_file', errors],
    ],
    { cwd: folder, stdio: 'ignore' },
  );
  onTestFinished(() => void child.kill('SIGKILL'));
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', resolve);
  });
  return { code, errors: read(errors) };
}

/** Debian's SIPp has no TLS: it speaks TCP to a bridge, and its headers name the transport that the carrier sees. */
function scenarioFile(name: string, transport: SippTransport, folder: string): string {
  const original = join(SCENARIOS, `${name}.xml`);
  if (transport !== 'tls') return original;
  const path = join(folder, `${name}-tls.xml`);
  writeFileSync(path, readFileSync(original, 'utf8').replaceAll('[transport]', 'TLS'));
  return path;
}

/** Without what SIPp logs of requests that went as planned. */
function read(path: string): string {
  if (!existsSync(path)) return '';
  return readFileSync(path, 'utf8')
    .replace(/^The following events occurred:\n/, '')
    .replace(/^.*Received out-of-call \w+ message, using the out-of-call scenario\n?$/gm, '');
}
