/** A side of large message mode (OMA CPM Standalone Messaging; docs/rcs-signalling.md 4.4): SIP, SDP and MSRP together. */

import type { Clock, Random } from '../../platform.ts';
import type { MsrpEndpoint, MsrpSession, MsrpSessionOptions } from '../msrp/index.ts';
import type { MessageMedia, SessionDescription } from '../sdp/index.ts';
import { headerValues } from '../sip/headers.ts';
import type { SipRequest } from '../sip/message.ts';

export const LARGE_MESSAGE_ICSI = 'urn:urn-7:3gpp-service.ims.icsi.oma.cpm.largemsg';
export const LARGE_MESSAGE_TAG = '+g.3gpp.icsi-ref="urn%3Aurn-7%3A3gpp-service.ims.icsi.oma.cpm.largemsg"';

/** Nothing of the session moves for this long: it is given up, ms. */
export const SILENCE_MS = 30_000;

export interface LargeMessageParty {
  readonly clock: Clock;
  readonly random: Random;
  readonly msrp: MsrpEndpoint;
  /** This side's host, for `o=`, `c=` and its path. */
  readonly host: string;
  /** MSRP over TLS. */
  readonly secure: boolean;
  /** Where this side takes MSRP connections; absent for one that only opens them, as phones do. */
  readonly port?: number;
  /** Octets of the largest message taken (`a=max-size`). */
  readonly maxSize: number;
}

/** Whether an INVITE is for a large message: what the network asserted, or else what its sender asks for. */
export function asksForLargeMessage(invite: SipRequest): boolean {
  const named = [
    ...headerValues(invite, 'P-Asserted-Service'),
    ...headerValues(invite, 'P-Preferred-Service'),
    ...headerValues(invite, 'Accept-Contact'),
    ...headerValues(invite, 'Contact'),
  ];
  return named.some((value) => decoded(value).includes(LARGE_MESSAGE_ICSI));
}

/** This side's half of the session, with a path of its own. */
export function openSession(party: LargeMessageParty, options: MsrpSessionOptions): MsrpSession {
  const { msrp, secure, host, port } = party;
  return msrp.session({ secure, host, port: port ?? ACTIVE_PORT }, options);
}

/** RFC 4145 section 4.1: the port of a side that takes no connection. */
const ACTIVE_PORT = 9;

export function mediaOf(
  { secure, host, port, maxSize }: LargeMessageParty,
  session: MsrpSession,
  role: Pick<MessageMedia, 'direction' | 'setup'>,
  acceptWrappedTypes: readonly string[],
): MessageMedia {
  return {
    port: port ?? ACTIVE_PORT,
    protocol: secure ? 'TCP/TLS/MSRP' : 'TCP/MSRP',
    host,
    path: [session.localUri],
    acceptTypes: ['message/cpim'],
    acceptWrappedTypes,
    maxSize,
    connection: 'new',
    cema: true,
    ...role,
  };
}

/** Digits, as strict peers want them (hazard R60); the clock makes them differ from session to session. */
export function describe(party: LargeMessageParty, media: SessionDescription['media']): SessionDescription {
  const [high = 0, low = 0] = party.random.bytes(2);
  const sessionId = String(party.clock.now() * 1_000 + ((high * 256 + low) % 1_000));
  return { sessionId, sessionVersion: 1, host: party.host, media };
}

function decoded(value: string): string {
  return value.toLowerCase().replaceAll('%3a', ':');
}
