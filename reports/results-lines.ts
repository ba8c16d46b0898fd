import { type CellResult, OUTCOMES, type Outcome } from './result.ts';
import { stableJson } from './stable-json.ts';

/** What `results.jsonl` holds: a cell a line, sorted by id. */
export function writeResults(results: readonly CellResult[]): string {
  const sorted = [...results].sort((a, b) => (a.id < b.id ? -1 : a.id > b.id ? 1 : 0));
  return sorted
    .map((result) => `${stableJson(result, ['id', 'outcome', 'rule', 'blame', 'reason'])}\n`)
    .join('');
}

export function parseResults(text: string): CellResult[] {
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as CellResult);
}

/** Cells by outcome; canaries, which must fail, are left out. */
export function countOutcomes(results: readonly CellResult[]): Record<Outcome, number> {
  const counts = Object.fromEntries(OUTCOMES.map((outcome) => [outcome, 0])) as Record<Outcome, number>;
  for (const result of results) if (result.canary === undefined) counts[result.outcome] += 1;
  return counts;
}
