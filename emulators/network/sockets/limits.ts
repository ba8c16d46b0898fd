/** Bounds on what real peers may hold or send. All times are of the machine, not of an emulated world. */
export interface SocketLimits {
  /** Open connections that one listener takes. */
  readonly connections: number;
  /** Open connections that one listener takes from one address. */
  readonly connectionsPerAddress: number;
  /** Octets waiting for a slow reader before its stream is closed. */
  readonly queuedOctets: number;
  /** A stream on which nothing moves for this long is closed. */
  readonly idleMs: number;
  /** For TCP, TLS and WebSocket handshakes together, on either side. */
  readonly handshakeMs: number;
  /** How long an orderly close waits for the peer's. */
  readonly closeMs: number;
  /** Largest datagram taken or sent; what UDP over IPv4 can carry. */
  readonly datagramOctets: number;
  /** Largest WebSocket message taken. */
  readonly webSocketOctets: number;
  /** Between WebSocket pings; a peer that misses one is gone (RFC 6455 section 5.5.2). */
  readonly webSocketPingMs: number;
  /** Of an HTTP request or response. */
  readonly httpHeadOctets: number;
  readonly httpBodyOctets: number;
  /** For the whole of an HTTP request to come in, and for the answer to one. */
  readonly httpMs: number;
}

export const DEFAULT_SOCKET_LIMITS: SocketLimits = {
  connections: 16_384,
  connectionsPerAddress: 4_096,
  queuedOctets: 8 * 1024 * 1024,
  idleMs: 3_600_000,
  handshakeMs: 10_000,
  closeMs: 10_000,
  datagramOctets: 65_507,
  webSocketOctets: 2 * 1024 * 1024,
  webSocketPingMs: 30_000,
  httpHeadOctets: 65_536,
  httpBodyOctets: 128 * 1024 * 1024,
  httpMs: 30_000,
};
