import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { crashDrill } from '../../harness/crash/crash-drill.ts';

/** A hundred in the plan `crash`; `PARLEY_KILLS=100` does as many here. */
const KILLS = Number(process.env['PARLEY_KILLS'] ?? 20);

test(
  `a loaded server is killed at ${KILLS} points: what it answered 2xx is delivered exactly once`,
  async () => {
    const state = mkdtempSync(join(tmpdir(), 'parley-crash-'));
    try {
      const report = await crashDrill({ kills: KILLS, load: 16, seed: 'npm test', state });
      expect(report.findings).toEqual([]);
      expect(report.kills).toBe(KILLS);
      expect(report.accepted).toBeGreaterThanOrEqual(20 * KILLS);
      expect(report.sentAgain, 'kills hit messages that were under way').toBeGreaterThan(0);
    } finally {
      rmSync(state, { recursive: true, force: true });
    }
  },
  60_000 + 20_000 * KILLS,
);
