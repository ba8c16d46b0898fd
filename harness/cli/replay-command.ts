import { enginesUrl, loadEngines } from '../run/load-engines.ts';
import { loadRuntime } from '../run/load-runtime.ts';
import { replayFile } from '../run/replay.ts';
import type { NetworkKind } from '../world/network-kind.ts';
import { type Context, matrixIn } from './context.ts';
import { replayReport } from './replay-report.ts';
import { json } from './terminal.ts';

export interface ReplayFlags {
  readonly network: NetworkKind;
  readonly out?: string;
  readonly engines?: string;
  readonly json?: boolean;
  readonly matrix?: string;
}

/** `parley replay FILE`: exit 0 when the case passes (or a canary is caught), 1 when it fails, 2 when it could not be run. */
export async function replayCommand(
  file: string,
  flags: ReplayFlags,
  { terminal, runtime }: Context,
): Promise<number> {
  const { expectations } = matrixIn(flags.matrix);
  const engines = await loadEngines(flags.engines === undefined ? undefined : enginesUrl(flags.engines));
  const how = { engines, network: flags.network };
  const replay = await replayFile(file, flags.out, expectations, await loadRuntime(runtime), how);
  const { result, comparison, tracePath } = replay;
  terminal.out(
    flags.json === true ? json({ result, comparison, tracePath }) : replayReport(replay, terminal),
  );
  if (result.outcome === 'infra-error' || result.outcome === 'not-run') return 2;
  return result.canary === undefined ? Number(result.outcome === 'failed') : Number(!result.canary.caught);
}
