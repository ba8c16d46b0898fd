/** The messaging server for pager mode (RFC 3428, OMA CPM standalone; docs/rcs-signalling.md 4.3 and 4.6). */

import type { Random } from '../../../stack/platform.ts';
import { CpimParseError } from '../../../stack/rcs/cpim.ts';
import { header, setHeader } from '../../../stack/rcs/sip/headers.ts';
import { newBranch } from '../../../stack/rcs/sip/identifiers.ts';
import type { SipRequest, SipResponse } from '../../../stack/rcs/sip/message.ts';
import { type Answer, answer, BUSY, refusal, STORE_FULL, statusOf } from '../answer.ts';
import { type CarrierConfig, carrierLimits, DEFAULT_MAILBOX, homeDomain, publicIdentity } from '../config.ts';
import { numberOfUri, routeNumber } from '../numbering.ts';
import type { CarrierPorts } from '../ports.ts';
import type { Binding, Bindings } from '../registrar/bindings.ts';
import { deviceInUri, type Targeting, targeting } from '../registrar/targeting.ts';
import { digestOf } from '../state/keys.ts';
import { Ledger } from '../state/ledger.ts';
import { forwardedRequest } from './forwarded-request.ts';
import type { LargeMode } from './large-mode.ts';
import { Mailbox, type StoredDelivery } from './mailbox.ts';
import { FAILED, type NetworkStatus, networkNotification, STORED } from './network-notification.ts';
import { type PagerMessage, readPagerMessage } from './pager-message.ts';
import { RecentIds } from './recent-ids.ts';
import { restoredMessage } from './stored-message.ts';

/** Messages seen are remembered at least this long. */
const REMEMBER_MS = 24 * 3_600_000;

export interface MessagingOptions {
  readonly config: CarrierConfig;
  readonly ports: Pick<CarrierPorts, 'clock' | 'random' | 'observe' | 'stored' | 'store'>;
  /** What is the same in every life of the carrier. */
  readonly lasting: Random;
  readonly bindings: Bindings;
  /** Sends to a device over its flow. */
  toDevice(request: SipRequest, binding: Binding, branch: string): Promise<SipResponse>;
  readonly largeMode: Pick<LargeMode, 'suits' | 'toDevice'>;
  /** Hands a message to the carrier of its recipient. */
  toPeer(message: PagerMessage): Promise<Answer>;
  /** Takes a message for someone without RCS out of it, or refuses. */
  interwork(message: PagerMessage): Answer;
  /** What is delivered in place of a message for an own subscriber: itself, of an honest carrier. */
  substitute(message: PagerMessage): readonly PagerMessage[];
}

export type Origin = 'phone' | 'peer';

/** Who asks: asserted, and where it came from. */
export interface Caller {
  readonly sender: string;
  readonly origin: Origin;
  /** Of the phone that asks. */
  readonly instance?: string;
}

export class Messaging {
  readonly #options: MessagingOptions;
  readonly #domain: string;
  readonly #recent: RecentIds;
  readonly #ledger: Ledger<StoredDelivery>;
  readonly #underWay = new Set<object>();
  readonly #mailboxes = new Map<string, Mailbox>();

  constructor(options: MessagingOptions) {
    this.#options = options;
    this.#domain = homeDomain(options.config);
    const keepMs = Math.max(REMEMBER_MS, options.config.services.storeAndForwardMs);
    this.#recent = new RecentIds(options.ports.clock, options.ports.store, keepMs);
    this.#ledger = new Ledger(options.ports.store, 'message');
  }

  /** Takes up what an earlier life of the carrier accepted: it goes out, or waits for its device. */
  restore(): void {
    for (const { key, data, octets } of this.#ledger.entries()) {
      this.#mailbox(data.recipient).restore(key, restoredMessage(data, octets), data);
    }
  }

  /** Answers a MESSAGE: 202 once it is the network's to deliver. */
  async handle(request: SipRequest, from: Caller): Promise<Answer> {
    return this.#handle(request, from, this.#options.config.services.pagerMaxSize);
  }

  /** As `handle`, of what came in large message mode. */
  async handleLarge(request: SipRequest, from: Caller): Promise<Answer> {
    return this.#handle(request, from, this.#options.config.services.largeMode?.maxSize ?? 0);
  }

  async #handle(request: SipRequest, from: Caller, most: number): Promise<Answer> {
    const { sender } = from;
    const octets = request.body.length;
    if (!this.#options.config.services.chat)
      return refusal(403, this.#domain, 'messaging is not part of this network');
    if (octets > most) return refusal(413, this.#domain, `${octets} octets, at most ${most}`);
    const recipient = numberOfUri(request.uri);
    if (recipient === undefined) return refusal(404, this.#domain, 'the Request-URI names no E.164 number');
    let message: PagerMessage;
    try {
      message = readPagerMessage(request, sender, recipient);
    } catch (error) {
      if (!(error instanceof CpimParseError)) throw error;
      return refusal(400, this.#domain, `no CPIM: ${error.section}, octet ${error.offset}`);
    }
    return this.#recent.once(repetitionKey(message), async () => {
      // What the network has to say itself does not come by here: it has accepted already.
      if (this.#underWay.size >= carrierLimits(this.#options.config).messagesUnderWay) return BUSY;
      this.#syncReadState(message, from);
      return this.#take(message, from);
    });
  }

  /** What its owner read on one device is read on all: they get the report too (docs/rcs-signalling.md 4.6). */
  #syncReadState(message: PagerMessage, { sender, instance }: Caller): void {
    const isRead = message.notifications.some(({ status }) => status === 'displayed');
    if (!isRead || instance === undefined || this.#options.config.services.readStateSync !== true) return;
    this.#mailbox(sender).accept({ ...message, recipient: sender }, instance);
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
    void this.#take(readPagerMessage(request, about.recipient, about.sender), {
      sender: about.recipient,
      origin: 'phone',
    });
  }

  /** How many messages are kept for subscribers. */
  get kept(): number {
    return this.#ledger.size;
  }

  /** A device registered: what waits for it goes out. */
  deviceReachable(binding: Binding, moved: boolean): void {
    this.#mailboxes.get(binding.msisdn)?.deviceReachable(binding.instance, moved);
  }

  close(): void {
    for (const mailbox of this.#mailboxes.values()) mailbox.close();
  }

  async #take(message: PagerMessage, from: Caller): Promise<Answer> {
    const route = routeNumber(this.#options.config, message.recipient);
    if (route.kind === 'peer' && from.origin === 'phone') {
      const given = await this.#options.toPeer(message);
      return statusOf(given) === 404 ? this.#options.interwork(message) : given;
    }
    if (route.kind !== 'local') return refusal(404, this.#domain, 'the number is not served here');
    const known = this.#options.bindings.known(message.recipient);
    if (!route.subscriber.rcs || known.length === 0) return this.#options.interwork(message);
    // RFC 3841 section 7.2.4: the caller wants none of the devices there are.
    if (targetsOf(message).devices(known).length === 0) return answer(480);
    if (this.#ledger.size >= carrierLimits(this.#options.config).storedMessages) return STORE_FULL;
    const mailbox = this.#mailbox(message.recipient);
    const room = mailbox.roomFor(message);
    // RFC 3428 section 7: 480 where it can't be stored; what never fits is 413 (docs/rcs-signalling.md 4.6).
    if (room !== 'room')
      return refusal(room === 'full' ? 480 : 413, this.#domain, 'no room for messages of this subscriber');
    for (const each of this.#options.substitute(message)) {
      this.#options.ports.observe({ name: 'accepted', data: summary(each) });
      mailbox.accept(each);
    }
    return answer(202);
  }

  #mailbox(msisdn: string): Mailbox {
    const existing = this.#mailboxes.get(msisdn);
    if (existing) return existing;
    const { bindings, config, ports } = this.#options;
    const mailbox = new Mailbox({
      clock: ports.clock,
      ledger: this.#ledger,
      underWay: this.#underWay,
      get keepMs() {
        return config.services.storeAndForwardMs;
      },
      size: config.services.mailbox ?? DEFAULT_MAILBOX,
      reachable: (message) =>
        targetsOf(message)
          .bindings(bindings.reachable(msisdn))
          .map((binding) => binding.instance),
      known: (message) =>
        targetsOf(message)
          .devices(bindings.known(msisdn))
          .map((device) => device.instance),
      send: async (message, instance, attempt) => this.#send(message, instance, attempt),
      onHeld: (message) => this.#held(message),
      onDelivered: (message, waited) => {
        const data = summary(message);
        ports.observe({ name: 'delivered', data });
        if (waited) ports.observe({ name: 'delivered-from-store', data });
      },
      onFailed: (message, why) => this.failed(message, why),
    });
    this.#mailboxes.set(msisdn, mailbox);
    return mailbox;
  }

  /**
   * Call-ID, tag and branch follow from the message, the device and the attempt: a later life of the carrier that does not
   * know of the device's answer sends the very same request, and a device that answered it answers it again.
   */
  async #send(message: PagerMessage, instance: string, attempt: number): Promise<SipResponse | undefined> {
    const { bindings, config, largeMode, lasting, toDevice } = this.#options;
    const binding = bindings.reachable(message.recipient).find((b) => b.instance === instance);
    if (binding === undefined) return undefined;
    const given = largeMode.suits(message, binding) && (await largeMode.toDevice(message, binding));
    if (given) return given;
    const called = { name: 'P-Called-Party-ID', value: `<tel:${message.recipient}>` };
    const ids = lasting.fork(`${deliveryName(message)} ${instance}`);
    const forwarded = forwardedRequest(message.request, binding.contact.uri, this.#domain, ids, [called]);
    // The same CSeq under another branch is a merged request, to be refused with 482 (RFC 3261 sections 8.1.3.5, 8.2.2.2).
    const numbered = setHeader(forwarded, 'CSeq', `${attempt} MESSAGE`);
    const request = namedAsRegistered(numbered, message.recipient, publicIdentity(config, message.recipient));
    return toDevice(request, binding, newBranch(ids.fork(`attempt ${attempt}`)));
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
    const isTold = why !== 'expired' || this.#options.config.services.reportExpiry !== false;
    if (isTold && message.asksFor.includes('negative-delivery')) this.notify(message, FAILED);
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

/** A message by all that makes it what it is: two with one id and different content are two. */
export function deliveryName({ sender, recipient, id, request }: PagerMessage): string {
  return `${sender} ${recipient} ${digestOf(request.body)} ${id}`;
}

/** For the operator's log: who, to whom, which; never what. */
export function summary(message: PagerMessage): Readonly<Record<string, unknown>> {
  const { id, sender, recipient, contentType } = message;
  return { wireId: id, sender, recipient, contentType, octets: message.request.body.length };
}

/** Of a copy for its sender's other devices the caller's wishes say nothing: they are about the recipient's. */
function targetsOf({ request, recipient }: PagerMessage): Targeting {
  return numberOfUri(request.uri) === recipient
    ? targeting(request, deviceInUri(request.uri))
    : targeting({ ...request, headers: [] }, undefined);
}

/**
 * A request to a device names it as it registered: not every SIP client reads tel URIs, JsSIP among them. A copy of what
 * another device of the same user sent goes on naming whom it was for.
 */
function namedAsRegistered(request: SipRequest, msisdn: string, identity: string): SipRequest {
  const named = /<([^>]*)>/.exec(header(request, 'To') ?? '')?.[1];
  return named !== undefined && numberOfUri(named) === msisdn
    ? setHeader(request, 'To', `<${identity}>`)
    : request;
}
