import type { Random } from '../../../stack/platform.ts';
import { type PlacedStep, type Script, verbOf } from '../script/script.ts';
import { type Assignment, assignments, letters } from './assignments.ts';
import type { Client } from './client.ts';
import { perform } from './perform.ts';
import type { CellResult, CellVerdict, StepPlace } from './result.ts';
import { Deviation, Stage, Unsupported } from './stage.ts';

/** One script, still to be run. */
export interface PlannedCell extends Pick<CellResult, 'id' | 'suite' | 'handshake' | 'tree'> {
  readonly script: Script;
  readonly assignment: Assignment;
  /** For filters. */
  readonly axes: Readonly<Record<'script' | 'suite' | 'handshake' | 'tree' | 'assignment', string>>;
}

/**
 * Every script under every suite (by default all that some client has), form of handshake, place of the tree and
 * assignment. RangeError for a script that has too many.
 */
export function planCells(
  scripts: readonly Script[],
  clients: readonly Client[],
  suites: readonly number[] = suitesOf(clients),
): PlannedCell[] {
  return scripts.flatMap((script) => {
    const dealt = assignments(script, clients);
    return suites.flatMap((suite) =>
      script.handshake.flatMap((handshake) =>
        script.tree.flatMap((tree) =>
          dealt.map((assignment): PlannedCell => {
            const axes = {
              assignment: letters(assignment),
              handshake,
              script: script.id,
              suite: String(suite),
              tree,
            };
            const pairs = Object.entries(axes).map(([axis, value]) => `${axis}=${value}`);
            const id = pairs.join(',');
            return { id, script, suite, handshake, tree, assignment, axes };
          }),
        ),
      ),
    );
  });
}

function suitesOf(clients: readonly Client[]): number[] {
  return [...new Set(clients.flatMap(({ suites }) => suites))].sort((a, b) => a - b);
}

/** A client that did not answer in time so often is not asked again. */
const patience = 3;

/** One after the other; a cell draws from `random` by its id, whatever others run. */
export async function runCells(
  cells: readonly PlannedCell[],
  random: Random,
  onCell?: (result: CellResult) => void,
): Promise<CellResult[]> {
  const silent = new Map<string, number>();
  const results: CellResult[] = [];
  for (const cell of cells) {
    const { id, script, suite, handshake, tree, assignment } = cell;
    const actors = Object.fromEntries([...assignment].map(([who, { letter }]) => [who, letter]));
    const verdict = await judge(cell, random.fork(id), silent);
    const result = { id, script: script.id, suite, handshake, tree, actors, verdict };
    results.push(result);
    onCell?.(result);
  }
  return results;
}

async function judge(cell: PlannedCell, random: Random, silent: Map<string, number>): Promise<CellVerdict> {
  const clients = [...new Set(cell.assignment.values())];
  const lacking = clients.filter(({ suites }) => !suites.includes(cell.suite));
  if (lacking.length > 0) {
    return unsupported(`suite ${cell.suite} is not in SupportedCiphersuites`, lacking);
  }
  const given = clients.filter(({ letter }) => (silent.get(letter) ?? 0) >= patience);
  if (given.length > 0) {
    const because = `${given.map(called).join(', ')} did not answer in time ${patience} times before`;
    return { outcome: 'not-run', because };
  }
  const stage = new Stage({
    assignment: cell.assignment,
    suite: cell.suite,
    encryptHandshake: cell.handshake === 'private',
    externalTree: cell.tree === 'beside',
    random,
  });
  const verdict = await play(cell.script, stage);
  const late = verdict.outcome === 'failed' && verdict.status === 'DEADLINE_EXCEEDED';
  // Who hangs would only hang again.
  if (!late) await stage.freeAll();
  else for (const who of verdict.who) count(silent, stage.clientOf(who).letter);
  return verdict;
}

async function play(script: Script, stage: Stage): Promise<CellVerdict> {
  for (const placed of script.steps) {
    try {
      await perform(stage, placed.step);
    } catch (error) {
      if (error instanceof Unsupported) return unsupported(error.message, error.clients);
      if (!(error instanceof Deviation)) throw error;
      return { outcome: 'failed', step: placeOf(script, placed), ...error.found };
    }
  }
  return { outcome: 'passed' };
}

function placeOf(script: Script, { step, number, line, field }: PlacedStep): StepPlace {
  return { number, verb: verbOf(step), file: script.file, line, field };
}

function unsupported(because: string, clients: readonly Client[]): CellVerdict {
  return { outcome: 'unsupported', because, clients: [...new Set(clients.map(called))] };
}

/** `B ts-mls`. */
export function called({ letter, name }: Client): string {
  return `${letter} ${name}`;
}

function count(counts: Map<string, number>, letter: string): void {
  counts.set(letter, (counts.get(letter) ?? 0) + 1);
}
