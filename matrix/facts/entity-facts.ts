import { AUTHENTICATION, CARRIER_QUIRKS, type Carrier } from '../schema/carrier.ts';
import { durationMs, TRANSPORTS } from '../schema/common.ts';
import type { Scalar } from '../schema/condition.ts';
import { CAPABILITIES, DEVICE_QUIRKS, type Device } from '../schema/device.ts';
import { RCC16_PARTS } from '../schema/engine.ts';
import type { NetworkProfile } from '../schema/network.ts';
import type { Policy } from '../schema/policy.ts';

/** What one file of the matrix says, flattened under a prefix. Absent parts keep their keys, so that a key is never a guess. */
export type FactSheet = Readonly<Record<string, Scalar>>;

export function deviceSheet(prefix: string, device: Device): FactSheet {
  const { signalling, mls } = device;
  return {
    [prefix]: device.name,
    [`${prefix}.os.family`]: device.os.family,
    [`${prefix}.os.version`]: device.os.version,
    [`${prefix}.client.name`]: device.client.name,
    [`${prefix}.client.version`]: device.client.version,
    [`${prefix}.universalProfile`]: device.universalProfile,
    [`${prefix}.rcs`]: signalling === undefined ? 'no' : 'yes',
    ...flags(`${prefix}.signalling.transports`, TRANSPORTS, signalling?.transports),
    [`${prefix}.signalling.compactHeaders`]: signalling?.compactHeaders ?? false,
    [`${prefix}.signalling.foldedHeaders`]: signalling?.foldedHeaders ?? false,
    ...flags(`${prefix}.capabilities`, CAPABILITIES, device.capabilities),
    [`${prefix}.mls`]: mls === undefined ? 'absent' : 'present',
    [`${prefix}.mls.engine`]: mls?.engine ?? 'none',
    ...flags(`${prefix}.mls.lacks`, RCC16_PARTS, mls?.lacks),
    [`${prefix}.mls.provider`]: mls?.provider ?? 'none',
    [`${prefix}.mls.cipherSuite`]: mls?.cipherSuites[0] ?? 0,
    [`${prefix}.mls.keyPackages`]: mls?.keyPackages ?? 0,
    [`${prefix}.receipts.delivered`]: device.receipts.delivered,
    [`${prefix}.receipts.displayed`]: device.receipts.displayed,
    [`${prefix}.messageIds`]: device.messageIds,
    ...flags(`${prefix}.quirks`, DEVICE_QUIRKS, device.quirks),
  };
}

export function carrierSheet(prefix: string, carrier: Carrier): FactSheet {
  return {
    [prefix]: carrier.name,
    [`${prefix}.universalProfile`]: carrier.universalProfile,
    [`${prefix}.e2ee`]: carrier.e2ee.enabled ? 'enabled' : 'disabled',
    [`${prefix}.acs.version`]: carrier.acs.version,
    [`${prefix}.acs.answer`]: carrier.acs.answer,
    [`${prefix}.acs.documentShape`]: carrier.acs.documentShape,
    [`${prefix}.acs.headerEnrichment`]: carrier.acs.headerEnrichment,
    [`${prefix}.acs.busy`]: carrier.acs.busy === undefined ? 'never' : String(carrier.acs.busy.requests),
    [`${prefix}.acs.otp.delivery`]: carrier.acs.otp.delivery,
    ...flags(`${prefix}.signalling.transports`, TRANSPORTS, carrier.signalling.transports),
    ...flags(`${prefix}.signalling.auth`, AUTHENTICATION, [carrier.signalling.auth].flat()),
    [`${prefix}.signalling.strictImpi`]: carrier.signalling.strictImpi,
    [`${prefix}.signalling.challengeRequests`]: carrier.signalling.challengeRequests,
    [`${prefix}.signalling.nextNonce`]: carrier.signalling.nextNonce,
    [`${prefix}.media`]: carrier.media,
    [`${prefix}.tls.certificate`]: carrier.tls.certificate,
    [`${prefix}.tls.pinned`]: carrier.tls.pinned,
    [`${prefix}.services.chat`]: carrier.services.chat,
    [`${prefix}.services.pagerMaxSize`]: carrier.services.pagerMaxSize,
    [`${prefix}.services.largeMode`]: carrier.services.largeMode,
    [`${prefix}.services.maxSize`]: carrier.services.maxSize,
    [`${prefix}.interworking.sms`]: carrier.interworking.sms,
    [`${prefix}.interconnect.via`]: carrier.interconnect.via,
    [`${prefix}.interconnect.transport`]: carrier.interconnect.transport,
    [`${prefix}.interconnect.middleboxes`]: carrier.interconnect.middleboxes.length,
    ...flags(`${prefix}.quirks`, CARRIER_QUIRKS, carrier.quirks),
  };
}

/** Latencies and jitters in milliseconds. */
export function networkSheet(prefix: string, network: NetworkProfile): FactSheet {
  return {
    [prefix]: network.name,
    [`${prefix}.access.bearer`]: network.access.bearer,
    [`${prefix}.access.latency`]: durationMs(network.access.latency),
    [`${prefix}.access.jitter`]: durationMs(network.access.jitter),
    [`${prefix}.access.loss`]: network.access.loss,
    [`${prefix}.interconnect.latency`]: durationMs(network.interconnect.latency),
    [`${prefix}.interconnect.jitter`]: durationMs(network.interconnect.jitter),
    [`${prefix}.interconnect.loss`]: network.interconnect.loss,
    [`${prefix}.interconnect.middleboxes`]: network.interconnect.middleboxes.length,
  };
}

export function policySheet(prefix: string, policy: Policy): FactSheet {
  return {
    [prefix]: policy.name,
    [`${prefix}.e2ee`]: policy.e2ee,
    [`${prefix}.smsFallback`]: policy.smsFallback,
    [`${prefix}.readReceipts`]: policy.readReceipts,
  };
}

function flags(prefix: string, all: readonly string[], present: readonly string[] | undefined): FactSheet {
  return Object.fromEntries(all.map((one) => [`${prefix}.${one}`, present?.includes(one) ?? false]));
}
