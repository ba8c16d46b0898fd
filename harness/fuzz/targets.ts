import { expandPlan, loadMatrix } from '../../matrix/index.ts';
import type { MUTATION_TARGETS } from '../../matrix/schema/drill.ts';
import type { Random } from '../../stack/platform.ts';
import { carrierTarget } from './carrier-target.ts';
import { mediaTargets } from './media-targets.ts';
import { mlsTarget } from './mls-target.ts';
import { recorded } from './recorded.ts';
import type { FuzzTarget } from './target.ts';
import { textTargets } from './text-targets.ts';

export type TargetName = (typeof MUTATION_TARGETS)[number];

/** A fresh target. `random` makes its keys. */
export async function targetNamed(name: TargetName, random: Random): Promise<FuzzTarget> {
  if (name === 'mls') return mlsTarget(random);
  const media = mediaTargets.find((one) => one.name === name);
  if (media !== undefined) return media;
  const inputs = await recorded();
  if (name === 'carrier') return carrierTarget(encryptingCell(), inputs.sip);
  const target = textTargets(inputs).find((one) => one.name === name);
  if (target === undefined) throw new RangeError(`no fuzz target is called ${name}`);
  return target;
}

/** A cell whose carrier A has everything: E2EE and every transport. */
function encryptingCell() {
  const matrix = loadMatrix();
  const { cells } = expandPlan(matrix, matrix.plans.get('smoke')!, {});
  const cell = cells.find(({ carriers, axes }) => carriers.A.e2ee.enabled && axes['sender'] === 'pixel-up30');
  if (cell === undefined) throw new RangeError('plan smoke has no pixel-up30 on a carrier with E2EE');
  return cell;
}
