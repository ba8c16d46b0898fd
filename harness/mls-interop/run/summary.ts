import type { Client } from './client.ts';
import type { CellResult, CellVerdict } from './result.ts';

/** What the runner says with --json. */
export interface InteropSummary {
  readonly clients: readonly Omit<Client, 'peer'>[];
  readonly counts: Readonly<Record<CellVerdict['outcome'], number>>;
  /** Letters of the clients whose answers every failure is about, while cells without them pass. */
  readonly suspects: readonly string[];
  readonly cells: readonly CellResult[];
}

export function summarize(clients: readonly Client[], cells: readonly CellResult[]): InteropSummary {
  const counts = { passed: 0, failed: 0, unsupported: 0, 'not-run': 0 };
  for (const { verdict } of cells) counts[verdict.outcome] += 1;
  return {
    clients: clients.map(({ letter, address, name, suites }) => ({ letter, address, name, suites })),
    counts,
    suspects: suspects(clients, cells),
    cells,
  };
}

function suspects(clients: readonly Client[], cells: readonly CellResult[]): string[] {
  const failures = cells.flatMap(({ actors, verdict }) =>
    verdict.outcome === 'failed' ? [verdict.who.map((who) => actors[who])] : [],
  );
  const passed = cells.filter(({ verdict }) => verdict.outcome === 'passed');
  return clients
    .map(({ letter }) => letter)
    .filter(
      (letter) =>
        failures.length > 0 &&
        failures.every((letters) => letters.includes(letter)) &&
        passed.some(({ actors }) => !Object.values(actors).includes(letter)),
    );
}

/** 0 when nothing failed, 1 for failures, 2 when nothing passed or something was not run. */
export function exitCode({ counts }: InteropSummary): number {
  if (counts.failed > 0) return 1;
  return counts['not-run'] > 0 || counts.passed === 0 ? 2 : 0;
}
