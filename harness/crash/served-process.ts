/** A server in a process of its own, that can be killed without warning and started again on what it stored. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { ServedDescriptor } from '../serve/descriptor.ts';

const PARLEY = join(import.meta.dirname, '../cli/parley.ts');

/** Between two lives another program may have one of its ports for a moment, as the source of a connection. */
const PORT_TRIES = 5;

export interface ServedProcessOptions {
  readonly state: string;
  readonly carriers: readonly string[];
  readonly more?: readonly string[];
}

export class ServedProcess {
  readonly #options: ServedProcessOptions;
  #child: ChildProcess | undefined;
  #said = '';

  constructor(options: ServedProcessOptions) {
    this.#options = options;
  }

  /** What it wrote on standard error in all its lives. */
  get said(): string {
    return this.#said;
  }

  /** Resolves when it listens. Rejects when it ends before. */
  async start(): Promise<ServedDescriptor> {
    for (let tries = 1; ; tries += 1) {
      const saidBefore = this.#said.length;
      const descriptor = await this.#startOnce();
      if (descriptor !== undefined) return descriptor;
      const why = this.#said.slice(saidBefore);
      if (!why.includes('EADDRINUSE') || tries === PORT_TRIES)
        throw new Error(`the server did not start: ${this.#said}`);
    }
  }

  /** `undefined` when it ended before it listened. */
  async #startOnce(): Promise<ServedDescriptor | undefined> {
    const { state, carriers, more = [] } = this.#options;
    const named = carriers.flatMap((carrier) => ['--carrier', carrier]);
    const args = [PARLEY, 'serve', '--json', '--port-base', '0', '--state', state, ...named, ...more];
    const child = spawn(process.execPath, args, {
      stdio: ['ignore', 'pipe', 'pipe'],
      // Modules are compiled once for all lives.
      env: { ...process.env, NODE_COMPILE_CACHE: join(state, 'compiled') },
    });
    this.#child = child;
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.#said = `${this.#said}${text}`.slice(-100_000);
    });
    const lines = createInterface({ input: child.stdout });
    const [line] = (await Promise.race([once(lines, 'line'), once(child, 'exit').then(() => [])])) as [
      string?,
    ];
    return line === undefined ? undefined : (JSON.parse(line) as ServedDescriptor);
  }

  /** SIGKILL; resolves when it is gone. */
  kill(): Promise<number | null> {
    return this.signal('SIGKILL');
  }

  /** Sends a signal that ends it; resolves to its exit code. */
  async signal(signal: NodeJS.Signals): Promise<number | null> {
    const child = this.#child;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null)
      return child?.exitCode ?? null;
    const gone = once(child, 'exit');
    child.kill(signal);
    const [code] = (await gone) as [number | null];
    return code;
  }

  /** Sends a signal that does not end it. */
  tell(signal: NodeJS.Signals): void {
    this.#child?.kill(signal);
  }
}
