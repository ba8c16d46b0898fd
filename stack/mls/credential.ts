/** RFC 9420 section 5.3: credentials. */
import type { Reader } from './reader.ts';
import type { Writer } from './writer.ts';

export const credentialType = { basic: 1, x509: 2 } as const;

export interface BasicCredential {
  readonly type: 1;
  readonly identity: Uint8Array;
}

export interface X509Credential {
  readonly type: 2;
  /** DER, end entity first. */
  readonly certificates: readonly Uint8Array[];
}

export type Credential = BasicCredential | X509Credential;

export function writeCredential(writer: Writer, credential: Credential): void {
  writer.u16(credential.type);
  if (credential.type === credentialType.basic) writer.opaque(credential.identity);
  else writer.vector(credential.certificates, (w, certificate) => w.opaque(certificate));
}

/** Only types this client knows can be read: the structure gives no length to skip an unknown one by. */
export function readCredential(reader: Reader): Credential {
  const start = reader.offset;
  const type = reader.u16('Credential.credential_type');
  if (type === credentialType.basic) return { type, identity: reader.opaque('Credential.identity') };
  if (type === credentialType.x509) {
    return {
      type,
      certificates: reader.vector('Credential.certificates', (r) => r.opaque('Certificate.cert_data')),
    };
  }
  return reader.fail(start, 'Credential.credential_type', 'basic (1) or x509 (2)', String(type));
}
