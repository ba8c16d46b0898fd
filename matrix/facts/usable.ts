/**
 * What a phone can do on its carrier, from what both declare: docs/rcs-signalling.md 7.4 (a peer without MLS tags is
 * written to in clear), 10.2 (a carrier with E2EE off removes the tags) and 10.4 (the pairing table).
 */
import type { Carrier, TLS_HOSTS } from '../schema/carrier.ts';
import type { Device } from '../schema/device.ts';
import type { NetworkProfile } from '../schema/network.ts';
import type { Policy } from '../schema/policy.ts';
import { acsConfigures } from './configuration.ts';
import type { FactSheet } from './entity-facts.ts';
import { keepsMlsTags, type Way, wayBetween, waySheet } from './path.ts';

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

/** The host whose certificate phones don't accept (RFC 5922 section 7; docs/rcs-signalling.md 2.5), the first they meet. */
export function untrustedHost({
  tls: { certificate, pinned, hosts },
}: Carrier): (typeof TLS_HOSTS)[number] | 'none' {
  const isFaulty = (host: (typeof TLS_HOSTS)[number]) =>
    hosts.includes(host) &&
    certificate !== 'valid' &&
    // A new key is as good as the old one, but where the old one was asked for.
    (certificate !== 'rotated' || (pinned && host === 'pcscf'));
  return (['acs', 'pcscf', 'kds'] as const).find(isFaulty) ?? 'none';
}

export function rcsUsable(seat: Seat): boolean {
  const { device, carrier } = seat;
  const trusted = ['none', 'kds'].includes(untrustedHost(carrier));
  const configured = trusted && acsConfigures(device, carrier);
  return transportShared(seat) && configured && device.capabilities.includes('chat');
}

export function mlsUsable(seat: Seat, policy: Policy): boolean {
  const { device, carrier } = seat;
  const usable = device.mls !== undefined && rcsUsable(seat) && carrier.e2ee.enabled;
  return usable && untrustedHost(carrier) === 'none' && policy.e2ee !== 'forbidden';
}

/** Both ends can do MLS, share a cipher suite, and nothing on the way takes the feature tags away. */
export function bothMlsUsable(a: Seat, b: Seat, policy: Policy, way: Way): boolean {
  const suites = b.device.mls?.cipherSuites ?? [];
  const common = a.device.mls?.cipherSuites.some((suite) => suites.includes(suite)) ?? false;
  return common && mlsUsable(a, policy) && mlsUsable(b, policy) && keepsMlsTags(way);
}

/** Both sign and verify receipts by an rcs_signature proposal (docs/rcc16.md 7.1), which every leaf of a group must support. */
export function bothSignReceipts(a: Seat, b: Seat): boolean {
  return [a, b].every(({ device: { mls } }) => mls !== undefined && !mls.lacks?.includes('signed-receipts'));
}

/** Facts of one seat that its device and carrier files only give together. */
export function seatSheet(prefix: string, seat: Seat, policy: Policy): FactSheet {
  return {
    [`${prefix}.transportShared`]: transportShared(seat),
    [`${prefix}.rcsUsable`]: rcsUsable(seat),
    [`${prefix}.mlsUsable`]: mlsUsable(seat, policy),
    [`${prefix}.untrustedHost`]: untrustedHost(seat.carrier),
  };
}

/** Facts of a pair of seats and of what is between them. */
export function pairSheet(a: Seat, b: Seat, policy: Policy, network: NetworkProfile): FactSheet {
  const there = wayBetween(a.carrier, b.carrier, network);
  return {
    'both.rcsUsable': rcsUsable(a) && rcsUsable(b),
    'both.mlsUsable': bothMlsUsable(a, b, policy, there),
    'both.signReceipts': bothSignReceipts(a, b),
    'carriers.e2ee': howMany([a.carrier.e2ee.enabled, b.carrier.e2ee.enabled]),
    'carriers.sms': howMany([a.carrier.interworking.sms, b.carrier.interworking.sms]),
    ...waySheet(there, wayBetween(b.carrier, a.carrier, network)),
  };
}

export function howMany(each: readonly boolean[]): 'all' | 'some' | 'none' {
  if (each.every(Boolean)) return 'all';
  return each.some(Boolean) ? 'some' : 'none';
}
