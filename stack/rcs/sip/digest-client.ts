/**
 * RFC 3261 section 22 and RFC 7616 section 3.6 for a user agent: answers what registrars and proxies ask, with a
 * password or a SIM (RFC 3310, TS 24.229 section 5.1.1.5), and uses an answered nonce again while it lasts.
 */

import type { Random, Sim } from '../../platform.ts';
import { AKA_V1, parseAkaNonce } from './aka.ts';
import {
  canAnswer,
  type DigestChallenge,
  digestAuthorization,
  parseAnyChallenge,
  parseAuthenticationInfo,
  parseDigestHeader,
  provesItself,
  rejectedChallenge,
} from './digest.ts';
import { addHeader, header, headerValues, removeHeader } from './headers.ts';
import { newTag } from './identifiers.ts';
import type { SipHeader, SipRequest, SipResponse } from './message.ts';

export interface DigestIdentity {
  readonly username: string;
  /** Absent: only challenges to the SIM are answered. */
  readonly password?: string;
  readonly sim?: Sim;
}

/** `refused`: another round would end no better, and why. */
export type ChallengeOutcome =
  | { readonly kind: 'answer' }
  | { readonly kind: 'refused'; readonly why: string };

/** A challenge and what is known by which it can be answered. */
interface Session {
  challenge: DigestChallenge;
  readonly cnonce: string;
  /** Empty with `auts`; absent: the SIM takes the challenge for a forgery. */
  readonly password?: string | Uint8Array;
  readonly auts?: Uint8Array;
  used: number;
}

interface Party {
  readonly ask: string;
  readonly answer: string;
  readonly info: string;
}

const ORIGIN: Party = { ask: 'WWW-Authenticate', answer: 'Authorization', info: 'Authentication-Info' };
const PROXY: Party = {
  ask: 'Proxy-Authenticate',
  answer: 'Proxy-Authorization',
  info: 'Proxy-Authentication-Info',
};
const PARTIES = [ORIGIN, PROXY];
/** Realms that one response may name. */
const MOST_REALMS = 4;

export class DigestClient {
  readonly #identity: DigestIdentity;
  readonly #random: Random;
  /** By party, protected method and realm. */
  readonly #sessions = new Map<string, Session>();

  constructor(identity: DigestIdentity, random: Random) {
    this.#identity = identity;
    this.#random = random;
  }

  /** The request with credentials for all who asked before; its own Authorization stays where nobody did. */
  authorize(request: SipRequest): SipRequest {
    let authorized = request;
    for (const party of PARTIES) {
      const sessions = [...this.#sessions].filter(([key]) => key.startsWith(prefixOf(party, request.method)));
      if (sessions.length > 0) authorized = removeHeader(authorized, party.answer);
      for (const [key, session] of sessions) {
        authorized = addHeader(authorized, party.answer, this.#answer(session, request));
        // Neither says anything about the next request.
        if (session.password === undefined || session.auts !== undefined) this.#sessions.delete(key);
      }
    }
    return authorized;
  }

  /** Takes in a 401 or 407 to `sent`, a request of `authorize`. */
  challenged(sent: SipRequest, response: SipResponse): ChallengeOutcome {
    const party = response.status === 401 ? ORIGIN : PROXY;
    const asked = headerValues(response, party.ask).map(parseAnyChallenge);
    const challenges = asked.filter((one) => one !== undefined);
    const realms = [...new Set(challenges.map(({ realm }) => realm))];
    if (realms.length === 0 || realms.length > MOST_REALMS)
      return refused('no challenge that could be answered');
    for (const realm of realms) {
      const ofRealm = challenges.filter((one) => one.realm === realm);
      // RFC 8760 2.4: in their order the server's preference.
      const chosen = ofRealm.find((one) => this.#canAnswer(one));
      if (chosen === undefined)
        return refused(`no algorithm of ${realm} is known, or there is no secret for it`);
      const outcome = this.#take(party, chosen, sent);
      if (outcome.kind === 'refused') return outcome;
    }
    return { kind: 'answer' };
  }

  /** Header fields that answer `challenged` for a request that goes again by other hands; undefined where none would help. */
  credentialsFor(request: SipRequest, challenged: SipResponse): SipHeader[] | undefined {
    if (this.challenged(request, challenged).kind === 'refused') return undefined;
    const names = PARTIES.map(({ answer }) => answer);
    return this.authorize(request).headers.filter(({ name }) => names.includes(name));
  }

  /**
   * Takes in a 2xx to `sent`. False when the server claims to know the secret and doesn't (RFC 7616 3.5): it is none to
   * trust.
   */
  accepted(sent: SipRequest, response: SipResponse): boolean {
    return PARTIES.every((party) => this.#takeInfo(party, sent, response));
  }

  #takeInfo(party: Party, sent: SipRequest, response: SipResponse): boolean {
    const info = parseAuthenticationInfo(header(response, party.info) ?? '');
    const credentials = parseDigestHeader(header(sent, party.answer) ?? '');
    if (info === undefined || credentials === undefined) return true;
    const session = this.#sessions.get(prefixOf(party, sent.method) + credentials.realm);
    if (session?.password === undefined) return true;
    if (!provesItself(info, credentials, { password: session.password }, sent.body)) return false;
    // What a SIM answered is no answer to another nonce.
    if (info.nextnonce !== undefined && !isAka(session.challenge)) {
      session.challenge = { ...session.challenge, nonce: info.nextnonce };
      session.used = 0;
    }
    return true;
  }

  #canAnswer(challenge: DigestChallenge): boolean {
    const { password, sim } = this.#identity;
    return canAnswer(challenge, { sim: sim !== undefined }) && (isAka(challenge) || password !== undefined);
  }

  #take(party: Party, challenge: DigestChallenge, sent: SipRequest): ChallengeOutcome {
    const key = prefixOf(party, sent.method) + challenge.realm;
    const before = headerValues(sent, party.answer)
      .map(parseDigestHeader)
      .find((one) => one?.realm === challenge.realm && one.nonce !== '');
    const known = this.#sessions.get(key);
    this.#sessions.delete(key);
    const outOfStep = before?.auts !== undefined;
    // The first answer to a challenge was right or wrong; a later one may have come too late for its nonce.
    const judged = before !== undefined && !outOfStep && (known?.used ?? 1) === 1;
    if (judged && challenge.stale !== true) return refused('the credentials were not accepted');
    const session = this.#open(challenge);
    if (session === undefined) return refused('a challenge to the SIM that holds no RAND and AUTN');
    if (outOfStep && session.auts !== undefined)
      return refused('the network does not follow the SIM (TS 24.229 5.1.1.5.3)');
    this.#sessions.set(key, session);
    return { kind: 'answer' };
  }

  #open(challenge: DigestChallenge): Session | undefined {
    const { password, sim } = this.#identity;
    const shared = { challenge, cnonce: newTag(this.#random), used: 0 };
    if (!isAka(challenge)) return { ...shared, password: password! };
    const nonce = parseAkaNonce(challenge.nonce);
    if (nonce === undefined) return undefined;
    const answer = sim!.authenticate(nonce.rand, nonce.autn);
    if (answer.kind === 'authenticated') return { ...shared, password: answer.res };
    return answer.kind === 'out-of-step' ? { ...shared, password: '', auts: answer.auts } : shared;
  }

  #answer(session: Session, request: SipRequest): string {
    const { challenge, cnonce, password, auts } = session;
    const { username } = this.#identity;
    const { method, uri, body } = request;
    if (password === undefined) return rejectedChallenge(challenge, username, uri);
    session.used += 1;
    return digestAuthorization({
      ...{ challenge, username, password, method, uri, body, cnonce, nc: session.used },
      ...(auts === undefined ? {} : { auts }),
    });
  }
}

/** Who answers a REGISTER isn't who answers a MESSAGE; proxies see both. */
function prefixOf(party: Party, method: string): string {
  return `${party.answer} ${party === ORIGIN ? method : ''} `;
}

function isAka({ algorithm }: DigestChallenge): boolean {
  return algorithm?.toLowerCase() === AKA_V1.toLowerCase();
}

function refused(why: string): ChallengeOutcome {
  return { kind: 'refused', why };
}
