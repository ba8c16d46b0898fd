/** A SIP phone that does as little as a drill needs: registers, sends texts until they are taken, counts what it gets. */
import type { Clock, Network, Random, TransportProtocol } from '../../stack/platform.ts';
import { buildCpim, cpimHeader, IMDN_NAMESPACE, parseCpim } from '../../stack/rcs/cpim.ts';
import { DigestClient } from '../../stack/rcs/sip/digest-client.ts';
import { newCallId, newTag, SipEndpoint, type SipResult } from '../../stack/rcs/sip/endpoint.ts';
import { header } from '../../stack/rcs/sip/headers.ts';
import type { IncomingRequest } from '../../stack/rcs/sip/incoming-request.ts';
import type { SipHeader, SipRequest } from '../../stack/rcs/sip/message.ts';
import type { ServedAccount } from '../serve/accounts.ts';

/** A server that comes back in a second is asked again soon (T1 and T2 of RFC 3261 are 500 and 4000 ms). */
const IMPATIENT = { t1: 100, t2: 300 };

export interface DrillPhoneOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly network: Network;
  readonly account: Omit<ServedAccount, 'bearer'>;
  readonly transport: TransportProtocol;
  readonly server: { readonly host: string; readonly port: number };
  /** Milliseconds from the arrival of a message to its answer. */
  readonly answerAfter: () => number;
}

export class DrillPhone {
  /** Call-ID of each delivery, by Message-ID: one that comes again under the same one is the same one. */
  readonly deliveries = new Map<string, Set<string>>();
  /** Requests that came again and were known by their Call-ID. */
  repetitions = 0;
  readonly #options: DrillPhoneOptions;
  readonly #endpoint: SipEndpoint;
  readonly #digest: DigestClient;
  readonly #registrationId: string;
  #cseq = 0;

  constructor(options: DrillPhoneOptions) {
    const { clock, random, network, transport } = options;
    this.#options = options;
    const { privateIdentity: username, password } = options.account;
    this.#digest = new DigestClient({ username, password }, random.fork('digest'));
    this.#registrationId = newCallId(random, network.host);
    this.#endpoint = new SipEndpoint({
      clock,
      random,
      network,
      tcpFallback: false,
      timers: IMPATIENT,
      onRequest: (incoming) => this.#take(incoming),
    });
    if (transport === 'udp') this.#endpoint.listen('udp', 0);
  }

  /** Status of the answer; 0 seconds ends the registration. */
  async register(seconds = 3_600): Promise<number> {
    const { account, random } = this.#options;
    const uri = `sip:${account.domain}`;
    const answer = await this.#ask('REGISTER', uri, () => [
      { name: 'From', value: `<${account.publicIdentity}>;tag=${newTag(random)}` },
      { name: 'To', value: `<${account.publicIdentity}>` },
      { name: 'Call-ID', value: this.#registrationId },
      { name: 'CSeq', value: `${++this.#cseq} REGISTER` },
      { name: 'Contact', value: this.#contact(seconds) },
    ]);
    return answer.status;
  }

  /** Status of the answer to one transaction; 408 and 503 when there was none. */
  async text(to: string, id: string, dateTime: string): Promise<number> {
    const { account, random, network } = this.#options;
    const anonymous = 'sip:anonymous@anonymous.invalid';
    const content = new TextEncoder().encode(`message ${id}`);
    const cpim = {
      from: anonymous,
      to: anonymous,
      messageId: id,
      dateTime,
      contentType: 'text/plain',
      content,
    };
    let attempts = 0;
    const answer = await this.#ask(
      'MESSAGE',
      `tel:${to}`,
      () => [
        { name: 'From', value: `<${account.publicIdentity}>;tag=${newTag(random)}` },
        { name: 'To', value: `<tel:${to}>` },
        { name: 'Call-ID', value: newCallId(random, network.host) },
        { name: 'CSeq', value: `${++attempts} MESSAGE` },
        { name: 'Content-Type', value: 'message/cpim' },
      ],
      buildCpim(cpim),
    );
    return answer.status;
  }

  close(): void {
    this.#endpoint.close();
  }

  /** Once more with credentials when they are asked for. */
  async #ask(
    method: string,
    uri: string,
    headers: () => readonly SipHeader[],
    body: Uint8Array = new Uint8Array(0),
  ): Promise<SipResult> {
    const target = { transport: this.#options.transport, ...this.#options.server };
    const made = () =>
      this.#digest.authorize({ kind: 'request', method, uri, headers: headers(), body } satisfies SipRequest);
    const first = made();
    const answer = await this.#endpoint.request(first, target);
    if (answer.status !== 401 && answer.status !== 407) return answer;
    if (this.#digest.challenged(first, answer).kind === 'refused') return answer;
    return this.#endpoint.request(made(), target);
  }

  #contact(seconds: number): string {
    const { account, network, transport } = this.#options;
    const instance = `+sip.instance="<urn:parley:drill:${account.name}>";reg-id=1`;
    return `<sip:${account.name}@${network.host};transport=${transport}>;${instance};expires=${seconds}`;
  }

  #take(incoming: IncomingRequest): void {
    const { request } = incoming;
    if (request.method !== 'MESSAGE') {
      incoming.respond(200);
      return;
    }
    const id = cpimHeader(parseCpim(request.body), IMDN_NAMESPACE, 'Message-ID') ?? '';
    const delivery = header(request, 'Call-ID') ?? '';
    const known = this.deliveries.get(id) ?? new Set<string>();
    if (known.has(delivery)) this.repetitions += 1;
    this.deliveries.set(id, known.add(delivery));
    const delay = this.#options.answerAfter();
    if (delay === 0) incoming.respond(200);
    else this.#options.clock.setTimer(delay, () => incoming.respond(200));
  }
}
