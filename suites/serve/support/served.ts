/** Servers for tests, in this process or one of their own, each on ports and a state of its own. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { HostDirectory } from '../../../emulators/network/sockets/host-directory.ts';
import { SocketNetwork } from '../../../emulators/network/sockets/socket-network.ts';
import { systemClock } from '../../../emulators/network/sockets/system-clock.ts';
import { systemRandom } from '../../../emulators/network/sockets/system-random.ts';
import { DrillPhone } from '../../../harness/crash/drill-phone.ts';
import { ServedProcess } from '../../../harness/crash/served-process.ts';
import { carrierFiles } from '../../../harness/serve/carrier-files.ts';
import type { ServedDescriptor } from '../../../harness/serve/descriptor.ts';
import { type RunningServer, type ServeOptions, startServer } from '../../../harness/serve/server.ts';
import type { TransportProtocol } from '../../../stack/platform.ts';

export const LAB = new URL('../../../harness/serve/carriers/lab.yaml', import.meta.url);

/** Gone when the test is over. */
export function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'parley-serve-'));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

/** The lab's carrier file with more lines; returns its path. */
export function carrierFile(into: string, name: string, ...lines: string[]): string {
  mkdirSync(into, { recursive: true });
  const path = join(into, `${name}.yaml`);
  writeFileSync(
    path,
    `${readFileSync(LAB, 'utf8').replace('name: lab', `name: ${name}`)}${lines.join('\n')}\n`,
  );
  return path;
}

export async function serve(options: Partial<ServeOptions> = {}): Promise<RunningServer> {
  const server = await startServer({
    carriers: carrierFiles(['lab']),
    state: folder(),
    bind: ['127.0.0.1'],
    address: '127.0.0.1',
    portBase: 0,
    ...options,
  });
  onTestFinished(() => server.stop());
  return server;
}

/** A server in its own process, and what it said first. */
export async function serveApart(carriers: readonly string[], more: readonly string[] = []) {
  const state = folder();
  const server = new ServedProcess({ state, carriers, more });
  onTestFinished(async () => {
    await server.kill();
  });
  return { server, state, descriptor: await server.start() };
}

/** A SIP phone of an account, at the address of its bearer or at another one. */
export function phone(
  descriptor: ServedDescriptor,
  name: string,
  transport: TransportProtocol,
  at: { readonly from?: string; readonly to?: string; readonly answerAfter?: () => number } = {},
): DrillPhone {
  const carrier = descriptor.carriers.find(({ accounts }) => accounts.some((one) => one.name === name))!;
  const account = carrier.accounts.find((one) => one.name === name)!;
  const directory = new HostDirectory();
  // An address that the server has too is no name of the phone.
  if (at.from !== undefined) directory.set('server.example', { address: at.from });
  const network = new SocketNetwork({
    clock: systemClock,
    directory,
    authorities: [readFileSync(descriptor.ca, 'utf8')],
  });
  const made = new DrillPhone({
    clock: systemClock,
    random: systemRandom,
    network: network.addHost(account.host, { address: at.from ?? account.bearer, realPort: (port) => port }),
    account,
    transport,
    server: {
      host: at.to ?? carrier.addresses[0]!,
      port: carrier.sip.find((one) => one.transport === transport)!.port,
    },
    answerAfter: at.answerAfter ?? (() => 0),
  });
  onTestFinished(async () => {
    made.close();
    await network.close();
  });
  return made;
}

export const numberOf = (descriptor: ServedDescriptor, name: string): string =>
  descriptor.carriers.flatMap(({ accounts }) => accounts).find((account) => account.name === name)!.msisdn;

export const NOW = '2026-01-01T00:00:00.000Z';

/** Resolves when `done`; rejects when it takes longer than 20 s. */
export async function until(done: () => boolean, what: string): Promise<void> {
  const end = systemClock.now() + 20_000;
  while (!done()) {
    if (systemClock.now() > end) throw new Error(`in vain: ${what}`);
    await new Promise<void>((resolve) => void systemClock.setTimer(10, resolve));
  }
}
