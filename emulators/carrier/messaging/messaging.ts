/** The messaging server for pager mode (RFC 3428, OMA CPM standalone; docs/rcs-signalling.md 4.3 and 4.6). */
import { CpimParseError } from '../../../stack/rcs/cpim.ts';
import type { SipRequest, SipResponse } from '../../../stack/rcs/sip/message.ts';
import { type Answer, answer, refusal, statusOf } from '../answer.ts';
import { type CarrierConfig, homeDomain } from '../config.ts';
import { numberOfUri, routeNumber } from '../numbering.ts';
import type { CarrierPorts } from '../ports.ts';
import type { Binding, Bindings } from '../registrar/bindings.ts';
import { forwardedRequest } from './forwarded-request.ts';
import { Mailbox } from './mailbox.ts';
import { FAILED, type NetworkStatus, networkNotification, STORED } from './network-notification.ts';
import { type PagerMessage, readPagerMessage } from './pager-message.ts';
import { RecentIds } from './recent-ids.ts';

/** Messages seen are remembered at least this long. */
const REMEMBER_MS = 24 * 3_600_000;

export interface MessagingOptions {
  readonly config: CarrierConfig;
  readonly ports: Pick<CarrierPorts, 'clock' | 'random' | 'observe' | 'stored'>;
  readonly bindings: Bindings;
  /** Sends to a device over its flow. */
  toDevice(request: SipRequest, binding: Binding): Promise<SipResponse>;
  /** Hands a message to the carrier of its recipient. */
  toPeer(message: PagerMessage): Promise<Answer>;
  /** Takes a message for someone without RCS out of it, or refuses. */
  interwork(message: PagerMessage): Answer;
  /** What is delivered in place of a message for an own subscriber: itself, of an honest carrier. */
  substitute(message: PagerMessage): readonly PagerMessage[];
}

export type Origin = 'phone' | 'peer';

export class Messaging {
  readonly #options: MessagingOptions;
  readonly #domain: string;
  readonly #recent: RecentIds;
  readonly #mailboxes = new Map<string, Mailbox>();

  constructor(options: MessagingOptions) {
    this.#options = options;
    this.#domain = homeDomain(options.config);
    const keepMs = Math.max(REMEMBER_MS, options.config.services.storeAndForwardMs);
    this.#recent = new RecentIds(options.ports.clock, keepMs);
  }

  /** Answers a MESSAGE from `sender` (asserted): 202 once it is the network's to deliver. */
  async handle(request: SipRequest, sender: string, origin: Origin): Promise<Answer> {
    const { services } = this.#options.config;
    if (!services.chat) return refusal(403, this.#domain, 'messaging is not part of this network');
    if (request.body.length > services.pagerMaxSize) {
      return refusal(413, this.#domain, `${request.body.length} octets, at most ${services.pagerMaxSize}`);
    }
    const recipient = numberOfUri(request.uri);
    if (recipient === undefined) return refusal(404, this.#domain, 'the Request-URI names no E.164 number');
    let message: PagerMessage;
    try {
      message = readPagerMessage(request, sender, recipient);
    } catch (error) {
      if (!(error instanceof CpimParseError)) throw error;
      return refusal(400, this.#domain, `no CPIM: ${error.section}, octet ${error.offset}`);
    }
    return this.#recent.once(repetitionKey(message), () => this.#take(message, origin));
  }

  /** Puts what the network itself has to say on its way; the answer of a peer changes nothing. */
  notify(about: PagerMessage, status: NetworkStatus): void {
    if (!about.notifiable) return;
    const { config, ports } = this.#options;
    const request = networkNotification(about, status, {
      config,
      random: ports.random,
      now: ports.clock.now(),
    });
    void this.#take(readPagerMessage(request, about.recipient, about.sender), 'phone');
  }

  /** A device registered: what waits for it goes out. */
  deviceReachable(binding: Binding, moved: boolean): void {
    this.#mailboxes.get(binding.msisdn)?.deviceReachable(binding.instance, moved);
  }

  close(): void {
    for (const mailbox of this.#mailboxes.values()) mailbox.close();
  }

  async #take(message: PagerMessage, origin: Origin): Promise<Answer> {
    const route = routeNumber(this.#options.config, message.recipient);
    if (route.kind === 'peer' && origin === 'phone') {
      const given = await this.#options.toPeer(message);
      return statusOf(given) === 404 ? this.#options.interwork(message) : given;
    }
    if (route.kind !== 'local') return refusal(404, this.#domain, 'the number is not served here');
    const isRcsUser = route.subscriber.rcs && this.#options.bindings.known(message.recipient).length > 0;
    if (!isRcsUser) return this.#options.interwork(message);
    for (const each of this.#options.substitute(message)) this.#mailbox(message.recipient).accept(each);
    return answer(202);
  }

  #mailbox(msisdn: string): Mailbox {
    const existing = this.#mailboxes.get(msisdn);
    if (existing) return existing;
    const { bindings, config, ports } = this.#options;
    const mailbox = new Mailbox({
      clock: ports.clock,
      keepMs: config.services.storeAndForwardMs,
      reachable: () => distinct(bindings.reachable(msisdn).map((b) => b.instance)),
      known: () => bindings.known(msisdn).map((device) => device.instance),
      send: async (message, instance) => this.#send(message, instance),
      onHeld: (message) => this.#held(message),
      onDelivered: (message, waited) => {
        if (waited) ports.observe({ name: 'delivered-from-store', data: summary(message) });
      },
      onFailed: (message, why) => this.failed(message, why),
    });
    this.#mailboxes.set(msisdn, mailbox);
    return mailbox;
  }

  async #send(message: PagerMessage, instance: string): Promise<SipResponse | undefined> {
    const { bindings, ports, toDevice } = this.#options;
    const binding = bindings.reachable(message.recipient).find((b) => b.instance === instance);
    if (binding === undefined) return undefined;
    const called = { name: 'P-Called-Party-ID', value: `<tel:${message.recipient}>` };
    const request = forwardedRequest(message.request, binding.contact.uri, this.#domain, ports.random, [
      called,
    ]);
    return toDevice(request, binding);
  }

  #held(message: PagerMessage): void {
    const { ports } = this.#options;
    ports.stored(`messages/${message.recipient}/${message.id}`, message.request.body);
    ports.observe({ name: 'stored', data: summary(message) });
    if (message.asksFor.includes('processing')) this.notify(message, STORED);
  }

  /** A message that was accepted came to nothing: its sender is told if it asked to be. */
  failed(message: PagerMessage, why: 'expired' | 'refused'): void {
    this.#options.ports.observe({ name: 'undeliverable', data: { ...summary(message), why } });
    if (message.asksFor.includes('negative-delivery')) this.notify(message, FAILED);
  }
}

/**
 * One message, however often it comes. Several devices of one user report on the same message, each in a message of
 * its own: only the first report of a kind passes.
 */
function repetitionKey(message: PagerMessage): string {
  const [report, ...more] = message.notifications;
  const ends = `${message.sender} ${message.recipient}`;
  if (report && more.length === 0 && ['delivered', 'displayed'].includes(report.status)) {
    return `report ${ends} ${report.status} ${report.messageId}`;
  }
  return `message ${ends} ${message.id}`;
}

/** For the operator's log: who, to whom, which; never what. */
export function summary(message: PagerMessage): Readonly<Record<string, unknown>> {
  const { id, sender, recipient, contentType } = message;
  return { wireId: id, sender, recipient, contentType, octets: message.request.body.length };
}

function distinct<T>(list: readonly T[]): T[] {
  return [...new Set(list)];
}
