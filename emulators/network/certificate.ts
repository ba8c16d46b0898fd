/**
 * Certificates of the simulated network: what a TLS client checks of one (RFC 5280 section 6, RFC 5922 section 7, RFC
 * 7469 section 2.6) as plain data, without X.509.
 */
import { sha256 } from '@noble/hashes/sha2.js';
import { utf8ToBytes } from '@noble/hashes/utils.js';

export interface HostCertificate {
  /** Host names it is for. */
  readonly names: readonly string[];
  /** Epoch milliseconds, both ends included. */
  readonly notBefore: number;
  readonly notAfter: number;
  readonly issuer: string;
  /** Base64 SHA-256 of the SubjectPublicKeyInfo. */
  readonly spkiSha256: string;
}

/** The issuer that hosts trust unless told otherwise. */
export const TEST_ISSUER = 'Parley test CA';

/** TLS alert descriptions, RFC 8446 section 6.2. */
const ALERTS = { bad_certificate: 42, certificate_expired: 45, unknown_ca: 48 } as const;
const FATAL = 2;

export interface CertificateFault {
  /** The certificate's state in words: `expired`, `not yet valid`, `for another name` ... */
  readonly why: string;
  /** Level and description of the alert that tells the server. */
  readonly alert: Uint8Array;
}

/** A valid certificate of `host`; the same host has the same key, another `generation` another. */
export function validCertificate(host: string, generation = 0): HostCertificate {
  const key = sha256(utf8ToBytes(`key ${generation} of ${host.toLowerCase()}`));
  return {
    names: [host],
    notBefore: 0,
    notAfter: Number.MAX_SAFE_INTEGER,
    issuer: TEST_ISSUER,
    spkiSha256: Buffer.from(key).toString('base64'),
  };
}

/** What a client that wants `host` finds wrong with a certificate; undefined when it holds. */
export function certificateFault(
  certificate: HostCertificate,
  client: {
    readonly host: string;
    readonly now: number;
    readonly trust: readonly string[];
    readonly pins: readonly string[] | undefined;
  },
): CertificateFault | undefined {
  const { host, now, trust, pins } = client;
  const { names, notBefore, notAfter, issuer, spkiSha256 } = certificate;
  if (!trust.includes(issuer)) return fault(`of an unknown issuer, ${issuer}`, 'unknown_ca');
  if (now > notAfter) return fault('expired', 'certificate_expired');
  if (now < notBefore) return fault('not yet valid', 'certificate_expired');
  if (!names.some((name) => name.toLowerCase() === host.toLowerCase()))
    return fault(`for another name, ${names.join(', ')}`, 'bad_certificate');
  if (pins !== undefined && !pins.includes(spkiSha256)) return fault('not the pinned one', 'bad_certificate');
  return undefined;
}

function fault(why: string, alert: keyof typeof ALERTS): CertificateFault {
  return { why, alert: Uint8Array.of(FATAL, ALERTS[alert]) };
}
