/** What passes served carriers, as a trace: the same entries as of a cell, `t` in milliseconds since the start. */
import type { CarrierEvent } from '../../emulators/carrier/ports.ts';
import type { TappedFrame } from '../../emulators/network/tap.ts';
import type { TraceEntry, WorldEntry } from '../../reports/trace.ts';
import { traceLine } from '../../reports/trace-lines.ts';
import type { Clock } from '../../stack/platform.ts';
import { type LineFile, openLines } from '../ports/trace-file.ts';
import { frameEntry, type Unnumbered } from '../world/trace-recorder.ts';
import { withoutSipSecrets } from './redact-sip.ts';

export class Recording {
  readonly #clock: Clock;
  readonly #startedAt: number;
  readonly #file: LineFile;

  /** Writes `trace.jsonl` in `folder`. */
  constructor(clock: Clock, hosts: WorldEntry['hosts'], folder: string) {
    this.#clock = clock;
    this.#startedAt = clock.now();
    this.#file = openLines(folder, 'trace.jsonl', (lines, n) =>
      this.#line(n, {
        kind: 'error',
        stepIndex: 0,
        message: `${lines} entries are missing: the disk is slow`,
      }),
    );
    this.#add({ kind: 'world', caseId: 'served', seed: '', startMs: this.#startedAt, hosts, markers: {} });
  }

  frame(frame: TappedFrame): void {
    this.#add(withoutSipSecrets(frameEntry(frame)));
  }

  event(side: string, { name, data }: CarrierEvent): void {
    this.#add({ kind: 'event', side, name, data });
  }

  close(): Promise<void> {
    return this.#file.close();
  }

  #add(told: Unnumbered): void {
    this.#file.write((n) => this.#line(n, told));
  }

  #line(n: number, told: Unnumbered): string {
    return traceLine({ n, t: this.#clock.now() - this.#startedAt, ...told } as TraceEntry);
  }
}
