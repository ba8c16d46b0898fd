import { expandPlan, type Matrix } from '../../matrix/index.ts';
import { selectCells } from '../run/select-cells.ts';
import { type Context, matrixIn, planNamed } from './context.ts';
import { json, table } from './terminal.ts';

export const LISTED = ['plans', 'devices', 'carriers', 'networks', 'policies', 'scenarios', 'cells'] as const;
export type Listed = (typeof LISTED)[number];

export interface ListFlags {
  readonly plan: string;
  readonly filter?: string;
  readonly json?: boolean;
  readonly matrix?: string;
}

/** `parley list WHAT`; without WHAT, how many there are of each. */
export function listCommand(what: Listed | undefined, flags: ListFlags, { terminal }: Context): number {
  const matrix = matrixIn(flags.matrix);
  if (what === 'cells') return listCells(matrix, flags, terminal);
  if (what === undefined) {
    const counts = LISTED.filter((kind) => kind !== 'cells').map(
      (kind) => [kind, matrix[kind].size] as const,
    );
    const rows = counts.map(([kind, count]) => [
      kind,
      String(count).padStart(4),
      [...matrix[kind].keys()].join(', '),
    ]);
    terminal.out(flags.json === true ? json(Object.fromEntries(counts)) : table(rows));
    return 0;
  }
  terminal.out(flags.json === true ? json([...matrix[what].values()]) : table(rowsOf(matrix, what)));
  return 0;
}

function listCells(matrix: Matrix, flags: ListFlags, terminal: Context['terminal']): number {
  const expansion = expandPlan(matrix, planNamed(matrix, flags.plan));
  const { cells, skipped } = selectCells(expansion, { filter: flags.filter });
  if (flags.json === true) {
    const run = cells.map(({ id, axes, canary }) => ({
      id,
      axes,
      ...(canary === undefined ? {} : { canary }),
    }));
    terminal.out(json([...run, ...skipped.map(({ id, axes, reason }) => ({ id, axes, skipped: reason }))]));
    return 0;
  }
  for (const { id } of cells) terminal.out(`${id}\n`);
  for (const { id, reason } of skipped) terminal.out(`${id}  (skipped: ${reason})\n`);
  return 0;
}

function rowsOf(matrix: Matrix, what: Exclude<Listed, 'cells'>): string[][] {
  switch (what) {
    case 'plans':
      return [...matrix.plans.values()].map((plan) => [plan.name, plan.strategy.kind, plan.title]);
    case 'devices':
      return [...matrix.devices.values()].map((device) => [
        device.name,
        `${device.os.family} ${device.os.version}`,
        `UP ${device.universalProfile}`,
        device.mls === undefined ? 'no MLS' : 'MLS',
        `${device.client.name} ${device.client.version}`,
      ]);
    case 'carriers':
      return [...matrix.carriers.values()].map((carrier) => [
        carrier.name,
        `UP ${carrier.universalProfile}`,
        carrier.e2ee.enabled ? 'E2EE' : 'no E2EE',
        `media ${carrier.media}`,
        carrier.signalling.transports.join(' '),
      ]);
    case 'networks':
      return [...matrix.networks.values()].map(({ name, access, interconnect }) => [
        name,
        `access ${access.latency} +${access.jitter}, loss ${access.loss}`,
        `interconnect ${interconnect.latency} +${interconnect.jitter}, loss ${interconnect.loss}`,
      ]);
    case 'policies':
      return [...matrix.policies.values()].map((policy) => [
        policy.name,
        `E2EE ${policy.e2ee}`,
        `SMS fallback ${policy.smsFallback}`,
        policy.readReceipts ? 'read receipts' : 'no read receipts',
      ]);
    case 'scenarios':
      return [...matrix.scenarios.values()].map(({ name, steps, title }) => [
        name,
        `${steps.length} steps`,
        title,
      ]);
  }
}
