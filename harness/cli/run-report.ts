import { join } from 'node:path';
import { type CellResult, OUTCOMES } from '../../reports/result.ts';
import type { FinishedRun } from '../run/run-plan.ts';
import { shownPath } from '../run/shown-path.ts';
import { type Colour, type Paint, table } from './terminal.ts';

/** How many stories are told; cells with the same one are told once. */
const TOLD = 5;

const OUTCOME_COLOUR: Readonly<Record<string, Colour>> = {
  passed: 'green',
  failed: 'red',
  'infra-error': 'red',
  'not-run': 'yellow',
};

/** The command that runs a cell again, as one would type it. */
export function replayCommand(folder: string, result: CellResult): string | undefined {
  return result.casePath === undefined
    ? undefined
    : `npx parley replay ${join(shownPath(folder), result.casePath)}`;
}

/** What `run` says at its end: counts, canaries, the worst news with what reproduces them, where the report is. */
export function runReport(run: FinishedRun, paint: Paint): string {
  const { summary } = run;
  const counts = OUTCOMES.map((outcome) => {
    const count = String(summary.counts[outcome]).padStart(6);
    const colour = OUTCOME_COLOUR[outcome];
    return ['', outcome, summary.counts[outcome] > 0 && colour !== undefined ? paint(colour, count) : count];
  });
  const { planted, caught } = summary.canaries;
  const canaries = `${caught} of ${planted} caught`;
  return [
    '\n',
    table([...counts, ['', 'canaries', `     ${caught === planted ? canaries : paint('red', canaries)}`]]),
    '\n',
    newsText(run, paint),
    incompleteText(run, paint),
    `Report: ${join(shownPath(run.folder), 'index.html')}  (${(summary.wallMs / 1000).toFixed(1)} s, seed ${summary.seed})\n`,
  ].join('');
}

function newsText(run: FinishedRun, paint: Paint): string {
  const news = [...run.summary.news].sort((a, b) => weight(a.what) - weight(b.what));
  if (news.length === 0)
    return `${run.summary.exitCode === 0 ? paint('green', 'No news.') : 'No news, but the run is incomplete.'}\n`;
  const byId = new Map(run.results.map((result) => [result.id, result]));
  const stories = [...Map.groupBy(news, ({ what }) => what)];
  const told = stories.slice(0, TOLD).map(([what, items]) => {
    const { id } = items[0]!;
    const result = byId.get(id);
    const command = result && replayCommand(run.folder, result);
    const others = items.length > 1 ? `    and ${items.length - 1} more like it\n` : '';
    return `  ${paint('red', what)}\n    ${id}\n${command === undefined ? '' : `    ${command}\n`}${others}`;
  });
  const rest = stories.length > TOLD ? `  and ${stories.length - TOLD} more, in summary.json\n` : '';
  return `${paint('bold', `News: ${news.length}`)}\n${told.join('')}${rest}\n`;
}

/** A missed canary first: while it lasts, no other result can be trusted. */
function weight(what: string): number {
  return what.startsWith('canary') ? 0 : what.startsWith('new failure') ? 1 : 2;
}

function incompleteText(run: FinishedRun, paint: Paint): string {
  const broken = run.results.filter(
    (result) => result.outcome === 'infra-error' && result.known === undefined,
  );
  const first = broken[0];
  if (first === undefined) return '';
  const command = replayCommand(run.folder, first) ?? '';
  return `${paint('bold', `Infra-errors: ${broken.length}`)}, the first:\n  ${paint('red', first.reason ?? '')}\n    ${first.id}\n    ${command}\n\n`;
}
