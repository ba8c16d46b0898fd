/** Where the core sends a request that begins a dialog: to a service, to the devices of a subscriber, or to a peer. */

import type { SipRequest } from '../../../stack/rcs/sip/message.ts';
import { type Answer, answer, refusal } from '../answer.ts';
import type { CarrierConfig } from '../config.ts';
import { numberOfUri, routeNumber } from '../numbering.ts';
import type { Binding, Bindings } from '../registrar/bindings.ts';
import { deviceInUri, targeting } from '../registrar/targeting.ts';

export type Origin = 'phone' | 'peer';

export type Route =
  | { readonly kind: 'service' }
  | { readonly kind: 'devices'; readonly bindings: readonly Binding[] }
  | { readonly kind: 'peer' }
  | { readonly kind: 'refused'; readonly answer: Answer };

export interface RoutingOptions {
  readonly config: CarrierConfig;
  readonly bindings: Bindings;
  readonly host: string;
  /** With a GRUU as the device that it stands for (RFC 5627 section 5.5); undefined when it leads nowhere. */
  dereferenced(request: SipRequest): SipRequest | undefined;
  /** Whether a service of this network takes the request. */
  wanted(request: SipRequest, origin: Origin): boolean;
}

export class Routing {
  readonly #options: RoutingOptions;

  constructor(options: RoutingOptions) {
    this.#options = options;
  }

  route(request: SipRequest, origin: Origin): Route {
    const { config, bindings, host, wanted } = this.#options;
    if (wanted(request, origin)) return { kind: 'service' };
    const known = this.#options.dereferenced(request);
    if (known === undefined) return refused(answer(404));
    const msisdn = numberOfUri(known.uri);
    const towardsPeer =
      msisdn !== undefined && routeNumber(config, msisdn).kind === 'peer' && origin === 'phone';
    // Phones have no event state of their own to ask for.
    if (request.method === 'PUBLISH' || (request.method === 'SUBSCRIBE' && !towardsPeer))
      return refused(answer(489));
    if (msisdn === undefined) return refused(refusal(404, host, 'the Request-URI names no E.164 number'));
    const route = routeNumber(config, msisdn);
    if (route.kind === 'peer' && origin === 'phone') return { kind: 'peer' };
    if (route.kind !== 'local' || !route.subscriber.rcs || bindings.known(msisdn).length === 0) {
      return refused(answer(404));
    }
    const targets = targeting(known, deviceInUri(known.uri));
    const reachable = targets.bindings(bindings.reachable(msisdn));
    return reachable.length === 0 ? refused(answer(480)) : { kind: 'devices', bindings: reachable };
  }
}

function refused(given: Answer): Route {
  return { kind: 'refused', answer: given };
}
