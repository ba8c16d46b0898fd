import { readFileSync } from 'node:fs';

/** What a process of this machine uses; undefined where the machine does not tell (it has no /proc). */
export interface ProcessUse {
  /** User and system time since its start, milliseconds, in steps of 10. */
  readonly cpuMs: number;
  /** Memory of its own in RAM, octets. */
  readonly residentOctets: number;
}

/** Linux counts ticks of 10 ms for every program, whatever the kernel's own are (man 5 proc). */
const TICK_MS = 10;

export function processUse(pid: number): ProcessUse | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The second field is a name in brackets that may hold anything; utime is the 12th after it.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const ticks = Number(fields[11]) + Number(fields[12]);
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    const kilobytes = Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1] ?? Number.NaN);
    return { cpuMs: ticks * TICK_MS, residentOctets: kilobytes * 1024 };
  } catch {
    return undefined;
  }
}
