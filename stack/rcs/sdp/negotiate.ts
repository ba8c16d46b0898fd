/** Who connects, and where to: RFC 4145, RFC 6135 section 4, RFC 4975 sections 5.4 and 8.1, RFC 6714. */

import type { Endpoint } from '../../platform.ts';
import { parseMsrpUri } from '../msrp/uri.ts';
import type { Direction, MessageMedia, Setup } from './description.ts';

/**
 * The answerer's part. Without `a=setup` the offerer connects (RFC 4975 section 5.4; hazard R54 in
 * docs/rcs-signalling.md). Undefined when the offer wants no connection.
 */
export function answerSetup(
  offered: Setup | undefined,
  preferred: 'active' | 'passive',
): 'active' | 'passive' | undefined {
  if (offered === 'holdconn') return undefined;
  if (offered === 'actpass') return preferred;
  return offered === 'passive' ? 'active' : 'passive';
}

/** What the offerer does, after its own offer and the answer's `a=setup`. */
export function offererRole(offered: Setup | undefined, answered: Setup | undefined): 'active' | 'passive' {
  if (answered === 'active') return 'passive';
  if (answered === 'passive') return 'active';
  return offered === 'passive' ? 'passive' : 'active';
}

/** The direction of an answer that agrees (RFC 3264 section 6.1). */
export function answerDirection(offered: Direction): Direction {
  if (offered === 'sendonly') return 'recvonly';
  return offered === 'recvonly' ? 'sendonly' : offered;
}

/**
 * Where the active side connects: with `a=msrp-cema` on both sides to the address of `c=` and `m=`, which a border may
 * have rewritten, else to that of the first URI of the path (RFC 6714; hazard R55). Throws MsrpParseError.
 */
export function connectAddress(peer: MessageMedia, ownCema: boolean): Endpoint {
  if (peer.cema && ownCema) return { host: peer.host, port: peer.port };
  const { host, port } = parseMsrpUri(peer.path[0]!);
  return { host, port: port ?? 2_855 };
}
