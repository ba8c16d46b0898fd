import { pathToFileURL } from 'node:url';
import type { Case } from '../../matrix/schema/case.ts';
import type { Engines, EnginesModule } from '../world/engine-source.ts';
import { missingEngines } from '../world/mls-engines.ts';
import { describe } from './execute-cell.ts';

/** Cells that can't be run for want of an MLS engine, or a module of engines that can't be had: exit 2. */
export class EnginesError extends Error {
  override readonly name = 'EnginesError';
}

/** URL of the module of engines that `--engines` names by its path. */
export function enginesUrl(path: string): string {
  return pathToFileURL(path).href;
}

/** The engines that the module at `url` exports; none without one. Throws EnginesError. */
export async function loadEngines(url: string | undefined): Promise<Engines> {
  if (url === undefined) return {};
  let engines: unknown;
  try {
    ({ engines } = (await import(url)) as Partial<EnginesModule>);
  } catch (error) {
    throw new EnginesError(`--engines: ${url} can't be loaded: ${describe(error)}`);
  }
  if (typeof engines === 'object' && engines !== null) return engines as Engines;
  throw new EnginesError(`--engines: ${url} exports no "engines"`);
}

/** Throws EnginesError unless there is an engine for every phone of the cells. */
export function ensureEngines(cells: readonly Case[], supplied: Engines): void {
  const missing = new Set(cells.flatMap((cell) => missingEngines(cell, supplied)));
  if (missing.size === 0) return;
  const names = [...missing].sort().join(', ');
  const first = cells.find((cell) => missingEngines(cell, supplied).length > 0)!;
  throw new EnginesError(
    `no MLS engine is called ${names}, which ${first.id} needs: name the module that exports it with --engines MODULE (ts-mls: --engines suites/peers/phone-engines.ts)`,
  );
}
