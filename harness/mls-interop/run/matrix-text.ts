import { type Paint, table } from '../../cli/terminal.ts';
import type { Script } from '../script/script.ts';
import type { CellResult, Finding } from './result.ts';
import type { InteropSummary } from './summary.ts';

const marks = { passed: '+', failed: 'X', unsupported: 'u', 'not-run': '-' } as const;
/** Failures told in full. */
const told = 20;

/** The matrix of scripts and assignments, then what is behind each mark that is not `+`. */
export function matrixText(summary: InteropSummary, scripts: readonly Script[], paint: Paint): string {
  const { clients, counts, cells } = summary;
  const lines = clients.map(({ letter, name, address, suites }) => [
    letter,
    name,
    address,
    `suites ${suites.join(' ')}`,
  ]);
  const blocks = byActors(scripts).map(([actors, group]) => block(actors, group, cells));
  const legend = Object.entries(marks).map(([outcome, mark]) => `${mark} ${outcome}`);
  const total = Object.entries(counts).filter(([, count]) => count > 0);
  return [
    table(lines),
    ...blocks,
    `${legend.join('   ')}\n`,
    ...failures(summary, paint),
    ...absences(cells),
    `${total.map(([outcome, count]) => `${count} ${outcome}`).join(', ') || 'nothing to run'}\n`,
  ].join('\n');
}

/** Scripts with the same number of actors have the same columns. */
function byActors(scripts: readonly Script[]): [number, Script[]][] {
  const groups = new Map<number, Script[]>();
  for (const script of scripts) {
    const { length } = script.actors;
    groups.set(length, [...(groups.get(length) ?? []), script]);
  }
  return [...groups].sort(([a], [b]) => a - b);
}

function block(actors: number, scripts: readonly Script[], cells: readonly CellResult[]): string {
  const ids = new Set(scripts.map(({ id }) => id));
  const rows = new Map<string, Map<string, string>>();
  const columns = new Set<string>();
  for (const cell of cells.filter(({ script }) => ids.has(script))) {
    const { script, suite, handshake, tree } = cell;
    const row = [script, `suite ${suite}`, handshake, `tree ${tree}`].join('\t');
    const column = Object.values(cell.actors).join('');
    columns.add(column);
    rows.set(row, (rows.get(row) ?? new Map()).set(column, marks[cell.verdict.outcome]));
  }
  const sorted = [...columns].sort();
  const title = actors === 1 ? 'one actor' : `${actors} actors`;
  const body = [...rows].map(([row, found]) => [
    ...row.split('\t'),
    ...sorted.map((column) => (found.get(column) ?? '').padStart(Math.ceil(column.length / 2))),
  ]);
  return table([[title, '', '', '', ...sorted], ...body]);
}

function failures({ cells, suspects, clients }: InteropSummary, paint: Paint): string[] {
  const failed = cells.flatMap(({ verdict, ...cell }) =>
    verdict.outcome === 'failed' ? [{ ...cell, verdict }] : [],
  );
  const texts = failed.slice(0, told).map(({ id, actors, verdict }) => {
    const name = (letter: string) => clients.find((client) => client.letter === letter)?.name;
    const who = verdict.who.map((actor) => `${actor} (${actors[actor]} ${name(actors[actor]!)})`);
    return `${paint('red', `failed ${id}`)}\n${findingText(verdict, who)}`;
  });
  if (failed.length > told) texts.push(`and ${failed.length - told} more failures; --json has them all\n`);
  for (const letter of suspects) {
    const client = clients.find((one) => one.letter === letter)!;
    texts.push(
      `Every failure is about answers of ${letter} ${client.name} (${client.address}); cells without it pass.\n`,
    );
  }
  return texts;
}

function findingText({ step, call, status, what, expected, found }: Finding, who: readonly string[]): string {
  const asked = call === undefined ? '' : `${call} `;
  const lines = [
    `  step ${step.number} ${step.verb}, ${step.file}:${step.line} ${step.field}`,
    `  ${asked}${asked === '' ? '' : 'at '}${who.join(', ')}: ${status === undefined ? '' : `${status}: `}${what}`,
    ...(expected === undefined ? [] : [`  expected ${expected}`]),
    ...(found === undefined ? [] : [`  found    ${found}`]),
  ];
  return `${lines.join('\n')}\n`;
}

/** Each reason once, with the number of cells it took away. */
function absences(cells: readonly CellResult[]): string[] {
  const reasons = new Map<string, number>();
  for (const { verdict, script } of cells) {
    if (verdict.outcome !== 'unsupported' && verdict.outcome !== 'not-run') continue;
    const who = verdict.outcome === 'unsupported' ? ` [${verdict.clients.join(', ')}]` : '';
    const actorless = verdict.because.replace(/^\S+ \((\S+) ([^)]*)\)/, '$1 $2');
    const reason = `${verdict.outcome} ${script}: ${actorless}${who}`;
    reasons.set(reason, (reasons.get(reason) ?? 0) + 1);
  }
  return reasons.size === 0
    ? []
    : [table([...reasons].map(([reason, count]) => [String(count).padStart(5), reason]))];
}
