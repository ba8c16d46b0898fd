/** The certificates of a carrier's hosts as its YAML wants them. */
import type { CarrierHosts } from '../../emulators/carrier/config.ts';
import { type HostCertificate, validCertificate } from '../../emulators/network/certificate.ts';
import type { Carrier } from '../../matrix/schema/carrier.ts';

/** Long ago and far ahead of every clock that may judge: the world's own, and the machine's where sockets are real. */
const LONG_AGO = Date.UTC(2000, 0, 1);
const FAR_AHEAD = Date.UTC(2049, 0, 1);

export interface CarrierCertificates {
  /** Hosts that are not in here have a valid one. */
  readonly certificates: ReadonlyMap<string, HostCertificate>;
  /** What phones are told to insist on at the P-CSCF; absent when nothing is pinned. */
  readonly pins?: readonly string[];
}

/** `pinOf`: the digest of the key that a host has in a generation. */
export function certificatesOf(
  { tls }: Pick<Carrier, 'tls'>,
  hosts: CarrierHosts,
  pinOf: (host: string, generation: number) => string,
): CarrierCertificates {
  const wanted = tls.certificate === 'valid' ? [] : tls.hosts;
  const certificates = new Map(
    wanted.map((role) => [hosts[role], certificateOf(hosts[role], tls.certificate, pinOf)] as const),
  );
  return tls.pinned ? { certificates, pins: [pinOf(hosts.pcscf, 0)] } : { certificates };
}

function certificateOf(
  host: string,
  kind: Carrier['tls']['certificate'],
  pinOf: (host: string, generation: number) => string,
): HostCertificate {
  const valid = { ...validCertificate(host), spkiSha256: pinOf(host, 0) };
  switch (kind) {
    case 'valid':
      return valid;
    case 'expired':
      return { ...valid, notAfter: LONG_AGO };
    case 'not-yet-valid':
      return { ...valid, notBefore: FAR_AHEAD };
    case 'wrong-name':
      return { ...valid, names: [`old.${host}`] };
    case 'unknown-issuer':
      return { ...valid, issuer: 'Somebody else CA' };
    case 'rotated':
      return { ...valid, spkiSha256: pinOf(host, 1) };
  }
}
