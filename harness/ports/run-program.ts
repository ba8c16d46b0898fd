import { spawn } from 'node:child_process';

export interface ProgramEnd {
  /** Null when a signal ended it. */
  readonly code: number | null;
  /** The end of what it said on both of its outputs. */
  readonly said: string;
}

export interface RunningProgram {
  readonly end: Promise<ProgramEnd>;
  stop(signal: NodeJS.Signals): void;
}

/** Undefined when the machine has no such program. */
export async function runProgram(
  name: string,
  args: readonly string[],
  folder: string,
): Promise<RunningProgram | undefined> {
  const child = spawn(name, [...args], { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] });
  const isThere = await new Promise<boolean>((resolve) => {
    child.once('spawn', () => resolve(true));
    child.once('error', () => resolve(false));
  });
  if (!isThere) return undefined;
  let said = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      said = `${said}${text}`.slice(-10_000);
    });
  }
  const end = new Promise<ProgramEnd>((resolve) => child.once('exit', (code) => resolve({ code, said })));
  return { end, stop: (signal) => void child.kill(signal) };
}
