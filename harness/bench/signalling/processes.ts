/** The processes of the signalling bench as their parent sees them. */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { LoadTransport } from '../../ports/load-socket.ts';
import type { Job, Told } from './load-job.ts';
import type { LoadedServer } from './loaded-server.ts';

export interface EchoTold {
  readonly ports: Readonly<Record<LoadTransport, number>>;
  /** Root of trust, PEM. */
  readonly authority: string;
}

/** A script of this folder in a process of its own, which answers each message with one. */
class Process {
  readonly #child: ChildProcess;
  readonly #gone: Promise<never>;

  constructor(script: string) {
    this.#child = fork(join(import.meta.dirname, script), { serialization: 'advanced' });
    this.#gone = once(this.#child, 'exit').then(([code]) => {
      throw new Error(`${script} ended with ${code}`);
    });
    this.#gone.catch(() => {
      // Told to whoever waits for an answer.
    });
  }

  get pid(): number {
    return this.#child.pid!;
  }

  async answer(): Promise<object> {
    const [told] = (await Promise.race([once(this.#child, 'message'), this.#gone])) as [object];
    if ('error' in told) throw new Error(String(told.error));
    return told;
  }

  ask(job: Job): Promise<object> {
    const told = this.answer();
    this.#child.send(job);
    return told;
  }

  stop(): void {
    this.#child.kill();
  }
}

export class EchoProcess {
  readonly told: EchoTold;
  readonly #process: Process;

  private constructor(process: Process, told: EchoTold) {
    this.#process = process;
    this.told = told;
  }

  static async start(): Promise<EchoProcess> {
    const process = new Process('echo-main.ts');
    return new EchoProcess(process, (await process.answer()) as EchoTold);
  }

  get pid(): number {
    return this.#process.pid;
  }

  stop(): void {
    this.#process.stop();
  }
}

export class LoadProcess {
  readonly #process = new Process('load-main.ts');

  /** Resolves to what came of it. Rejects with what went wrong there. */
  async perform<T extends Told>(job: Job): Promise<T> {
    return (await this.#process.ask(job)) as T;
  }

  stop(): void {
    this.#process.stop();
  }
}

/** Shares the accounts of the server between the clients and has them all registered. */
export async function openPhones(options: {
  readonly transport: LoadTransport;
  readonly server: LoadedServer;
  readonly clients: readonly LoadProcess[];
  readonly echo?: EchoProcess;
}): Promise<void> {
  const { transport, server, clients, echo } = options;
  // Each process has whole pairs.
  const share = 2 * Math.ceil(server.accounts.length / clients.length / 2);
  await Promise.all(
    clients.map((client, i) =>
      client.perform({
        kind: 'open',
        transport,
        server: server.place(transport),
        authorities: [...server.authorities, ...(echo === undefined ? [] : [echo.told.authority])],
        accounts: server.accounts.slice(i * share, (i + 1) * share),
      }),
    ),
  );
}
