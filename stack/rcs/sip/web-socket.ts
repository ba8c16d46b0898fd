/** RFC 7118: the WebSocket transports of SIP, as far as they differ from streams. */

import type { ListenOptions, TransportProtocol } from '../../platform.ts';

export function isWebSocket(transport: TransportProtocol): transport is 'ws' | 'wss' {
  return transport === 'ws' || transport === 'wss';
}

/** What a stream transport asks of the network; the subprotocol of section 4.1 is `sip`. */
export function listenOptions(transport: TransportProtocol): ListenOptions {
  const secure = transport === 'tls' || transport === 'wss';
  return isWebSocket(transport) ? { secure, webSocket: 'sip' } : { secure };
}

/** Section 5: a client that can't be dialled names itself under `invalid`. */
export function isInvalidHost(host: string): boolean {
  return /(?:^|\.)invalid\.?$/i.test(host);
}

/** Where a SIP URI without a port leads (RFC 3261 section 19.1.2, RFC 7118 section 8.1). */
export function defaultPort(transport: TransportProtocol): number {
  const ports: Readonly<Record<TransportProtocol, number>> = {
    udp: 5060,
    tcp: 5060,
    tls: 5061,
    ws: 80,
    wss: 443,
  };
  return ports[transport];
}
