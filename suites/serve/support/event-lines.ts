import type { ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';

/** A process whose lines of JSON are awaited one by one. */
export class EventLines<E extends { readonly event: string }> {
  readonly events: E[] = [];
  readonly #process: ChildProcess;
  readonly #waiting = new Set<() => void>();
  #errors = '';

  constructor(process: ChildProcess) {
    this.#process = process;
    process.stderr!.on('data', (text: Buffer) => {
      this.#errors += text.toString();
    });
    createInterface({ input: process.stdout! }).on('line', (line) => {
      this.events.push(JSON.parse(line) as E);
      for (const look of this.#waiting) look();
    });
    process.on('exit', () => {
      for (const look of this.#waiting) look();
    });
  }

  /** The first event that fits; rejects when the process has ended without one. */
  async first(fits: (event: E) => boolean): Promise<E> {
    return new Promise((resolve, reject) => {
      const look = () => {
        const found = this.events.find(fits);
        if (found === undefined && this.#process.exitCode === null) return;
        this.#waiting.delete(look);
        if (found !== undefined) resolve(found);
        else reject(new Error(`ended without it: ${JSON.stringify(this.events)} ${this.#errors}`));
      };
      this.#waiting.add(look);
      look();
    });
  }

  line(text: string): void {
    this.#process.stdin!.write(`${text}\n`);
  }

  /** The end of its input is its sign to go; resolves to its exit code. */
  async end(): Promise<number | null> {
    if (this.#process.exitCode !== null) return this.#process.exitCode;
    const ended = new Promise<number | null>((resolve) => this.#process.once('exit', resolve));
    this.#process.stdin!.end();
    return ended;
  }
}
