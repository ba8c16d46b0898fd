import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { CellResult, RunSummary } from '../result.ts';
import { parseResults } from '../results-lines.ts';
import { parseTrace } from '../trace-lines.ts';
import { reportPage } from './page.ts';
import { reportData } from './report-data.ts';

/**
 * Writes `index.html` into a run's folder from `summary.json`, `results.jsonl` and the traces there; returns its path.
 * `shownFolder` is how the page names the folder in commands.
 */
export function writeReport(folder: string, shownFolder: string = folder): string {
  const summary = JSON.parse(readFileSync(join(folder, 'summary.json'), 'utf8')) as RunSummary;
  const cells = parseResults(readFileSync(join(folder, 'results.jsonl'), 'utf8'));
  const traceOf = (cell: CellResult) => {
    const path = cell.tracePath === undefined ? undefined : join(folder, cell.tracePath);
    return path !== undefined && existsSync(path) ? parseTrace(readFileSync(path, 'utf8')) : undefined;
  };
  const path = join(folder, 'index.html');
  writeFileSync(path, reportPage(reportData(summary, shownFolder, cells, traceOf)));
  return path;
}
