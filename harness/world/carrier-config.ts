/** The carriers of a case as the emulators take them. */

import type { MilenageKey } from '../../emulators/aka/milenage.ts';
import type { BusyPeriod } from '../../emulators/carrier/acs/settings.ts';
import {
  type CarrierConfig,
  carrierHosts,
  homeDomain,
  INTERCONNECT_PORT,
  type PeerCarrier,
} from '../../emulators/carrier/config.ts';
import { SeededRandom } from '../../emulators/network/seeded-random.ts';
import type { Case } from '../../matrix/schema/case.ts';
import { durationMs } from '../../matrix/schema/common.ts';

/** Emulated networks have MCC 999 (ITU-T E.212: internal use); A's MNC is 001, B's 002. */
export const MCC = '999';
export const MNC = { A: '001', B: '002' } as const;
export type Label = keyof typeof MNC;

export function handsetHost(role: string): string {
  return `${role}.ue.example`;
}

export function imsiOf(carrier: Label, role: string, cell: Case): string {
  const index = Object.keys(cell.roles).indexOf(role) + 1;
  return `${MCC}${MNC[carrier]}${String(index).padStart(9, '0')}`;
}

/** K and OPc, which the SIM of a number and its home network share; of the case's seed, so that cells differ. */
export function simKey(cell: Case, imsi: string): MilenageKey {
  const random = new SeededRandom(cell.seed).fork(`sim ${imsi}`);
  return { k: random.bytes(16), opc: random.bytes(16) };
}

/** How a carrier of the case reaches the other: its border, or the transit host in between. */
export interface CarrierSurroundings {
  readonly transitHost?: string;
  /** Digests of the P-CSCF's key that phones are told to insist on. */
  readonly pins?: readonly string[];
}

export function carrierConfig(
  cell: Case,
  label: Label,
  { transitHost, pins }: CarrierSurroundings = {},
): CarrierConfig {
  const other: Label = label === 'A' ? 'B' : 'A';
  const subscribers = Object.entries(cell.roles)
    .filter(([, role]) => role.carrier === label)
    .map(([role, { device, msisdn }]) => ({
      msisdn,
      imsi: imsiOf(label, role, cell),
      password: `password of ${role}`,
      sim: simKey(cell, imsiOf(label, role, cell)),
      host: handsetHost(role),
      rcs: device.universalProfile !== 'none',
      bearer: cell.network.access.bearer,
    }));
  const place = { label, mnc: MNC[label], subscribers, peers: [peerOf(cell, other, transitHost)] };
  const config = operatorConfig(cell.carriers[label], place);
  return pins === undefined ? config : { ...config, signalling: { ...config.signalling, pins } };
}

/** A carrier file as the emulator takes it, with whom it serves and whom it knows. */
export function operatorConfig(
  carrier: Case['carriers']['A'],
  place: Pick<CarrierConfig, 'label' | 'mnc' | 'subscribers' | 'peers'>,
): CarrierConfig {
  return {
    ...place,
    mcc: MCC,
    universalProfile: carrier.universalProfile,
    e2ee: carrier.e2ee,
    acs: acsSettings(carrier.acs),
    signalling: {
      transports: carrier.signalling.transports,
      expiresMs: durationMs(carrier.signalling.expires),
      auth: [carrier.signalling.auth].flat(),
      strictImpi: carrier.signalling.strictImpi,
      challengeRequests: carrier.signalling.challengeRequests,
      nextNonce: carrier.signalling.nextNonce,
    },
    media: carrier.media,
    services: {
      chat: carrier.services.chat,
      storeAndForwardMs: durationMs(carrier.services.storeAndForward),
      pagerMaxSize: carrier.services.pagerMaxSize,
      ...(carrier.services.largeMode && {
        largeMode: { switchoverSize: carrier.services.switchoverSize, maxSize: carrier.services.maxSize },
      }),
      mailbox: { messages: carrier.services.storedMessages, octets: carrier.services.storedOctets },
      reportExpiry: carrier.services.reportExpiry,
      readStateSync: carrier.services.readStateSync,
    },
    capabilityDiscovery: carrier.capabilityDiscovery,
    interworking: carrier.interworking,
    interconnect: carrier.interconnect,
    quirks: carrier.quirks,
    ...(carrier.limits && { limits: definedOnly(carrier.limits) }),
  };
}

function acsSettings(acs: Case['carriers']['A']['acs']): CarrierConfig['acs'] {
  const { validity, tokenLifetime, otp, busy, devicePolicies, ...same } = acs;
  return {
    ...same,
    validityMs: durationMs(validity),
    tokenLifetimeMs: durationMs(tokenLifetime),
    otp: { ...otp, lifetimeMs: durationMs(otp.lifetime) },
    ...(busy && { busy: busyPeriod(busy) }),
    devicePolicies: devicePolicies.map(withoutUndefined),
  };
}

export function busyPeriod(busy: NonNullable<Case['carriers']['A']['acs']['busy']>): BusyPeriod {
  return { requests: busy.requests, retryAfterMs: durationMs(busy.retryAfter), form: busy.form };
}

/** Keys without a value are keys that are not there. */
function withoutUndefined<T extends object>(given: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) as never;
}

function peerOf(cell: Case, label: Label, transitHost: string | undefined): PeerCarrier {
  const operator = { mcc: MCC, mnc: MNC[label] };
  const hosts = carrierHosts(operator);
  return {
    label,
    domain: homeDomain(operator),
    ibcf: { host: transitHost ?? hosts.ibcf, port: INTERCONNECT_PORT },
    transport: transitHost === undefined ? cell.carriers[label].interconnect.transport : 'tls',
    smscHost: hosts.smsc,
    kdsUri: `https://${hosts.kds}`,
    numberPrefix: numberPrefix(cell, label),
  };
}

/** The case says who is where, so the longest prefix that its numbers share is the carrier's range. */
export function numberPrefix(cell: Case, label: Label): string {
  const numbers = Object.values(cell.roles).filter((role) => role.carrier === label);
  return commonPrefix(numbers.map((role) => role.msisdn));
}

function commonPrefix(texts: readonly string[]): string {
  return texts.reduce((prefix, text) => {
    let length = 0;
    while (length < prefix.length && prefix[length] === text[length]) length += 1;
    return prefix.slice(0, length);
  });
}

/** Without the fields that are there and undefined, which zod leaves. */
export function definedOnly<T extends object>(fields: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  const entries = Object.entries(fields).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as { [K in keyof T]: Exclude<T[K], undefined> };
}
