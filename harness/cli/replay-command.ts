import { stepLabel } from '../../reports/step-label.ts';
import { textLadder } from '../../reports/text-ladder.ts';
import { loadRuntime } from '../run/load-runtime.ts';
import { type Comparison, type Replay, replayFile } from '../run/replay.ts';
import { type Context, matrixIn } from './context.ts';
import { json, type Terminal, table } from './terminal.ts';

export interface ReplayFlags {
  readonly out?: string;
  readonly json?: boolean;
  readonly matrix?: string;
}

/** `parley replay FILE`: exit 0 when the case passes (or a canary is caught), 1 when it fails, 2 when it could not be run. */
export async function replayCommand(
  file: string,
  flags: ReplayFlags,
  { terminal, runtime }: Context,
): Promise<number> {
  const { expectations } = matrixIn(flags.matrix);
  const replay = await replayFile(file, flags.out, expectations, await loadRuntime(runtime));
  const { result, comparison, tracePath } = replay;
  if (flags.json === true) terminal.out(json({ result, comparison, tracePath }));
  else tell(replay, terminal);
  if (result.outcome === 'infra-error' || result.outcome === 'not-run') return 2;
  return result.canary === undefined ? Number(result.outcome === 'failed') : Number(!result.canary.caught);
}

function tell({ cell, result, trace, tracePath, comparison }: Replay, { out, paint, width }: Terminal): void {
  out(`${paint('bold', cell.id)}\n${cell.scenario.title}, seed ${cell.seed}\n\n`);
  const failed = new Set(result.failures.map(({ stepIndex }) => stepIndex));
  out(
    table(
      cell.steps.map((step, index) => [
        `  ${failed.has(index) ? 'x' : ' '}`,
        String(index).padStart(2),
        stepLabel(step),
      ]),
    ),
  );
  const evidence = new Set(result.failures.map(({ blame }) => blame.entry));
  out(`\n${textLadder(trace, { evidence, width }).join('\n')}\n\n`);

  const good = result.outcome === 'passed' || result.canary?.caught === true;
  out(
    `${paint(good ? 'green' : result.outcome === 'failed' ? 'red' : 'yellow', result.outcome)}${result.reason === undefined ? '' : `: ${result.reason}`}\n`,
  );
  if (result.canary !== undefined) {
    out(
      `a canary, planted to fail by ${result.canary.rule} with ${result.canary.side} to blame: ${result.canary.caught ? 'caught' : 'missed'}\n`,
    );
  }
  for (const failure of result.failures) {
    out(
      table([
        ['  rule', `${failure.rule} (${failure.clause}), at step ${failure.stepIndex}`],
        ['  expected', failure.expected],
        ['  actual', failure.actual],
        ['  blame', `${failure.blame.side}, trace entry ${failure.blame.entry}: ${failure.blame.evidence}`],
      ]),
    );
  }
  if (result.failures.length === 0)
    out(table(Object.entries(result.rules).map(([subject, rule]) => [`  ${subject}`, rule])));
  out(`${compared(comparison)}\nTrace: ${tracePath}\n`);
}

function compared(comparison: Comparison): string {
  switch (comparison.kind) {
    case 'nothing-to-compare':
      return 'No trace.jsonl beside the case file to compare with.';
    case 'identical':
      return `Byte-identical to the recorded trace (${comparison.bytes} bytes).`;
    case 'different':
      return `DIFFERS from the recorded trace from line ${comparison.line}:\n  recorded ${shorter(comparison.recorded)}\n  now      ${shorter(comparison.now)}`;
  }
}

function shorter(line: string): string {
  return line === '' ? '(end of the trace)' : line.length > 160 ? `${line.slice(0, 159)}…` : line;
}
