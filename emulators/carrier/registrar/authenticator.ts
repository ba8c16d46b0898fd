/**
 * Who lets whom in: HTTP digest with a password (RFC 7616, RFC 8760) or with a SIM (RFC 3310), as 3GPP TS 24.229 section
 * 5.4.1.2 uses it. Algorithms are offered as the carrier prefers them, each in a header field of its own.
 */
import type { Clock, Random } from '../../../stack/platform.ts';
import { AKA_V1, parseAkaNonce, parseAuts, writeAkaNonce } from '../../../stack/rcs/sip/aka.ts';
import {
  authenticationInfo,
  type DigestCredentials,
  parseDigestHeader,
  verifyDigest,
  writeChallenge,
} from '../../../stack/rcs/sip/digest.ts';
import { headerValues } from '../../../stack/rcs/sip/headers.ts';
import type { SipHeader, SipRequest } from '../../../stack/rcs/sip/message.ts';
import { type Answer, refusal } from '../answer.ts';
import {
  type AuthenticationScheme,
  type CarrierConfig,
  homeDomain,
  privateIdentity,
  type Subscriber,
} from '../config.ts';
import { AuthenticationCentre } from './authentication-centre.ts';
import { Nonces } from './nonces.ts';

const ALGORITHMS: Readonly<Record<AuthenticationScheme, string>> = {
  aka: AKA_V1,
  'digest-sha512-256': 'SHA-512-256',
  'digest-sha256': 'SHA-256',
  'digest-md5': 'MD5',
};

/** `registrar`: 401 and Authorization; `proxy`: 407 and Proxy-Authorization (RFC 3261 sections 22.2, 22.3). */
export type Asker = 'registrar' | 'proxy';

const FIELDS = {
  registrar: {
    status: 401,
    ask: 'WWW-Authenticate',
    given: 'Authorization',
    info: 'Authentication-Info',
  },
  proxy: {
    status: 407,
    ask: 'Proxy-Authenticate',
    given: 'Proxy-Authorization',
    info: 'Proxy-Authentication-Info',
  },
} as const;

export type Admission =
  /** `headers` for the 2xx: the proof that the network knows the secret too. */
  | { readonly kind: 'admitted'; readonly headers: readonly SipHeader[] }
  | { readonly kind: 'answer'; readonly answer: Answer };

const LEAST_NONCE_LIFE_MS = 5 * 60_000;
/** Challenges to SIMs that wait for their answer. */
const MOST_VECTORS = 10_000;

export class Authenticator {
  readonly #config: CarrierConfig;
  readonly #domain: string;
  readonly #schemes: readonly AuthenticationScheme[];
  readonly #nonces: Nonces;
  readonly #centre: AuthenticationCentre;
  readonly #serverData: Random;
  /** What the card answers to the RAND in a nonce, and how often that nonce was used. */
  readonly #vectors = new Map<string, { readonly imsi: string; readonly xres: Uint8Array; used: number }>();

  constructor(config: CarrierConfig, clock: Clock, random: Random) {
    this.#config = config;
    this.#domain = homeDomain(config);
    this.#schemes = config.signalling.auth ?? ['digest-sha256'];
    // A phone that refreshes its registration may use the nonce of the last time.
    const life = Math.max(LEAST_NONCE_LIFE_MS, config.signalling.expiresMs);
    this.#nonces = new Nonces(clock, random.fork('nonces'), life);
    this.#centre = new AuthenticationCentre(random.fork('authentication centre'));
    this.#serverData = random.fork('aka nonces');
  }

  /** Judges the credentials of a request that claims to be of `subscriber`. */
  admit(request: SipRequest, subscriber: Subscriber, asker: Asker): Admission {
    const fields = headerValues(request, FIELDS[asker].given);
    const own = fields.find((field) => parseDigestHeader(field)?.realm === this.#domain) ?? fields[0];
    const given = own === undefined ? undefined : parseDigestHeader(own);
    if (own === undefined || given === undefined) return this.#nothingGiven(subscriber, asker);
    if (given.username !== privateIdentity(this.#config, subscriber))
      return this.#forbid('the private identity does not belong to the public one');
    // TS 24.229 section 5.1.1.2.2: the first REGISTER names the user and leaves nonce and response empty.
    if (given.nonce === '') return this.#challenge(subscriber, asker, false);
    return given.algorithm?.toLowerCase() === AKA_V1.toLowerCase()
      ? this.#judgeSim(request, subscriber, asker, own, given)
      : this.#judgePassword(request, subscriber, asker, own, given);
  }

  #nothingGiven(subscriber: Subscriber, asker: Asker): Admission {
    // docs/rcs-signalling.md, hazard R01: some cores do not look for the user without its private identity.
    if (asker === 'registrar' && this.#config.signalling.strictImpi === true)
      return this.#forbid('the first REGISTER names no private identity (TS 24.229 5.1.1.2)');
    return this.#challenge(subscriber, asker, false);
  }

  #judgePassword(
    request: SipRequest,
    subscriber: Subscriber,
    asker: Asker,
    field: string,
    given: DigestCredentials,
  ): Admission {
    const { password } = subscriber;
    const verdict = verifyDigest({
      header: field,
      method: request.method,
      uri: request.uri,
      realm: this.#domain,
      algorithms: this.#schemes.filter((one) => one !== 'aka').map((one) => ALGORITHMS[one]),
      password,
      body: request.body,
      acceptNonce: (nonce, count) => this.#nonces.accept(nonce, count),
    });
    if (verdict === 'bad') return this.#forbid('the credentials are wrong');
    if (verdict === 'stale') return this.#challenge(subscriber, asker, true);
    const next = this.#config.signalling.nextNonce === true ? { nextnonce: this.#nonces.issue() } : {};
    return admitted(asker, authenticationInfo(given, { password }, { ...next, body: request.body }));
  }

  #judgeSim(
    request: SipRequest,
    subscriber: Subscriber,
    asker: Asker,
    field: string,
    given: DigestCredentials,
  ): Admission {
    const vector = this.#vectors.get(given.nonce);
    if (!this.#schemes.includes('aka') || subscriber.sim === undefined)
      return this.#forbid('no challenge to a SIM was made');
    if (vector === undefined || vector.imsi !== subscriber.imsi)
      return this.#challenge(subscriber, asker, true);
    if (given.auts !== undefined) return this.#resynchronise(subscriber, asker, given);
    // TS 24.229 section 5.4.1.2.3: the card took the challenge for a forgery.
    if (given.response === '') return this.#forbid('the SIM does not know this network');
    const verdict = verifyDigest({
      header: field,
      method: request.method,
      uri: request.uri,
      realm: this.#domain,
      algorithms: [AKA_V1],
      password: vector.xres,
      body: request.body,
      acceptNonce: (_, count) => count > vector.used,
    });
    if (verdict === 'bad') return this.#forbid('the SIM answered wrongly');
    if (verdict === 'stale') return this.#challenge(subscriber, asker, true);
    vector.used = Number.parseInt(given.nc ?? '1', 16);
    return admitted(asker, authenticationInfo(given, { password: vector.xres }, { body: request.body }));
  }

  /** TS 33.102 section 6.3.5. */
  #resynchronise(subscriber: Subscriber, asker: Asker, { nonce, auts }: DigestCredentials): Admission {
    this.#vectors.delete(nonce);
    const { rand } = parseAkaNonce(nonce)!;
    const given = parseAuts(auts!);
    const followed =
      given !== undefined && this.#centre.resynchronise(subscriber.imsi, subscriber.sim!, rand, given);
    return followed ? this.#challenge(subscriber, asker, false) : this.#forbid('AUTS is not of the SIM');
  }

  #challenge(subscriber: Subscriber, asker: Asker, stale: boolean): Admission {
    const offered = this.#schemes.filter((one) => one !== 'aka' || subscriber.sim !== undefined);
    if (offered.length === 0) return this.#forbid('the subscriber has no SIM to authenticate with');
    const { status, ask } = FIELDS[asker];
    const nonce = this.#nonces.issue();
    const headers = offered.map((scheme) => ({
      name: ask,
      value: writeChallenge({
        realm: this.#domain,
        nonce: scheme === 'aka' ? this.#akaNonce(subscriber) : nonce,
        algorithm: ALGORITHMS[scheme],
        qop: 'auth',
        stale,
      }),
    }));
    return { kind: 'answer', answer: { kind: 'own', status, headers } };
  }

  #akaNonce({ imsi, sim }: Subscriber): string {
    const { rand, autn, xres } = this.#centre.vector(imsi, sim!);
    const nonce = writeAkaNonce({ rand, autn, serverData: this.#serverData.bytes(8) });
    this.#vectors.set(nonce, { imsi, xres, used: 0 });
    if (this.#vectors.size > MOST_VECTORS) this.#vectors.delete(this.#vectors.keys().next().value!);
    return nonce;
  }

  #forbid(why: string): Admission {
    return { kind: 'answer', answer: refusal(403, this.#domain, why) };
  }
}

function admitted(asker: Asker, info: string | undefined): Admission {
  const headers = info === undefined ? [] : [{ name: FIELDS[asker].info, value: info }];
  return { kind: 'admitted', headers };
}
