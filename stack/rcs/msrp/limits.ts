/** Bounds on what an MSRP parser takes from a peer. */

export interface MsrpLimits {
  /** Octets of start line and headers together. */
  readonly head: number;
  readonly headerCount: number;
  /** URIs in a To-Path or From-Path. */
  readonly pathLength: number;
  /** Octets of one chunk that are kept. A chunk may have any size (RFC 4975 5.1): what is beyond is counted and left out. */
  readonly body: number;
}

export const DEFAULT_MSRP_LIMITS: MsrpLimits = {
  head: 16_384,
  headerCount: 64,
  pathLength: 16,
  body: 1_048_576,
};
