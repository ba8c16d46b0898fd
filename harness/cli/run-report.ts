import { join } from 'node:path';
import { type CellResult, OUTCOMES, type Outcome } from '../../reports/result.ts';
import type { FinishedRun } from '../run/finish-run.ts';
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
    : `npx parley replay ${join(shownPath(folder), result.casePath)}${result.network === undefined ? '' : ` --network ${result.network}`}`;
}

/** What `run` says at its end: counts, canaries, the worst news with what reproduces them, where the report is. */
export function runReport(run: FinishedRun, paint: Paint): string {
  const { summary } = run;
  const counts = OUTCOMES.map((outcome) => {
    const count = String(summary.counts[outcome]).padStart(6);
    const colour = OUTCOME_COLOUR[outcome];
    return ['', outcome, summary.counts[outcome] > 0 && colour !== undefined ? paint(colour, count) : count];
  });
  const why = (outcome: Outcome) => reasonsText(run, outcome);
  const { planted, caught } = summary.canaries;
  const canaries = `${caught} of ${planted} caught`;
  return [
    '\n',
    table([...counts, ['', 'canaries', `     ${caught === planted ? canaries : paint('red', canaries)}`]]),
    '\n',
    why('unsupported'),
    why('skipped'),
    nondeterministicText(run),
    newsText(run, paint),
    incompleteText(run, paint),
    partText(run),
    `Report: ${join(shownPath(run.folder), 'index.html')}  (${(summary.wallMs / 1000).toFixed(1)} s, seed ${summary.seed})\n`,
  ].join('');
}

/** A replay of these cells judges them again, in other bytes. */
function nondeterministicText({ results }: FinishedRun): string {
  const cells = results.flatMap(({ nondeterministic }) => nondeterministic ?? []);
  const reasons = [...Map.groupBy(cells, (reason) => reason)];
  if (reasons.length === 0) return '';
  const rows = reasons.map(([reason, { length }]) => [String(length).padStart(6), reason]);
  return `Not deterministic because\n${table(rows)}\n`;
}

function newsText(run: FinishedRun, paint: Paint): string {
  const news = [...run.summary.news].sort((a, b) => weight(a.what) - weight(b.what));
  if (news.length === 0)
    return `${run.summary.exitCode === 0 ? paint('green', 'No news: nothing new failed.') : 'No news: nothing new failed, but the run is incomplete.'}\n`;
  const byId = new Map(run.results.map((result) => [result.id, result]));
  const stories = [...Map.groupBy(news, ({ what }) => what)];
  const told = stories.slice(0, TOLD).map(([what, items]) => {
    const { id } = items[0]!;
    const result = byId.get(id);
    const command = result && replayCommand(run.folder, result);
    const others = items.length > 1 ? `    and ${items.length - 1} more of the same cause\n` : '';
    const evidence = result?.blame === undefined ? '' : `    ${result.blame.evidence}\n`;
    return `  ${paint('red', what)}\n    ${id}\n${evidence}${command === undefined ? '' : `    ${command}\n`}${others}`;
  });
  const rest = stories.length > TOLD ? `  and ${stories.length - TOLD} more, in summary.json\n` : '';
  return `${paint('bold', `News: ${news.length}`)}\n${told.join('')}${rest}\n`;
}

/** Why cells came out as `outcome`, the most frequent reasons first. */
function reasonsText({ results }: FinishedRun, outcome: Outcome): string {
  const cells = results.filter((result) => result.outcome === outcome && result.canary === undefined);
  const reasons = [...Map.groupBy(cells, ({ reason }) => reason ?? '')].sort(
    ([, a], [, b]) => b.length - a.length,
  );
  if (reasons.length === 0) return '';
  const rows = reasons.slice(0, TOLD).map(([reason, all]) => ['', String(all.length).padStart(4), reason]);
  const rest = reasons.length > TOLD ? `        and for other reasons: ${reasons.length - TOLD} more\n` : '';
  return `${capitalised(outcome)} because\n${table(rows)}${rest}\n`;
}

/** A run of a part looks like any other afterwards, also behind `latest`. */
function partText({ folder, summary: { filter, shard } }: FinishedRun): string {
  const parts = [filter !== undefined && `filter ${filter}`, shard !== undefined && `shard ${shard}`];
  const told = parts.filter((part) => part !== false).join(', ');
  if (told === '') return '';
  return `Only a part of the plan: ${told}. ${join(shownPath(folder), '..', 'latest')} leads to it until the next run.\n`;
}

const capitalised = (text: string): string => `${text.slice(0, 1).toUpperCase()}${text.slice(1)}`;

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
