/** A session description (RFC 4566) as far as MSRP sessions need it (RFC 4975 section 8). */

/** RFC 4145 section 4. */
export type Setup = 'active' | 'passive' | 'actpass' | 'holdconn';
export type Direction = 'sendrecv' | 'sendonly' | 'recvonly' | 'inactive';

/** An `m=message` section. */
export interface MessageMedia {
  /** 0: refused. 9: an active side, which takes no connection. */
  readonly port: number;
  /** `TCP/MSRP`, `TCP/TLS/MSRP`, or a WebSocket form of them. */
  readonly protocol: string;
  /** From `c=`, the section's own or that of the whole description. */
  readonly host: string;
  /** MSRP URIs as written, the next hop first; none in a refused section. */
  readonly path: readonly string[];
  readonly acceptTypes: readonly string[];
  /** Absent: not said, which leaves it to the containers' own rules. */
  readonly acceptWrappedTypes?: readonly string[];
  /** Octets of the largest message taken (RFC 4975 section 8.6). */
  readonly maxSize?: number;
  readonly setup?: Setup;
  readonly connection?: 'new' | 'existing';
  readonly direction: Direction;
  readonly fingerprint?: { readonly algorithm: string; readonly hash: string };
  /** `a=msrp-cema` (RFC 6714). */
  readonly cema: boolean;
  /** `a=file-selector` (RFC 5547): this is a file transfer, not a large message. */
  readonly fileSelector?: string;
}

export interface SessionDescription {
  /** Digits only: some peers refuse any other (hazard R60 in docs/rcs-signalling.md). */
  readonly sessionId: string;
  readonly sessionVersion: number;
  /** The originator's host. */
  readonly host: string;
  /** Every media section, in order; those of other media only by their name, so that an answer can refuse them. */
  readonly media: readonly (MessageMedia | OtherMedia)[];
}

export interface OtherMedia {
  readonly other: string;
  readonly protocol: string;
  readonly formats: string;
}

/** The first message section that isn't refused. */
export function messageMedia(description: SessionDescription): MessageMedia | undefined {
  return description.media.find((one): one is MessageMedia => !('other' in one) && one.port !== 0);
}

export function isSecure({ protocol }: Pick<MessageMedia, 'protocol'>): boolean {
  return /\/(TLS|WSS)\//i.test(protocol);
}
