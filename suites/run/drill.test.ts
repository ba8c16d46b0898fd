import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { runDrill } from '../../harness/run/run-drill.ts';
import { loadMatrix } from '../../matrix/index.ts';
import type { Drill } from '../../matrix/schema/drill.ts';
import { parseResults } from '../../reports/results-lines.ts';

const out = mkdtempSync(join(tmpdir(), 'parley-drill-'));
afterAll(() => rmSync(out, { recursive: true, force: true }));

test('a drill deals its inputs to its targets in batches and leaves results like those of cells', async () => {
  const named = loadMatrix().drills.get('mutations-signalling')!;
  const drill: Drill = { ...named, drill: { kind: 'mutations', targets: ['cpim', 'xml'], inputs: 12_000 } };
  const { folder, summary } = await runDrill({ drill, out, jobs: 2 });
  const results = parseResults(readFileSync(join(folder, 'results.jsonl'), 'utf8'));
  expect(results.map(({ id }) => id)).toEqual([
    'batch=001,drill=mutations-signalling,target=cpim',
    'batch=001,drill=mutations-signalling,target=xml',
    'batch=002,drill=mutations-signalling,target=cpim',
    'batch=002,drill=mutations-signalling,target=xml',
  ]);
  expect(results.reduce((sum, { evidence }) => sum + evidence, 0)).toBe(12_000);
  expect(summary).toMatchObject({ plan: 'mutations-signalling', exitCode: 0, counts: { passed: 4 } });
});
