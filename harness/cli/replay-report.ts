import { firstDeviation } from '../../reports/first-deviation.ts';
import type { CellResult, Failure } from '../../reports/result.ts';
import { stepLabel } from '../../reports/step-label.ts';
import { LADDER_HEAD, type LadderLine, textLadder } from '../../reports/text-ladder.ts';
import { canaryNews } from '../run/news.ts';
import type { Comparison, Replay } from '../run/replay.ts';
import { type Paint, type Terminal, table } from './terminal.ts';

const ROOT = '>>';
const OTHER = '>';

/** What `replay` says: the verdict with its root cause, the steps, the frames, and how the trace stands to the recorded one. */
export function replayReport(replay: Replay, { paint, width }: Terminal): string {
  const { cell, result, trace, comparison, tracePath } = replay;
  const marks = new Map(result.failures.map(({ blame }) => [blame.entry, OTHER]));
  const root = result.failures[0];
  if (root !== undefined) marks.set(root.blame.entry, ROOT);
  const ladder = textLadder(trace, { marks, width });
  const deviation = firstDeviation(trace, result.failures);
  const headline = verdictLine(result, paint);
  return [
    `${paint('bold', cell.id)}\n${cell.scenario.title}, seed ${cell.seed.replace(`/${cell.id}`, '')}\n\n`,
    `${headline}\n`,
    root === undefined ? judgedBy(result) : rootCause(root, replay, ladder, deviation, paint),
    othersText(result.failures.slice(1), root),
    `\n${paint('bold', 'Steps')}\n`,
    stepsText(replay, deviation),
    `\n${paint('bold', 'Frames')}  -> arrived, -x did not${marks.size > 0 ? `; ${ROOT} the root cause, ${OTHER} shows another failure` : ''}\n`,
    `${[LADDER_HEAD, ...ladder.map(({ text }) => text)].join('\n')}\n\n`,
    `${compared(comparison, result.nondeterministic)}\nTrace: ${tracePath}\nFor Wireshark: npx parley capture ${tracePath}\n`,
    root === undefined ? '' : `${headline}; the root cause is entry #${root.blame.entry}\n`,
  ].join('');
}

function verdictLine(result: CellResult, paint: Paint): string {
  const { canary, outcome, reason, failures } = result;
  const first = failures[0];
  const cause = first === undefined ? reason : `${first.rule}, ${first.blame.side} is to blame`;
  if (canary?.caught === true)
    return `${paint('green', 'as planned')}: ${cause} (a canary: the fault is planted)`;
  const missed = canaryNews(result);
  if (missed !== undefined) return paint('red', missed);
  const colour = outcome === 'passed' ? 'green' : outcome === 'failed' ? 'red' : 'yellow';
  return `${paint(colour, outcome)}${cause === undefined ? '' : `: ${cause}`}`;
}

function judgedBy({ rules }: CellResult): string {
  return table(Object.entries(rules).map(([subject, rule]) => [`  ${subject}`, rule]));
}

function rootCause(
  { rule, clause, stepIndex, expected, actual, blame }: Failure,
  { cell }: Replay,
  ladder: readonly LadderLine[],
  deviation: number | undefined,
  paint: Paint,
): string {
  const step = (index: number) => {
    const data = cell.steps[index];
    return data === undefined ? `${index}, the end` : `${index}, ${stepLabel(data)}`;
  };
  const at = deviation ?? stepIndex;
  const rows = [
    ['rule', rule],
    ['clause', clause],
    ['step', `${step(at)}${at === stepIndex ? '' : `; judged at step ${step(stepIndex)}`}`],
    ['expected', expected],
    ['actual', actual],
    ['to blame', blame.side],
    ['evidence', `entry #${blame.entry}: ${blame.evidence}`],
  ];
  const shown = ladder.find(({ n }) => n === blame.entry)?.text;
  const line = shown === undefined ? '' : `${LADDER_HEAD}\n${shown}\n`;
  return `\n${paint('bold', 'Root cause')} (the earliest failure)\n${table(rows.map((row) => ['', ...row]))}${line}`;
}

/** What the blamed side's first deviation also broke; failures for which another side is to blame stand apart. */
function othersText(others: readonly Failure[], root: Failure | undefined): string {
  const [same, apart] = [true, false].map((wanted) =>
    others.filter(({ blame }) => (blame.side === root?.blame.side) === wanted),
  );
  const lines = (failures: readonly Failure[], title: string) => {
    const rows = failures.map(({ stepIndex, rule, expected, actual, blame }) => [
      '',
      `step ${stepIndex}`,
      `#${blame.entry}`,
      blame.side,
      rule,
      `${expected}; but ${actual}`,
    ]);
    return rows.length === 0 ? '' : `\n${title}\n${table(rows)}`;
  };
  return lines(same!, 'Also broken by it') + lines(apart!, 'Also found');
}

/** Only where the case first left its path is marked: what fails after that may merely follow from it. */
function stepsText({ cell }: Replay, deviation: number | undefined): string {
  return table(
    cell.steps.map((step, index) => [
      index === deviation ? ROOT : '  ',
      String(index).padStart(2),
      `${stepLabel(step)}${index === deviation ? '   <- the first deviation' : ''}`,
    ]),
  );
}

function compared(comparison: Comparison, nondeterministic: string | undefined): string {
  switch (comparison.kind) {
    case 'nothing-to-compare':
      return 'No trace.jsonl beside the case file to compare with.';
    case 'identical':
      return `Byte-identical to the recorded trace (${comparison.bytes} bytes).`;
    case 'different':
      if (nondeterministic !== undefined)
        return `Differs from the recorded trace, as it may: ${nondeterministic}.`;
      return `DIFFERS from the recorded trace from line ${comparison.line}:\n  recorded ${shorter(comparison.recorded)}\n  now      ${shorter(comparison.now)}`;
  }
}

function shorter(line: string): string {
  return line === '' ? '(end of the trace)' : line.length > 160 ? `${line.slice(0, 159)}…` : line;
}
