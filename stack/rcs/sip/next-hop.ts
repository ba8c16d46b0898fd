/** RFC 3261 section 8.1.2 and, in outline without DNS, RFC 3263 section 4: where the URI of a next hop leads. */

import type { TransportProtocol } from '../../platform.ts';
import type { SipTarget } from './client-transactions.ts';
import { SipParseError } from './parse-error.ts';
import { parseSipUri } from './uri.ts';

const TRANSPORTS: readonly TransportProtocol[] = ['udp', 'tcp', 'tls', 'ws', 'wss'];

/**
 * The `maddr` or host, port and transport of a sip or sips URI; UDP 5060 when it says nothing, TLS 5061 for sips.
 * Throws SipParseError for a tel URI, which names no host, and for a transport that this stack has not.
 */
export function targetOfUri(text: string): SipTarget {
  const uri = parseSipUri(text);
  if (uri.scheme === 'tel') throw fault('a URI with a host', 'RFC 3261 19.1.6');
  const named = uri.params.get('transport')?.toLowerCase();
  const asked = TRANSPORTS.find((transport) => transport === named);
  if (named !== undefined && asked === undefined) throw fault('a known transport', 'RFC 3261 19.1.1');
  const transport = securedFor(uri.scheme, asked ?? (uri.scheme === 'sips' ? 'tls' : 'udp'));
  const host = uri.params.get('maddr') ?? uri.host;
  const bare = host.startsWith('[') ? host.slice(1, -1) : host;
  const secure = transport === 'tls' || transport === 'wss';
  return { transport, host: bare, port: uri.port ?? (secure ? 5061 : 5060) };
}

function securedFor(scheme: 'sip' | 'sips', transport: TransportProtocol): TransportProtocol {
  if (scheme === 'sip') return transport;
  if (transport === 'tcp' || transport === 'udp') return 'tls';
  return transport === 'ws' ? 'wss' : transport;
}

function fault(expected: string, clause: string): SipParseError {
  return new SipParseError({ offset: 0, field: 'next hop', expected, clause });
}
