import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';
import { ServedProcess } from '../../crash/served-process.ts';
import type { LoadTransport } from '../../ports/load-socket.ts';
import { type ProcessUse, processUse } from '../../ports/process-use.ts';
import type { ServedDescriptor } from '../../serve/descriptor.ts';
import type { Place } from './load-job.ts';
import type { LoadAccount } from './load-phone.ts';

const LAB = join(import.meta.dirname, '../../serve/carriers/lab.yaml');

export interface LoadedServerOptions {
  readonly accounts: number;
  /** As in carrier files. */
  readonly limits?: object;
}

/** `parley serve` in a process and a state folder of its own, with as many accounts as are wanted. */
export class LoadedServer {
  readonly accounts: readonly LoadAccount[];
  /** Roots of trust, PEM. */
  readonly authorities: readonly string[];
  readonly #carrier: ServedDescriptor['carriers'][number];
  readonly #pid: number;
  readonly #stop: () => Promise<void>;

  private constructor(descriptor: ServedDescriptor, stop: () => Promise<void>) {
    this.#carrier = descriptor.carriers[0]!;
    this.accounts = this.#carrier.accounts;
    this.authorities = [readFileSync(descriptor.ca, 'utf8')];
    this.#pid = descriptor.pid;
    this.#stop = stop;
  }

  static async start(options: LoadedServerOptions): Promise<LoadedServer> {
    const folder = mkdtempSync(join(tmpdir(), 'parley-bench-'));
    const carrier = join(folder, 'bench.yaml');
    writeFileSync(carrier, stringify(carrierFile(options)));
    const server = new ServedProcess({ state: join(folder, 'state'), carriers: [carrier] });
    const stop = async () => {
      await server.signal('SIGTERM');
      rmSync(folder, { recursive: true, force: true });
    };
    try {
      return new LoadedServer(await server.start(), stop);
    } catch (error) {
      await stop();
      throw error;
    }
  }

  get domain(): string {
    return this.#carrier.domain;
  }

  place(transport: LoadTransport): Place {
    const port = this.#carrier.sip.find((one) => one.transport === transport)!.port;
    return { host: this.#carrier.addresses[0]!, port };
  }

  use(): ProcessUse | undefined {
    return processUse(this.#pid);
  }

  /** Resolves when it is gone with all that it kept. */
  stop(): Promise<void> {
    return this.#stop();
  }
}

/** What `parley serve` serves unless told otherwise, with digests of one kind and accounts of its own. */
function carrierFile({ accounts, limits }: LoadedServerOptions): object {
  const lab = parse(readFileSync(LAB, 'utf8'));
  return {
    ...lab,
    name: 'bench',
    signalling: { ...lab.signalling, auth: 'digest-sha256' },
    accounts: Array.from({ length: accounts }, (_, i) => ({ name: `phone-${i}` })),
    ...(limits && { limits }),
  };
}
