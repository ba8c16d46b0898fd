/**
 * Large message mode at the messaging server (OMA CPM; docs/rcs-signalling.md 4.4): it ends the sender's session, keeps
 * the message as it keeps any, and hands it on in a session of its own to each device, or to the peer.
 */
import { capabilitiesFromContact } from '../../../stack/rcs/capabilities/index.ts';
import {
  asksForLargeMessage,
  type InviteParts,
  LARGE_MESSAGE_ICSI,
  LARGE_MESSAGE_TAG,
  type LargeMessageParty,
  receiveLargeMessage,
  sendLargeMessage,
} from '../../../stack/rcs/large-message/index.ts';
import { MsrpEndpoint, type MsrpVerdict } from '../../../stack/rcs/msrp/index.ts';
import type { IncomingCall } from '../../../stack/rcs/sip/incoming-call.ts';
import type { SipHeader, SipRequest, SipResponse } from '../../../stack/rcs/sip/message.ts';
import type { OutgoingCall } from '../../../stack/rcs/sip/outgoing-call.ts';
import { type Answer, isSuccess } from '../answer.ts';
import type { ApplicationServer, Service } from '../application-server.ts';
import { type CarrierConfig, carrierHosts, MSRP_PORTS, msrpAddress } from '../config.ts';
import { routeNumber } from '../numbering.ts';
import type { CarrierPorts } from '../ports.ts';
import type { Binding } from '../registrar/bindings.ts';
import { addressOf, contentRequest, passedOnHeaders } from './content-request.ts';
import type { Caller } from './messaging.ts';
import type { PagerMessage } from './pager-message.ts';

export interface LargeModeOptions {
  readonly config: CarrierConfig;
  readonly ports: Pick<CarrierPorts, 'clock' | 'random' | 'network' | 'observe'>;
  /** Takes a whole message as if it had come in a MESSAGE. */
  take(request: SipRequest, from: Caller): Promise<Answer>;
  readonly applicationServer: Pick<ApplicationServer, 'callDevice' | 'callPeer'>;
}

/** Answers to the INVITE that say: not this way. The message can still go in a MESSAGE. */
const NO_LARGE_MODE = [405, 415, 420, 488, 501, 606];

/** An INVITE of the messaging server; addresses without tags. */
interface CallAsked extends InviteParts {
  readonly from: string;
  readonly to: string;
}

export class LargeMode implements Service {
  readonly #options: LargeModeOptions;
  readonly #msrp: MsrpEndpoint;
  readonly #host: string;

  constructor(options: LargeModeOptions) {
    const { config, ports } = options;
    this.#options = options;
    const network = ports.network(carrierHosts(config).as);
    this.#host = network.host;
    this.#msrp = new MsrpEndpoint({
      clock: ports.clock,
      random: ports.random.fork('msrp'),
      network,
      onDeviation: (deviation) => ports.observe({ name: 'deviation', data: { ...deviation } }),
    });
  }

  /** MSRP over TLS always, in clear too unless the carrier has media over TLS only. */
  start(): void {
    const { media, services } = this.#options.config;
    if (!services.largeMode) return;
    this.#msrp.listen(MSRP_PORTS.tls, { secure: true });
    if (media === 'all') this.#msrp.listen(MSRP_PORTS.tcp, { secure: false });
  }

  close(): void {
    this.#msrp.close();
  }

  /** Every one of them: where there is no large message mode it is refused, not passed on. */
  wants(request: SipRequest): boolean {
    return request.method === 'INVITE' && asksForLargeMessage(request);
  }

  onCall(call: IncomingCall, from: Caller): void {
    const { services } = this.#options.config;
    if (!services.largeMode || !services.chat) {
      const warning = `399 ${this.#host} "no large message mode"`;
      return call.reject(488, { headers: [{ name: 'Warning', value: warning }] });
    }
    receiveLargeMessage(
      call,
      this.#party(from.origin === 'peer' ? this.#onInterconnect() : this.#onAccess()),
      {
        acceptWrappedTypes: ['*'],
        onMessage: async (content) => {
          const given = await this.#options.take(contentRequest(call.request, content), from);
          return verdictOf(given);
        },
      },
    );
  }

  /** Whether a message goes to `binding` in large mode. */
  suits({ request }: PagerMessage, binding: Binding): boolean {
    return this.#isLarge(request.body) && capabilitiesFromContact(binding.tags).largeMessage;
  }

  /** The final answer of the device; undefined when it wants the message another way. */
  toDevice(message: PagerMessage, binding: Binding): Promise<SipResponse | undefined> {
    return this.#send(message, this.#onAccess(), (parts) =>
      this.#options.applicationServer.callDevice(binding, parts),
    );
  }

  /** The final answer of the peer; undefined when the message is to go in a MESSAGE. */
  async toPeer(message: PagerMessage): Promise<SipResponse | undefined> {
    if (!this.#isLarge(message.request.body)) return undefined;
    const { recipient, sender } = message;
    return this.#send(message, this.#onInterconnect(recipient), ({ headers, ...parts }) =>
      this.#options.applicationServer.callPeer(recipient, sender, {
        ...parts,
        // It asserts the sender anew.
        headers: headers.filter(({ name }) => name.toLowerCase() !== 'p-asserted-identity'),
      }),
    );
  }

  async #send(
    message: PagerMessage,
    secure: boolean,
    invite: (parts: CallAsked) => OutgoingCall,
  ): Promise<SipResponse | undefined> {
    const { request, contentType } = message;
    const content = { content: request.body, wrappedType: contentType };
    const result = await sendLargeMessage(this.#party(secure), content, (parts) =>
      invite({
        ...parts,
        from: addressOf(request, 'From'),
        to: addressOf(request, 'To'),
        headers: [...passedOnHeaders(request), ...SERVICE, ...parts.headers],
      }),
    );
    if (NO_LARGE_MODE.includes(result.status)) return undefined;
    const { status, reason, local } = result;
    const response: SipResponse & { local?: true } = {
      kind: 'response',
      status,
      reason,
      headers: [],
      body: new Uint8Array(0),
      ...(local && { local }),
    };
    return response;
  }

  #isLarge(body: Uint8Array): boolean {
    const { largeMode } = this.#options.config.services;
    return largeMode !== undefined && body.length > largeMode.switchoverSize;
  }

  /** As the configuration document tells the phones (psMedia). */
  #onAccess(): boolean {
    return this.#options.config.media === 'tls-only';
  }

  /** MSRP between carriers is as their SIP is: that of who is called. */
  #onInterconnect(msisdn?: string): boolean {
    const { config } = this.#options;
    const route = msisdn === undefined ? undefined : routeNumber(config, msisdn);
    const peer = route?.kind === 'peer' ? route.peer : undefined;
    return (peer?.transport ?? config.interconnect.transport) === 'tls' || config.media === 'tls-only';
  }

  #party(secure: boolean): LargeMessageParty {
    const { config, ports } = this.#options;
    return {
      clock: ports.clock,
      random: ports.random,
      msrp: this.#msrp,
      ...msrpAddress(config, secure),
      secure,
      maxSize: config.services.largeMode?.maxSize ?? 0,
    };
  }
}

const SERVICE: readonly SipHeader[] = [
  { name: 'P-Asserted-Service', value: LARGE_MESSAGE_ICSI },
  { name: 'Accept-Contact', value: `*;${LARGE_MESSAGE_TAG}` },
];

/** SIP's answers in MSRP's codes; what has none of its own is `403`, its comment says what it was. */
function verdictOf(given: Answer): MsrpVerdict {
  const { status, reason = '' } = given.kind === 'own' ? given : given.response;
  if (isSuccess(status)) return { status: 200 };
  const known = [400, 403, 404, 408, 413, 415].includes(status);
  const passing = [480, 500, 503, 504].includes(status);
  return { status: known ? status : passing ? 408 : 403, comment: `${status} ${reason}`.trim() };
}
