/** Capability exchange by OPTIONS (RCC.07; docs/rcs-signalling.md 3.1). */

import { bestResponse } from '../../stack/rcs/sip/best-response.ts';
import type { SipRequest, SipResponse } from '../../stack/rcs/sip/message.ts';
import { writeNameAddr } from '../../stack/rcs/sip/name-addr.ts';
import { type Answer, answer, refusal } from './answer.ts';
import { type CarrierConfig, homeDomain, publicIdentity } from './config.ts';
import type { Deadlines } from './deadlines.ts';
import { numberOfUri, routeNumber } from './numbering.ts';
import type { Binding, Bindings, KnownDevice } from './registrar/bindings.ts';
import { deviceInUri, targeting } from './registrar/targeting.ts';

/** A phone that doesn't answer by then counts as offline: the asking side's own transaction lasts 32 s. */
const DEVICE_ANSWERS_WITHIN_MS = 6_000;
const ALLOWED = 'OPTIONS, MESSAGE';

export interface CapabilitiesOptions {
  readonly config: CarrierConfig;
  readonly deadlines: Deadlines;
  readonly bindings: Bindings;
  toDevice(request: SipRequest, binding: Binding): Promise<SipResponse & { readonly local?: boolean }>;
  toPeer(request: SipRequest, recipient: string): Promise<Answer>;
}

export class CapabilityServer {
  readonly #options: CapabilitiesOptions;
  readonly #domain: string;

  constructor(options: CapabilitiesOptions) {
    this.#options = options;
    this.#domain = homeDomain(options.config);
  }

  /** Answers an OPTIONS; `origin` peer: only for own subscribers, this is no transit network. */
  async handle(request: SipRequest, origin: 'phone' | 'peer'): Promise<Answer> {
    const { config, bindings } = this.#options;
    const msisdn = numberOfUri(request.uri);
    // RFC 3261 section 11: asked about itself.
    if (msisdn === undefined && !request.uri.includes('@')) return answer(200, { Allow: ALLOWED });
    // A network that discovers by presence alone; peers are answered, whatever they use.
    if (config.capabilityDiscovery === 'presence' && origin === 'phone')
      return answer(405, { Allow: 'MESSAGE' });
    if (msisdn === undefined) return refusal(404, this.#domain, 'the Request-URI names no E.164 number');
    const route = routeNumber(config, msisdn);
    if (route.kind === 'peer' && origin === 'phone') return this.#options.toPeer(request, msisdn);
    const known = bindings.known(msisdn);
    if (route.kind !== 'local' || !route.subscriber.rcs || known.length === 0) return answer(404);
    const wanted = targeting(request, deviceInUri(request.uri));
    const devices = wanted.devices(known);
    // RFC 3841 section 7.2.4: the caller wants none of the devices there are.
    if (devices.length === 0) return answer(480);
    const targets = wanted.bindings(bindings.reachable(msisdn));
    const answers = await Promise.all(targets.map((binding) => this.#ask(request, binding)));
    const response = bestResponse(answers.filter((each) => each !== undefined));
    return response === undefined ? this.#onBehalf(msisdn, devices.at(-1)!) : { kind: 'relayed', response };
  }

  async #ask(request: SipRequest, binding: Binding): Promise<SipResponse | undefined> {
    const { deadlines, toDevice } = this.#options;
    const forwarded: SipRequest = {
      ...request,
      uri: binding.contact.uri,
      headers: [...request.headers, { name: 'P-Called-Party-ID', value: `<tel:${binding.msisdn}>` }],
    };
    const response = await deadlines.within(DEVICE_ANSWERS_WITHIN_MS, toDevice(forwarded, binding));
    const silent = response === undefined || response.local === true;
    return silent || [408, 430, 480, 503].includes(response.status) ? undefined : response;
  }

  /** RFC 3840 `automata`: the network speaks, with what it knows from the last registration. */
  #onBehalf(msisdn: string, { tags }: KnownDevice): Answer {
    const uri = publicIdentity(this.#options.config, msisdn);
    const contact = writeNameAddr({ uri, params: new Map([['automata', undefined], ...tags]) });
    return answer(200, { Contact: contact, Allow: ALLOWED });
  }
}
