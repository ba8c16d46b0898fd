import { CommanderError } from 'commander';
import { ConditionError, MatrixError } from '../../matrix/index.ts';
import { EnginesError } from '../run/load-engines.ts';
import { RUNTIME_URL } from '../run/load-runtime.ts';
import { UsageError } from '../run/usage-error.ts';
import { program } from './program.ts';
import type { Terminal } from './terminal.ts';

/** sysexits.h EX_USAGE. */
const USAGE = 64;
const BROKEN = 2;

/**
 * Runs one command line (without `node` and the script) and resolves to the exit code. Whatever goes wrong is told
 * on `terminal.err`, a line for each mistake. `runtime` is the URL of the module that runs and judges cells.
 */
export async function main(
  argv: readonly string[],
  terminal: Terminal,
  runtime: string = RUNTIME_URL,
): Promise<number> {
  let code = 0;
  try {
    const root = program({ terminal, runtime }, (result) => {
      code = result;
    });
    await root.parseAsync([...argv], { from: 'user' });
    return code;
  } catch (error) {
    return tell(error, terminal);
  }
}

function tell(error: unknown, { err }: Terminal): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : USAGE;
  const usage = error instanceof UsageError;
  const broken = [MatrixError, ConditionError, EnginesError].some((kind) => error instanceof kind);
  if (error instanceof Error && (usage || broken)) {
    for (const line of error.message.split('\n')) err(`parley: ${line}\n`);
    return usage ? USAGE : BROKEN;
  }
  const [text, stack] =
    error instanceof Error ? [`${error.name}: ${error.message}`, error.stack] : [String(error), ''];
  err(`parley: internal error: ${text.replace(/\s*\n\s*/g, ' ')} (PARLEY_DEBUG=1 shows where)\n`);
  if (process.env['PARLEY_DEBUG'] === '1') err(`${stack}\n`);
  return BROKEN;
}
