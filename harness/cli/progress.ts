import { SingleBar } from 'cli-progress';
import type { CellResult } from '../../reports/result.ts';
import type { Terminal } from './terminal.ts';

export interface Progress {
  start(cells: number): void;
  cell(result: CellResult): void;
  stop(): void;
}

/** How many cells that went wrong get a line of their own. */
const TOLD = 20;

/** A bar on a live terminal; else a plain line at every tenth and one for each cell that went wrong. */
export function progressOn(terminal: Terminal): Progress {
  return terminal.live ? barProgress() : lineProgress(terminal);
}

/** Canaries must fail; that is nothing gone wrong. */
function wentWrong(result: CellResult): boolean {
  if (result.canary !== undefined) return !result.canary.caught;
  return result.outcome === 'failed' || result.outcome === 'infra-error';
}

function barProgress(): Progress {
  const bar = new SingleBar({
    format: '  {bar} {value}/{total}  {wrong} gone wrong  {duration_formatted}',
    barCompleteChar: '█',
    barIncompleteChar: '░',
    hideCursor: true,
    clearOnComplete: true,
    stopOnComplete: false,
    stream: process.stderr,
  });
  let wrong = 0;
  return {
    start: (cells) => bar.start(cells, 0, { wrong }),
    cell: (result) => {
      if (wentWrong(result)) wrong += 1;
      bar.increment(1, { wrong });
    },
    stop: () => bar.stop(),
  };
}

function lineProgress(terminal: Terminal): Progress {
  let total = 0;
  let done = 0;
  let wrong = 0;
  return {
    start: (cells) => {
      total = cells;
    },
    cell: (result) => {
      done += 1;
      if (wentWrong(result)) {
        wrong += 1;
        if (wrong <= TOLD)
          terminal.err(
            `${result.outcome} ${result.id}: ${result.blame?.evidence ?? result.reason ?? result.rule ?? ''}\n`,
          );
      }
      const tenth = Math.ceil(total / 10);
      if (done % tenth === 0 || done === total) terminal.err(`${done}/${total} done, ${wrong} gone wrong\n`);
    },
    stop: () => {},
  };
}
