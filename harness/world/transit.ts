/** What stands between the carriers of a case: a hub, a transit proxy that has middleboxes in it, or nothing. */
import { carrierHosts, INTERCONNECT_PORT } from '../../emulators/carrier/config.ts';
import { type Member, Transit } from '../../emulators/carrier/interconnect/transit.ts';
import type { Case } from '../../matrix/schema/case.ts';
import type { Clock, Network, Random } from '../../stack/platform.ts';
import { type Label, MCC, MNC, numberPrefix } from './carrier-config.ts';

export interface TransitPlace {
  readonly host: string;
  /** A hub is a party of its own; a transit proxy belongs to the link. */
  readonly side: 'hub' | 'link:interconnect';
}

const HUB_DOMAIN = 'ims.hub.example';

/** Undefined when the borders of the two carriers meet directly. */
export function transitOf(cell: Case): TransitPlace | undefined {
  const viaHub = (['A', 'B'] as const).some((label) => cell.carriers[label].interconnect.via === 'hub');
  if (viaHub) return { host: `sbc.${HUB_DOMAIN}`, side: 'hub' };
  if (cell.network.interconnect.middleboxes.length === 0) return undefined;
  return { host: 'proxy.ipx.example', side: 'link:interconnect' };
}

export function buildTransit(
  cell: Case,
  place: TransitPlace,
  ports: { readonly clock: Clock; readonly random: Random; readonly network: Network },
): Transit {
  return new Transit({
    ...ports,
    members: [memberOf(cell, 'A'), memberOf(cell, 'B')],
    middleboxes: cell.network.interconnect.middleboxes,
    ...(place.side === 'hub' && { domain: HUB_DOMAIN }),
  });
}

function memberOf(cell: Case, label: Label): Member {
  return {
    ibcf: { host: carrierHosts({ mcc: MCC, mnc: MNC[label] }).ibcf, port: INTERCONNECT_PORT },
    transport: cell.carriers[label].interconnect.transport,
    numberPrefix: numberPrefix(cell, label),
  };
}
