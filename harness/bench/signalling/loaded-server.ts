import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { ServedProcess } from '../../crash/served-process.ts';
import type { LoadTransport } from '../../ports/load-socket.ts';
import { type ProcessUse, processUse } from '../../ports/process-use.ts';
import type { ServedDescriptor } from '../../serve/descriptor.ts';
import type { Place } from './load-job.ts';
import type { LoadAccount } from './load-phone.ts';

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

  static async start(options: {
    readonly accounts: number;
    readonly limits?: object;
  }): Promise<LoadedServer> {
    const folder = mkdtempSync(join(tmpdir(), 'parley-bench-'));
    const carrier = join(folder, 'bench.yaml');
    writeFileSync(carrier, stringify({ ...carrierFile(options.accounts), limits: options.limits }));
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

/** As `parley serve` serves it unless told otherwise, but for its accounts. */
function carrierFile(accounts: number): object {
  return {
    name: 'bench',
    universalProfile: '3.0',
    e2ee: { enabled: true },
    acs: { version: 1, validity: '7d' },
    signalling: { transports: ['tls', 'tcp', 'udp'], auth: 'digest-sha256', expires: '1h' },
    media: 'all',
    services: { chat: true, storeAndForward: '7d', pagerMaxSize: 65_536 },
    interworking: { sms: true },
    interconnect: { transport: 'tls', stripFeatureTags: [] },
    accounts: Array.from({ length: accounts }, (_, i) => ({ name: `phone-${i}` })),
  };
}
