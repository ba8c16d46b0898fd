/** A drill that kills servers: rounds of a few kills, each on a state of its own. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { DrillOf } from '../../matrix/schema/drill.ts';
import type { CellResult, Failure } from '../../reports/result.ts';
import { type CrashReport, crashDrill } from '../crash/crash-drill.ts';
import { type DrillRun, type DrillUnit, unjudged } from './drill-unit.ts';
import { describe } from './execute-cell.ts';

/** Kills of one round. */
const ROUND = 10;
const CLAUSE =
  'a 2xx is a promise: what was answered is delivered exactly once (RFC 3428 section 7, docs/rcs-signalling.md 4.6)';

interface Round extends DrillUnit {
  readonly kills: number;
  readonly load: number;
}

export function crashRounds({ name, drill }: DrillOf<'kill-9'>, seed: string): Round[] {
  return Array.from({ length: Math.ceil(drill.kills / ROUND) }, (_, index) => {
    const round = String(index + 1).padStart(3, '0');
    const id = `drill=${name},round=${round}`;
    const kills = Math.min(ROUND, drill.kills - index * ROUND);
    return { id, axes: { round }, seed: `${seed} ${id}`, size: kills, kills, load: drill.load };
  });
}

/** One after the other: a server and its clients keep a machine busy. */
export async function runCrashes(
  rounds: readonly Round[],
  { folder, signal, onResult }: DrillRun,
): Promise<void> {
  for (const round of rounds) {
    if (signal?.aborted === true) return;
    const place = join(folder, 'cases', round.id);
    const state = join(place, 'state');
    mkdirSync(state, { recursive: true });
    const { kills, load, seed } = round;
    try {
      const report = await crashDrill({ kills, load, seed, state, signal });
      writeFileSync(join(place, 'report.json'), `${JSON.stringify(report, null, 2)}\n`);
      if (report.kills === kills || report.findings.length > 0) onResult(resultOf(round, report));
    } catch (error) {
      onResult(unjudged(round, 'infra-error', describe(error)));
    }
  }
}

function resultOf(round: Round, { findings, accepted, kills }: CrashReport): CellResult {
  const failures = findings.map(
    (actual): Failure => ({
      rule: 'kill-9',
      clause: CLAUSE,
      stepIndex: 0,
      expected: 'delivered exactly once',
      actual,
      blame: { side: 'server', entry: 0, evidence: `${actual}; its state is cases/${round.id}/state` },
    }),
  );
  const first = failures[0];
  return {
    ...unjudged(round, first === undefined ? 'passed' : 'failed', first?.actual),
    ...(first === undefined ? {} : { rule: first.rule, blame: first.blame }),
    failures,
    evidence: accepted + kills,
  };
}
