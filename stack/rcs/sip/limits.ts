/** Bounds on what a SIP parser or endpoint takes from a peer; what they refuse is answered 4xx or 5xx. */

export interface SipLimits {
  /** Octets of the request line or status line. */
  readonly startLine: number;
  /** Octets of start line and header section together. */
  readonly head: number;
  /** Header fields in one message. */
  readonly headerCount: number;
  /** Octets of the body. */
  readonly body: number;
  /** Server transactions alive at once. */
  readonly serverTransactions: number;
  /** Streams open at once, in either direction. */
  readonly streams: number;
  /** Peer addresses remembered as UDP flows; the longest known is forgotten first. */
  readonly udpFlows: number;
}

export const DEFAULT_LIMITS: SipLimits = {
  startLine: 8192,
  head: 65_536,
  headerCount: 256,
  body: 1_048_576,
  serverTransactions: 8192,
  streams: 4096,
  udpFlows: 8192,
};
