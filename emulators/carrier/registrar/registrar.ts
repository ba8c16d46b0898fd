/**
 * The registrar: RFC 3261 section 10.3, Service-Route (RFC 3608), Path (RFC 3327), P-Associated-URI (RFC 7315 section
 * 4.1), outbound (RFC 5626 section 6) and GRUU (RFC 5627 section 5), as 3GPP TS 24.229 profiles them.
 */
import type { Clock, Random, Store } from '../../../stack/platform.ts';
import { MLS_TAGS } from '../../../stack/rcs/capabilities/feature-tags.ts';
import { stripTags } from '../../../stack/rcs/capabilities/strip-tags.ts';
import type { SipFlow } from '../../../stack/rcs/sip/endpoint.ts';
import { header, headerValues } from '../../../stack/rcs/sip/headers.ts';
import type { SipHeader, SipRequest } from '../../../stack/rcs/sip/message.ts';
import { type NameAddr, parseNameAddr, writeNameAddr } from '../../../stack/rcs/sip/name-addr.ts';
import { type Answer, answer, refusal } from '../answer.ts';
import { type CarrierConfig, homeDomain, publicIdentity, type Subscriber } from '../config.ts';
import { numberOfUri, subscriberOf } from '../numbering.ts';
import type { CarrierEvent } from '../ports.ts';
import { Authenticator } from './authenticator.ts';
import {
  type Binding,
  Bindings,
  type EndOfBinding,
  flowKey,
  type NetworkDeregistration,
} from './bindings.ts';
import { contactTags } from './contact-tags.ts';
import { type Device, Gruus } from './gruus.ts';
import { supports, type WantedBinding, wantedBindings } from './wanted-bindings.ts';

/** Shorter registrations are refused with 423, seconds. */
const MIN_EXPIRES = 60;
/** RFC 5626 section 5.4: within this many seconds a phone shows that its flow is alive. */
export const FLOW_TIMER = 120;

export interface RegistrarOptions {
  readonly config: CarrierConfig;
  readonly clock: Clock;
  readonly random: Random;
  readonly store: Store;
  observe(event: CarrierEvent): void;
  /** A registration changed, and how it ended if it did. */
  onChange?(binding: Binding, end?: EndOfBinding): void;
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
  readonly authenticator: Authenticator;
  readonly #options: RegistrarOptions;
  readonly #domain: string;
  readonly #gruus: Gruus;

  constructor(options: RegistrarOptions) {
    const { config, clock, random, store, observe } = options;
    this.#options = options;
    this.#domain = homeDomain(config);
    this.authenticator = new Authenticator(config, clock, random);
    this.#gruus = new Gruus(this.#domain, random.fork('gruus'));
    this.bindings = new Bindings(clock, store, {
      bound: (binding) => {
        const { msisdn, flow } = binding;
        observe({ name: 'registered', data: { msisdn, transport: flow.transport } });
        options.onChange?.(binding);
      },
      unbound: (binding, why) => {
        observe({ name: 'deregistered', data: { msisdn: binding.msisdn, why } });
        const others = this.bindings.of(binding.msisdn).some(({ instance }) => instance === binding.instance);
        if (!others) this.#gruus.forget(binding);
        options.onChange?.(binding, why);
      },
    });
  }

  /** Answers a REGISTER that came over `flow`. */
  register(request: SipRequest, flow: SipFlow): RegisterOutcome {
    const to = nameAddr(header(request, 'To'));
    const msisdn = to && numberOfUri(to.uri);
    const subscriber = msisdn && subscriberOf(this.#options.config, msisdn);
    if (!subscriber) return refused(refusal(404, this.#domain, 'no such public identity'));
    if (!subscriber.rcs) return refused(refusal(403, this.#domain, 'the subscription does not include RCS'));
    const admission = this.authenticator.admit(request, subscriber, 'registrar');
    if (admission.kind === 'answer') return refused(admission.answer);
    return this.#bind(request, flow, subscriber, admission.headers);
  }

  /** The device that a GRUU of this network leads to (RFC 5627 section 5.5). */
  deviceOf(uri: string): Device | 'unknown' | undefined {
    return this.#gruus.resolve(uri);
  }

  /** Whether that device ever registered. */
  knows({ msisdn, instance }: Device): boolean {
    return this.bindings.known(msisdn).some((one) => one.instance === instance);
  }

  /** The lasting GRUU of a device that deviceOf told. */
  gruuOf(device: Device): string {
    return this.#gruus.publicOf(device)!;
  }

  /** The network ends all registrations of a subscriber (TS 24.229 section 5.4.1.5). Returns how many there were. */
  deregister(msisdn: string, event: NetworkDeregistration): number {
    const bindings = this.bindings.of(msisdn);
    for (const binding of bindings) this.bindings.remove(binding, event);
    return bindings.length;
  }

  close(): void {
    this.bindings.close();
  }

  #bind(
    request: SipRequest,
    flow: SipFlow,
    { msisdn }: Subscriber,
    proof: readonly SipHeader[],
  ): RegisterOutcome {
    const wanted = wantedBindings(request);
    if (wanted.kind === 'malformed') return refused(refusal(400, this.#domain, wanted.why));
    if (wanted.kind === 'none') {
      for (const binding of this.bindings.of(msisdn)) this.bindings.remove(binding);
      return { answer: this.#granted(request, msisdn, proof), bound: [] };
    }
    for (const one of wanted.list) {
      const problem = this.#problem(one, msisdn, request);
      if (problem !== undefined) return refused(problem);
    }
    const bound = wanted.list.flatMap((one) => this.#set(one, msisdn, request, flow));
    return { answer: this.#granted(request, msisdn, proof), bound };
  }

  #problem(
    { instance, regId, seconds }: WantedBinding,
    msisdn: string,
    request: SipRequest,
  ): Answer | undefined {
    const before = this.bindings.get(msisdn, instance, regId);
    if (before?.callId === callIdOf(request) && cseqOf(request) <= before.cseq)
      return refusal(400, this.#domain, 'CSeq must grow within a registration (RFC 3261 10.3)');
    const least = Math.min(MIN_EXPIRES, this.#maxExpires());
    return seconds > 0 && seconds < least ? answer(423, { 'Min-Expires': String(least) }) : undefined;
  }

  #set(wanted: WantedBinding, msisdn: string, request: SipRequest, flow: SipFlow): Bound[] {
    const { contact, instance, regId, seconds } = wanted;
    const before = this.bindings.get(msisdn, instance, regId);
    if (seconds === 0) {
      if (before) this.bindings.remove(before);
      return [];
    }
    // A device that begins or ceases to do outbound is still one device (hazard R12).
    const stale = this.bindings.of(msisdn).filter((one) => one.instance === instance);
    for (const one of stale) if ((one.regId === '') !== (regId === '')) this.bindings.remove(one);
    const callId = callIdOf(request);
    const granted = this.#grantedContact(contact);
    const binding: Binding = {
      ...{ msisdn, instance, regId, flow, callId },
      contact: granted,
      tags: contactTags(granted),
      ...this.#grantGruu({ msisdn, instance }, request, callId),
      path: headerValues(request, 'Path'),
      cseq: cseqOf(request),
      expiresAt: this.#options.clock.now() + Math.min(seconds, this.#maxExpires()) * 1_000,
    };
    this.bindings.set(binding);
    return [{ binding, moved: before === undefined || flowKey(before.flow) !== flowKey(flow) }];
  }

  #grantGruu(device: Device, request: SipRequest, callId: string): Pick<Binding, 'gruu'> {
    const lasting = supports(request, 'gruu') ? this.#gruus.publicOf(device) : undefined;
    if (lasting === undefined) return {};
    return { gruu: { public: lasting, temporary: this.#gruus.temporaryOf(device, callId) } };
  }

  /** UP 3.0 with E2EE off: the tags are known, and refused by leaving them out. UP 2.4 knows nothing of them. */
  #grantedContact(contact: NameAddr): NameAddr {
    const { universalProfile, e2ee } = this.#options.config;
    const refused = universalProfile === '3.0' && !e2ee.enabled ? MLS_TAGS : [];
    return { ...contact, params: stripTags(contact.params, ['expires', ...refused]) };
  }

  #granted(request: SipRequest, msisdn: string, proof: readonly SipHeader[]): Answer {
    const bindings = this.bindings.of(msisdn);
    const headers: SipHeader[] = bindings.map((binding) => ({
      name: 'Contact',
      value: this.#listed(binding, supports(request, 'gruu')),
    }));
    for (const value of headerValues(request, 'Path')) headers.push({ name: 'Path', value });
    const identity = publicIdentity(this.#options.config, msisdn);
    headers.push(
      { name: 'Service-Route', value: `<sip:orig@${this.#domain};lr>` },
      { name: 'P-Associated-URI', value: `<${identity}>, <tel:${msisdn}>` },
      ...proof,
    );
    const outbound = bindings.some(
      ({ regId, callId }) => regId !== '' && callId === callIdOf(request) && supports(request, 'outbound'),
    );
    if (outbound)
      headers.push({ name: 'Require', value: 'outbound' }, { name: 'Flow-Timer', value: String(FLOW_TIMER) });
    return { kind: 'own', status: 200, headers };
  }

  #listed({ contact, gruu, expiresAt }: Binding, withGruu: boolean): string {
    const left = Math.max(0, Math.round((expiresAt - this.#options.clock.now()) / 1_000));
    const params = new Map(contact.params);
    if (withGruu && gruu !== undefined) {
      params.set('pub-gruu', gruu.public);
      if (gruu.temporary !== undefined) params.set('temp-gruu', gruu.temporary);
    }
    return writeNameAddr({ ...contact, params: params.set('expires', String(left)) });
  }

  #maxExpires(): number {
    return Math.max(1, Math.floor(this.#options.config.signalling.expiresMs / 1_000));
  }
}

function refused(given: Answer): RegisterOutcome {
  return { answer: given, bound: [] };
}

function callIdOf(request: SipRequest): string {
  return header(request, 'Call-ID') ?? '';
}

function cseqOf(request: SipRequest): number {
  return Number.parseInt(header(request, 'CSeq') ?? '0', 10);
}

function nameAddr(field: string | undefined): NameAddr | undefined {
  if (field === undefined) return undefined;
  try {
    return parseNameAddr(field);
  } catch {
    return undefined;
  }
}
