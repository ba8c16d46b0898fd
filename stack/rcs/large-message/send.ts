/** The sending side: INVITE, one CPIM message over MSRP, BYE (docs/rcs-signalling.md 4.4). */

import type { Timer } from '../../platform.ts';
import { MsrpParseError, type MsrpReply, type MsrpSession, parseMsrpUri } from '../msrp/index.ts';
import {
  connectAddress,
  isSecure,
  type MessageMedia,
  messageMedia,
  offererRole,
  parseSessionDescription,
  SdpParseError,
  writeSessionDescription,
} from '../sdp/index.ts';
import type { SipHeader, SipResponse } from '../sip/message.ts';
import type { OutgoingCall } from '../sip/outgoing-call.ts';
import type { SessionHandlers } from '../sip/session.ts';
import { describe, type LargeMessageParty, mediaOf, openSession, SILENCE_MS } from './party.ts';

export interface LargeMessage {
  /** A whole `message/cpim`. */
  readonly content: Uint8Array;
  /** Media type of what it wraps. */
  readonly wrappedType: string;
}

/** What the INVITE takes over from here. */
export interface InviteParts {
  readonly headers: readonly SipHeader[];
  readonly body: Uint8Array;
  readonly handlers: SessionHandlers;
}

export interface LargeSendResult {
  /** As a final response of SIP: 200, or why not, whether the INVITE or MSRP was answered so. */
  readonly status: number;
  readonly reason: string;
  /** The refusal of the INVITE. */
  readonly response?: SipResponse;
  /** Nobody said so: no answer in time, or a connection went. */
  readonly local?: true;
}

/** Never rejects but when `invite` throws. When it resolves the BYE is on its way and the connection closed. */
export async function sendLargeMessage(
  party: LargeMessageParty,
  message: LargeMessage,
  invite: (parts: InviteParts) => OutgoingCall,
): Promise<LargeSendResult> {
  // A peer that never connects must not hold the message for ever.
  let patience: Timer | undefined;
  const msrp = openSession(party, {
    acceptTypes: ['message/cpim'],
    maxSize: party.maxSize,
    onBound: () => patience?.cancel(),
    onClosed: () => patience?.cancel(),
  });
  try {
    const setup = party.port === undefined ? 'active' : 'actpass';
    const media = mediaOf(party, msrp, { direction: 'sendonly', setup }, [message.wrappedType]);
    const call = invite({
      headers: [{ name: 'Content-Type', value: 'application/sdp' }],
      body: writeSessionDescription(describe(party, [media])),
      handlers: { onEnded: () => msrp.close() },
    });
    const outcome = await call.outcome;
    if (outcome.kind === 'cancelled') return { status: 487, reason: 'Cancelled', local: true };
    if (outcome.kind === 'refused') {
      const { status, reason, local } = outcome.response;
      return { status, reason, response: outcome.response, ...(local && { local }) };
    }
    patience = party.clock.setTimer(SILENCE_MS, () => msrp.close());
    const result = await transfer(message, media, msrp, outcome.response);
    void outcome.session.bye();
    return result;
  } finally {
    patience?.cancel();
    msrp.close();
  }
}

async function transfer(
  message: LargeMessage,
  offered: MessageMedia,
  msrp: MsrpSession,
  response: SipResponse,
): Promise<LargeSendResult> {
  const peer = answerOf(response);
  const refusal = unusable(peer, offered, message);
  if (refusal || !peer) return refusal!;
  if (offererRole(offered.setup, peer.setup) === 'passive') msrp.expect(peer.path);
  else {
    const to = connectAddress(peer, offered.cema);
    const bound = await msrp.connect(peer.path, to, { secure: isSecure(peer), silent: true });
    if (bound.status !== 200) return asResult(bound);
  }
  return asResult(await msrp.send({ contentType: 'message/cpim', body: message.content }));
}

function answerOf(response: SipResponse): MessageMedia | undefined {
  try {
    const media = messageMedia(parseSessionDescription(response.body));
    // Where the path leads must be readable before it is gone to.
    if (media) for (const uri of media.path) parseMsrpUri(uri);
    return media;
  } catch (error) {
    if (error instanceof SdpParseError || error instanceof MsrpParseError) return undefined;
    throw error;
  }
}

/** Why a message can't go over what was answered; undefined when it can. */
function unusable(
  answer: MessageMedia | undefined,
  offered: MessageMedia,
  { content, wrappedType }: LargeMessage,
): LargeSendResult | undefined {
  if (!answer) return { status: 488, reason: 'no usable MSRP in the answer', local: true };
  if (isSecure(answer) !== isSecure(offered))
    return { status: 488, reason: 'the answer is over another transport than the offer', local: true };
  if (answer.maxSize !== undefined && answer.maxSize < content.length)
    return { status: 413, reason: `${content.length} octets, the other side takes ${answer.maxSize}` };
  const takes = (types: readonly string[], type: string) =>
    types.some((one) => one === '*' || one.toLowerCase() === type);
  if (!takes(answer.acceptTypes, 'message/cpim'))
    return { status: 488, reason: 'message/cpim is not taken', local: true };
  if (answer.acceptWrappedTypes && !takes(answer.acceptWrappedTypes, wrappedType))
    return { status: 415, reason: `${wrappedType} is not taken` };
  return undefined;
}

/** MSRP's codes with another meaning in SIP. */
const AS_SIP: Readonly<Record<number, number>> = { 423: 488, 481: 480, 501: 488, 506: 480 };

function asResult({ status, comment = '', local }: MsrpReply): LargeSendResult {
  return { status: AS_SIP[status] ?? status, reason: comment || 'MSRP', ...(local && { local }) };
}
