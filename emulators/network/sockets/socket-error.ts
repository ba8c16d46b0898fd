import { NetworkError, type NetworkErrorCode } from '../../../stack/platform.ts';

const CODES: Readonly<Record<string, NetworkErrorCode>> = {
  ECONNREFUSED: 'refused',
  ECONNRESET: 'reset',
  EPIPE: 'reset',
  ECONNABORTED: 'reset',
  ETIMEDOUT: 'timeout',
  EHOSTUNREACH: 'unreachable',
  ENETUNREACH: 'unreachable',
  EADDRNOTAVAIL: 'unreachable',
  EINVAL: 'unreachable',
  EACCES: 'unreachable',
  ENOTFOUND: 'unknown-host',
  EAI_AGAIN: 'unknown-host',
  EADDRINUSE: 'port-in-use',
  // What a TLS client makes of an answer that is none.
  EPROTO: 'refused',
};

/** What node:tls calls a certificate that does not hold (its codes are OpenSSL's verification errors). */
const CERTIFICATE = /^(CERT_|UNABLE_TO_|SELF_SIGNED_|DEPTH_ZERO_|INVALID_CA|ERR_TLS_CERT_ALTNAME_INVALID)/;

/** A failure of node's sockets in the words of the port. `doing` names what was tried. */
export function socketError(error: unknown, doing: string): NetworkError {
  if (error instanceof NetworkError) return error;
  const { code = '', message = String(error) } = error as { code?: string; message?: string };
  if (CERTIFICATE.test(code)) return new NetworkError('certificate', `${doing}: ${message}`);
  const known = CODES[code] ?? (code.startsWith('ERR_SSL_') ? 'refused' : 'reset');
  return new NetworkError(known, `${doing}: ${code === '' ? message : code}`);
}
