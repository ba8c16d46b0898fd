/** The receiving side: takes or refuses the session, hands up the one message of it (docs/rcs-signalling.md 4.4). */

import type { Timer } from '../../platform.ts';
import { type MsrpSession, type MsrpVerdict, parseMsrpUri } from '../msrp/index.ts';
import {
  answerDirection,
  answerSetup,
  connectAddress,
  isSecure,
  type MessageMedia,
  messageMedia,
  parseSessionDescription,
  SdpParseError,
  type SessionDescription,
  writeSessionDescription,
} from '../sdp/index.ts';
import type { IncomingCall } from '../sip/incoming-call.ts';
import type { Session } from '../sip/session.ts';
import { mediaTypeOf, partsOf } from './offer-body.ts';
import { describe, type LargeMessageParty, mediaOf, openSession, SILENCE_MS } from './party.ts';

export interface LargeMessageTaker {
  /** Media types taken inside CPIM; `*` takes all. */
  readonly acceptWrappedTypes: readonly string[];
  /** The whole `message/cpim`. What it gives answers the last chunk; 200 when nothing. */
  onMessage(content: Uint8Array): MsrpVerdict | undefined | Promise<MsrpVerdict | undefined>;
  /** Once, when the session is over, whether a message came or not. */
  onOver?(): void;
}

/** Answers the call: 200 and then waits for the message, or the refusal that it deserves. */
export function receiveLargeMessage(
  call: IncomingCall,
  party: LargeMessageParty,
  taker: LargeMessageTaker,
): void {
  const offer = offerOf(call);
  if (offer === undefined)
    return call.reject(415, { headers: [{ name: 'Accept', value: 'application/sdp' }] });
  const media = offer === null ? undefined : messageMedia(offer);
  const setup = media && answerSetup(media.setup, party.port === undefined ? 'active' : 'passive');
  const why = whyNot(media, setup, party);
  if (why !== undefined)
    return call.reject(488, { headers: [{ name: 'Warning', value: `399 ${party.host} "${why}"` }] });
  new Reception(call, party, taker, { offer: offer!, media: media!, setup: setup! });
}

/** `undefined`: there is none. `null`: one that can't be read. */
function offerOf({ request }: IncomingCall): SessionDescription | null | undefined {
  const sdp = partsOf(request).find((part) => mediaTypeOf(part) === 'application/sdp');
  if (!sdp) return undefined;
  try {
    return parseSessionDescription(sdp.content);
  } catch (error) {
    if (error instanceof SdpParseError) return null;
    throw error;
  }
}

function whyNot(
  media: MessageMedia | undefined,
  setup: 'active' | 'passive' | undefined,
  party: LargeMessageParty,
): string | undefined {
  if (!media) return 'no message media';
  if (media.fileSelector !== undefined) return 'a file transfer is no large message';
  if (media.direction !== 'sendonly' && media.direction !== 'sendrecv') return 'nothing would be sent';
  if (isSecure(media) !== party.secure) return party.secure ? 'MSRP over TLS only' : 'MSRP over TCP only';
  if (!media.acceptTypes.some((type) => type === '*' || type.toLowerCase() === 'message/cpim'))
    return 'message/cpim only';
  if (setup === undefined || (setup === 'passive' && party.port === undefined)) return 'no one would connect';
  try {
    for (const uri of media.path) parseMsrpUri(uri);
    return undefined;
  } catch {
    return 'a path that is no MSRP URI';
  }
}

interface Agreed {
  readonly offer: SessionDescription;
  readonly media: MessageMedia;
  /** Of this side. */
  readonly setup: 'active' | 'passive';
}

class Reception {
  readonly #party: LargeMessageParty;
  readonly #taker: LargeMessageTaker;
  readonly #msrp: MsrpSession;
  readonly #session: Session;
  #silence: Timer;
  #over = false;

  constructor(
    call: IncomingCall,
    party: LargeMessageParty,
    taker: LargeMessageTaker,
    { offer, media: offered, setup }: Agreed,
  ) {
    this.#party = party;
    this.#taker = taker;
    this.#msrp = openSession(party, {
      acceptTypes: ['message/cpim'],
      maxSize: party.maxSize,
      onMessage: (message) => this.#message(message.body),
      onBound: () => this.#waitOn(),
      onChunk: () => this.#waitOn(),
      onClosed: () => this.#close(),
    });
    this.#silence = party.clock.setTimer(SILENCE_MS, () => this.#end());
    const role = { direction: answerDirection(offered.direction), setup };
    const own = mediaOf(party, this.#msrp, role, taker.acceptWrappedTypes);
    const media = offer.media.map((one) => (one === offered ? own : refused(one)));
    this.#session = call.accept(
      {
        headers: [{ name: 'Content-Type', value: 'application/sdp' }],
        body: writeSessionDescription(describe(party, media)),
      },
      { onEnded: () => this.#close() },
    );
    if (setup === 'passive') this.#msrp.expect(offered.path);
    else void this.#connect(offered, own);
  }

  /** Nothing is to be sent, so an empty SEND binds the connection (hazard R53). */
  async #connect(offered: MessageMedia, own: MessageMedia): Promise<void> {
    const to = connectAddress(offered, own.cema);
    const bound = await this.#msrp.connect(offered.path, to, { secure: isSecure(offered) });
    if (bound.status !== 200) this.#end();
  }

  async #message(content: Uint8Array): Promise<MsrpVerdict | undefined> {
    this.#silence.cancel();
    const verdict = await this.#taker.onMessage(content);
    // The sender has its answer and says BYE; one that doesn't is shown out.
    if (!this.#over) this.#waitOn();
    return verdict;
  }

  #waitOn(): void {
    this.#silence.cancel();
    this.#silence = this.#party.clock.setTimer(SILENCE_MS, () => this.#end());
  }

  #end(): void {
    if (!this.#over) void this.#session.bye();
    this.#close();
  }

  #close(): void {
    if (this.#over) return;
    this.#over = true;
    this.#silence.cancel();
    this.#msrp.close();
    this.#taker.onOver?.();
  }
}

/** Every section of an offer gets one in the answer (RFC 3264 section 6). */
function refused(media: SessionDescription['media'][number]): SessionDescription['media'][number] {
  return 'other' in media ? media : { other: 'message', protocol: media.protocol, formats: '*' };
}
