/**
 * The registrar: RFC 3261 section 10.3, digest SHA-256 (RFC 8760), Service-Route (RFC 3608), P-Associated-URI
 * (RFC 7315 section 4.1), instance and reg-id (RFC 5626 section 6), as 3GPP TS 24.229 profiles them.
 */
import type { Clock, Random, Store } from '../../../stack/platform.ts';
import { MLS_TAGS } from '../../../stack/rcs/capabilities/feature-tags.ts';
import { stripTags } from '../../../stack/rcs/capabilities/strip-tags.ts';
import { parseDigestHeader, verifyDigest, writeChallenge } from '../../../stack/rcs/sip/digest.ts';
import type { SipFlow } from '../../../stack/rcs/sip/endpoint.ts';
import { header, headerValues } from '../../../stack/rcs/sip/headers.ts';
import type { SipHeader, SipRequest } from '../../../stack/rcs/sip/message.ts';
import { type NameAddr, parseNameAddr, writeNameAddr } from '../../../stack/rcs/sip/name-addr.ts';
import { type Answer, answer, refusal } from '../answer.ts';
import {
  type CarrierConfig,
  homeDomain,
  privateIdentity,
  publicIdentity,
  type Subscriber,
} from '../config.ts';
import { numberOfUri } from '../numbering.ts';
import type { CarrierEvent } from '../ports.ts';
import { type Binding, Bindings } from './bindings.ts';
import { contactTags } from './contact-tags.ts';
import { Nonces } from './nonces.ts';

/** Asked for when a phone names none (3GPP TS 24.229 section 5.1.1.2.1), seconds. */
const DEFAULT_EXPIRES = 600_000;
/** Shorter registrations are refused with 423, seconds. */
const MIN_EXPIRES = 60;
const MAX_CONTACTS = 4;

export interface RegistrarOptions {
  readonly config: CarrierConfig;
  readonly clock: Clock;
  readonly random: Random;
  readonly store: Store;
  observe(event: CarrierEvent): void;
}

/** A binding made or refreshed; `moved` when it leads over another flow than before. */
export interface Bound {
  readonly binding: Binding;
  readonly moved: boolean;
}

export interface RegisterOutcome {
  readonly answer: Answer;
  readonly bound: readonly Bound[];
}

export class Registrar {
  readonly bindings: Bindings;
  readonly #options: RegistrarOptions;
  readonly #domain: string;
  readonly #nonces: Nonces;

  constructor(options: RegistrarOptions) {
    this.#options = options;
    this.#domain = homeDomain(options.config);
    this.#nonces = new Nonces(options.clock, options.random.fork('nonces'));
    this.bindings = new Bindings(options.clock, options.store, {
      bound: (binding) => {
        options.observe({
          name: 'registered',
          data: { msisdn: binding.msisdn, transport: binding.flow.transport },
        });
      },
      unbound: (binding, why) =>
        options.observe({ name: 'deregistered', data: { msisdn: binding.msisdn, why } }),
    });
  }

  /** Answers a REGISTER that came over `flow`. */
  register(request: SipRequest, flow: SipFlow): RegisterOutcome {
    const bound: Bound[] = [];
    const answered =
      this.#admit(request) ?? this.#bind(request, flow, this.#subscriberOf(request)!.msisdn, bound);
    return { answer: answered, bound };
  }

  close(): void {
    this.bindings.close();
  }

  /** The answer that stands in the way, or `undefined` when the credentials are right. */
  #admit(request: SipRequest): Answer | undefined {
    const subscriber = this.#subscriberOf(request);
    if (subscriber === undefined) return refusal(404, this.#domain, 'no such public identity');
    if (!subscriber.rcs) return refusal(403, this.#domain, 'the subscription does not include RCS');
    return this.#authenticate(request, subscriber);
  }

  #subscriberOf(request: SipRequest): Subscriber | undefined {
    const to = nameAddr(header(request, 'To'));
    const msisdn = to && numberOfUri(to.uri);
    return this.#options.config.subscribers.find((s) => s.msisdn === msisdn);
  }

  #authenticate(request: SipRequest, subscriber: Subscriber): Answer | undefined {
    const field = header(request, 'Authorization');
    const given = field === undefined ? undefined : parseDigestHeader(field);
    if (given === undefined) return this.#challenge(false);
    if (given.username !== privateIdentity(this.#options.config, subscriber)) {
      return refusal(403, this.#domain, 'the private identity does not belong to the public one');
    }
    // TS 24.229 section 5.1.1.2.2: the first REGISTER names the user and leaves nonce and response empty.
    if (given.nonce === '') return this.#challenge(false);
    const verdict = verifyDigest({
      header: field!,
      method: 'REGISTER',
      uri: request.uri,
      realm: this.#domain,
      algorithms: ['SHA-256'],
      password: subscriber.password,
      acceptNonce: (nonce, count) => this.#nonces.accept(nonce, count),
    });
    if (verdict === 'bad') return refusal(403, this.#domain, 'the credentials are wrong');
    return verdict === 'stale' ? this.#challenge(true) : undefined;
  }

  #challenge(stale: boolean): Answer {
    const challenge = {
      realm: this.#domain,
      nonce: this.#nonces.issue(),
      algorithm: 'SHA-256',
      qop: 'auth',
      stale,
    };
    return answer(401, { 'WWW-Authenticate': writeChallenge(challenge) });
  }

  #bind(request: SipRequest, flow: SipFlow, msisdn: string, bound: Bound[]): Answer {
    const fields = headerValues(request, 'Contact');
    const callId = header(request, 'Call-ID') ?? '';
    const cseq = Number.parseInt(header(request, 'CSeq') ?? '0', 10);
    if (fields.length > MAX_CONTACTS) return refusal(400, this.#domain, `at most ${MAX_CONTACTS} Contacts`);
    if (fields.includes('*')) {
      if (fields.length > 1 || header(request, 'Expires')?.trim() !== '0') {
        return refusal(400, this.#domain, 'Contact * stands alone and with Expires 0 (RFC 3261 10.2.2)');
      }
      for (const binding of this.bindings.of(msisdn)) this.bindings.remove(binding);
      return this.#granted(request, msisdn);
    }
    const changes: { contact: NameAddr; instance: string; regId: string; seconds: number }[] = [];
    for (const field of fields) {
      const contact = nameAddr(field);
      if (contact === undefined) return refusal(400, this.#domain, 'a Contact that is no address');
      const seconds = requestedExpires(contact, request);
      if (seconds === undefined) return refusal(400, this.#domain, 'expires is a number of seconds');
      const instance = contact.params.get('+sip.instance') ?? contact.uri;
      const regId = contact.params.get('reg-id') ?? '';
      const before = this.bindings.get(msisdn, instance, regId);
      if (before !== undefined && before.callId === callId && cseq <= before.cseq) {
        return refusal(400, this.#domain, 'CSeq must grow within a registration (RFC 3261 10.3)');
      }
      if (seconds > 0 && seconds < this.#minExpires()) {
        return answer(423, { 'Min-Expires': String(this.#minExpires()) });
      }
      changes.push({ contact, instance, regId, seconds: Math.min(seconds, this.#maxExpires()) });
    }
    for (const { contact, instance, regId, seconds } of changes) {
      if (seconds === 0) {
        const before = this.bindings.get(msisdn, instance, regId);
        if (before) this.bindings.remove(before);
        continue;
      }
      const before = this.bindings.get(msisdn, instance, regId);
      const granted = this.#grantedContact(contact);
      const expiresAt = this.#options.clock.now() + seconds * 1_000;
      const tags = contactTags(granted);
      const binding = { msisdn, instance, regId, contact: granted, tags, flow, callId, cseq, expiresAt };
      this.bindings.set(binding);
      bound.push({ binding, moved: before?.flow.id !== flow.id });
    }
    return this.#granted(request, msisdn);
  }

  /** UP 3.0 with E2EE off: the tags are known, and refused by leaving them out. UP 2.4 knows nothing of them. */
  #grantedContact(contact: NameAddr): NameAddr {
    const { universalProfile, e2ee } = this.#options.config;
    const refused = universalProfile === '3.0' && !e2ee.enabled ? MLS_TAGS : [];
    return { ...contact, params: stripTags(contact.params, ['expires', ...refused]) };
  }

  #granted(request: SipRequest, msisdn: string): Answer {
    const headers: SipHeader[] = this.bindings.of(msisdn).map(({ contact, expiresAt }) => {
      const left = Math.max(0, Math.round((expiresAt - this.#options.clock.now()) / 1_000));
      const params = new Map([...contact.params, ['expires', String(left)]]);
      return { name: 'Contact', value: writeNameAddr({ ...contact, params }) };
    });
    for (const value of headerValues(request, 'Path')) headers.push({ name: 'Path', value });
    headers.push(
      { name: 'Service-Route', value: `<sip:orig@${this.#domain};lr>` },
      {
        name: 'P-Associated-URI',
        value: `<${publicIdentity(this.#options.config, msisdn)}>, <tel:${msisdn}>`,
      },
    );
    return { kind: 'own', status: 200, headers };
  }

  #maxExpires(): number {
    return Math.max(1, Math.floor(this.#options.config.signalling.expiresMs / 1_000));
  }

  #minExpires(): number {
    return Math.min(MIN_EXPIRES, this.#maxExpires());
  }
}

/** Seconds; the Contact's own parameter goes before the header field (RFC 3261 section 10.2.1.1). */
function requestedExpires(contact: NameAddr, request: SipRequest): number | undefined {
  const text = contact.params.get('expires') ?? header(request, 'Expires') ?? String(DEFAULT_EXPIRES);
  return /^\d{1,10}$/.test(text.trim()) ? Number(text) : undefined;
}

function nameAddr(field: string | undefined): NameAddr | undefined {
  if (field === undefined) return undefined;
  try {
    return parseNameAddr(field);
  } catch {
    return undefined;
  }
}
