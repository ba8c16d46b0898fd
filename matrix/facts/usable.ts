/**
 * What a phone can do on its carrier, from what both declare: docs/rcs-signalling.md 7.4 (a peer without MLS tags is
 * written to in clear), 10.2 (a carrier with E2EE off removes the tags) and 10.4 (the pairing table).
 */

import type { Carrier } from '../schema/carrier.ts';
import type { Device } from '../schema/device.ts';
import type { Policy } from '../schema/policy.ts';
import { acsConfigures } from './configuration.ts';
import type { FactSheet } from './entity-facts.ts';

/** A phone on its carrier. */
export interface Seat {
  readonly device: Device;
  readonly carrier: Carrier;
}

/** Whether phone and carrier have a SIP transport in common; a phone without signalling has none. */
export function transportShared({ device, carrier }: Seat): boolean {
  return (
    device.signalling?.transports.some((transport) => carrier.signalling.transports.includes(transport)) ??
    false
  );
}

export function rcsUsable(seat: Seat): boolean {
  const { device, carrier } = seat;
  return transportShared(seat) && acsConfigures(device, carrier) && device.capabilities.includes('chat');
}

export function mlsUsable(seat: Seat, policy: Policy): boolean {
  const { device, carrier } = seat;
  return device.mls !== undefined && rcsUsable(seat) && carrier.e2ee.enabled && policy.e2ee !== 'forbidden';
}

/** Both ends can do MLS, share a cipher suite, and no border takes the feature tags away. */
export function bothMlsUsable(a: Seat, b: Seat, policy: Policy): boolean {
  const suites = b.device.mls?.cipherSuites ?? [];
  const common = a.device.mls?.cipherSuites.some((suite) => suites.includes(suite)) ?? false;
  return (
    common &&
    mlsUsable(a, policy) &&
    mlsUsable(b, policy) &&
    keepsMlsTags(a.carrier) &&
    keepsMlsTags(b.carrier)
  );
}

/** Both sign and verify receipts by an rcs_signature proposal (docs/rcc16.md 7.1), which every leaf of a group must support. */
export function bothSignReceipts(a: Seat, b: Seat): boolean {
  return [a, b].every(({ device: { mls } }) => mls !== undefined && !mls.lacks?.includes('signed-receipts'));
}

function keepsMlsTags(carrier: Carrier): boolean {
  return !carrier.interconnect.stripFeatureTags.some((tag) =>
    tag.toLowerCase().startsWith('+g.gsma.rcs.mls'),
  );
}

/** Facts of one seat that its device and carrier files only give together. */
export function seatSheet(prefix: string, seat: Seat, policy: Policy): FactSheet {
  return {
    [`${prefix}.transportShared`]: transportShared(seat),
    [`${prefix}.rcsUsable`]: rcsUsable(seat),
    [`${prefix}.mlsUsable`]: mlsUsable(seat, policy),
  };
}

/** Facts of a pair of seats. */
export function pairSheet(a: Seat, b: Seat, policy: Policy): FactSheet {
  return {
    'both.rcsUsable': rcsUsable(a) && rcsUsable(b),
    'both.mlsUsable': bothMlsUsable(a, b, policy),
    'both.signReceipts': bothSignReceipts(a, b),
    'carriers.e2ee': howMany([a.carrier.e2ee.enabled, b.carrier.e2ee.enabled]),
    'carriers.sms': howMany([a.carrier.interworking.sms, b.carrier.interworking.sms]),
    'carriers.keepMlsTags': howMany([keepsMlsTags(a.carrier), keepsMlsTags(b.carrier)]),
  };
}

export function howMany(each: readonly boolean[]): 'all' | 'some' | 'none' {
  if (each.every(Boolean)) return 'all';
  return each.some(Boolean) ? 'some' : 'none';
}
