import { expandPlan, type Matrix } from '../../matrix/index.ts';
import { CARRIER_QUIRKS } from '../../matrix/schema/carrier.ts';
import { DEVICE_QUIRKS } from '../../matrix/schema/device.ts';
import { selectCells } from '../run/select-cells.ts';
import { type Context, matrixIn, planNamed } from './context.ts';
import { json, table } from './terminal.ts';

export const LISTED = [
  'plans',
  'drills',
  'devices',
  'engines',
  'carriers',
  'networks',
  'policies',
  'scenarios',
  'quirks',
  'cells',
] as const;
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
    const kinds = LISTED.filter((kind) => kind !== 'cells').map(
      (kind) => [kind, thingsOf(matrix, kind).map(({ name }) => name)] as const,
    );
    terminal.out(
      flags.json === true
        ? json(Object.fromEntries(kinds.map(([kind, names]) => [kind, names.length])))
        : table(kinds.map(([kind, names]) => [kind, String(names.length).padStart(4), names.join(', ')])),
    );
    return 0;
  }
  terminal.out(flags.json === true ? json(thingsOf(matrix, what)) : table(rowsOf(matrix, what)));
  return 0;
}

function thingsOf(matrix: Matrix, what: Exclude<Listed, 'cells'>): readonly { readonly name: string }[] {
  return what === 'quirks' ? quirksOf(matrix) : [...matrix[what].values()];
}

interface Quirk {
  readonly name: string;
  /** Whose file may name it. */
  readonly of: 'carrier' | 'device';
  /** The canaries that plant it, each with what it is for. */
  readonly canaries: Readonly<Record<string, string>>;
}

/** The misbehaviours that a device or carrier file may name, and a canary may plant. */
function quirksOf(matrix: Matrix): Quirk[] {
  const quirk = (of: Quirk['of'], name: string): Quirk => {
    const planting = [...matrix.canaries.values()].filter(({ plant }) => plant.quirk === name);
    return {
      name,
      of,
      canaries: Object.fromEntries(planting.map((canary) => [canary.name, canary.because])),
    };
  };
  return [
    ...DEVICE_QUIRKS.map((name) => quirk('device', name)),
    ...CARRIER_QUIRKS.map((name) => quirk('carrier', name)),
  ];
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
    case 'drills':
      return [...matrix.drills.values()].map(({ name, drill, title }) => [name, drill.kind, title]);
    case 'devices':
      return [...matrix.devices.values()].map((device) => [
        device.name,
        `${device.os.family} ${device.os.version}`,
        `UP ${device.universalProfile}`,
        device.mls === undefined ? 'no MLS' : 'MLS',
        `${device.client.name} ${device.client.version}`,
      ]);
    case 'engines':
      return [...matrix.engines.values()].map(({ name, lacks, title }) => [
        name,
        lacks.length === 0 ? 'all of RCC.16' : `lacks ${lacks.join(', ')}`,
        title,
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
    case 'quirks':
      return quirksOf(matrix).map(({ name, of, canaries }) => [
        name,
        of,
        Object.entries(canaries)
          .map(([canary, because]) => `canary ${canary}: ${because}`)
          .join('; '),
      ]);
  }
}
