/** The short message service centre: 3GPP TS 23.040 section 3.1, over the relay of 3GPP TS 24.011. */
import type { DatagramSocket, Endpoint } from '../../../stack/platform.ts';
import {
  CS_PORT,
  DCS_DATA,
  deliverSubmitted,
  parseTpdu,
  portElement,
  RP_CAUSE,
  ShortMessageRelay,
  SmsError,
  type SmsStatusReport,
  type SmsSubmit,
  statusDelivered,
  submitText,
  type Tpdu,
  writeTpdu,
} from '../../../stack/rcs/sms/index.ts';
import { type CarrierConfig, carrierHosts } from '../config.ts';
import type { PagerMessage } from '../messaging/pager-message.ts';
import { routeNumber } from '../numbering.ts';
import { Outbox, type Outcome } from '../outbox.ts';
import type { CarrierPorts } from '../ports.ts';
import { Ledger } from '../state/ledger.ts';
import { Remembered } from '../state/remembered.ts';
import { AwaitedReports } from './awaited-reports.ts';
import { PeerLink, type PeerUnit } from './peer-link.ts';
import { References } from './references.ts';
import { parcelOf, type StoredParcel, storedParcel } from './stored-parcel.ts';

/** How long a message waits for a phone that can't be reached: what networks usually grant. */
const KEEP_MS = 3 * 86_400_000;
/** TP-MR comes round after 256; half of that is remembered. */
const TAKEN_LIMIT = 128;
/** A peer sends a unit again for 20 s. */
const UNIT_KEEP_MS = 10 * 60_000;
const UNIT_LIMIT = 1_024;
/** TP-ST of TS 23.040 section 9.2.3.15. */
const RECEIVED = 0x00;
const NOT_OBTAINABLE = 0x43;
const VALIDITY_EXPIRED = 0x46;

/** Something on its way to one number. */
export type Parcel = {
  readonly recipient: string;
  readonly acceptedAt: number;
  readonly reference: number;
} & (
  | { readonly kind: 'message'; readonly sender: string; readonly submit: SmsSubmit }
  | { readonly kind: 'report'; readonly report: SmsStatusReport }
);

export interface NetworkText {
  readonly from: string;
  readonly to: string;
  readonly text: string;
  /** The message that it was made of: when every part has arrived, `onDelivered` is told. Asks for status reports. */
  readonly about?: PagerMessage;
}

export interface NetworkData {
  readonly from: string;
  readonly to: string;
  readonly port: number;
  readonly data: Uint8Array;
}

export type SmscOptions = {
  readonly config: CarrierConfig;
  readonly ports: Pick<CarrierPorts, 'clock' | 'network' | 'observe' | 'stored' | 'store'>;
  /** A text made of this message has reached its phone. */
  onDelivered(message: PagerMessage): void;
};

export class ShortMessageCentre {
  readonly #options: SmscOptions;
  readonly #lines = new Map<string, Outbox<Parcel>>();
  readonly #ledger: Ledger<StoredParcel>;
  readonly #keys = new WeakMap<Parcel, string>();
  readonly #references: References;
  readonly #awaited: AwaitedReports;
  /** The latest messages taken, by sender, recipient and TP-MR; for TP-RD. */
  readonly #taken: Remembered<true>;
  /** What had to wait, and was reported as kept. */
  readonly #kept = new WeakSet<Parcel>();
  #relay: ShortMessageRelay | undefined;
  #link: PeerLink | undefined;

  constructor(options: SmscOptions) {
    this.#options = options;
    const { clock, store } = options.ports;
    this.#ledger = new Ledger(store, 'sms');
    this.#references = new References(store);
    this.#awaited = new AwaitedReports(clock, store, KEEP_MS);
    this.#taken = new Remembered({ clock, store, prefix: 'sms-taken', keepMs: KEEP_MS, limit: TAKEN_LIMIT });
  }

  /** Listens, and takes up what an earlier life accepted. */
  start(): void {
    const { config, ports } = this.#options;
    const socket = ports.network(carrierHosts(config).smsc).datagram(CS_PORT);
    const { clock, store } = ports;
    const link = new PeerLink({
      clock,
      answered: new Remembered({
        clock,
        store,
        prefix: 'sms-unit',
        keepMs: UNIT_KEEP_MS,
        limit: UNIT_LIMIT,
      }),
      send: (to, bytes) => socket.send(to, bytes),
      onUnit: (unit) => this.#fromPeer(unit),
    });
    const forPhones = withoutPeers(socket, (from, bytes) => {
      if (!config.peers.some((peer) => peer.smscHost === from.host)) return false;
      link.receive(from, bytes);
      return true;
    });
    const serviceCentre = `+${config.mcc}${config.mnc}0000`;
    const relay = new ShortMessageRelay({
      socket: forPhones,
      clock,
      side: 'network',
      serviceCentre,
    });
    relay.onTpdu = (from, tpdu) => this.#fromPhone(from, tpdu);
    relay.onMemoryAvailable = (from) => this.#phoneAvailable(from);
    this.#relay = relay;
    this.#link = link;
    for (const { key, data, octets } of this.#ledger.entries()) {
      const parcel = parcelOf(data, octets);
      this.#keys.set(parcel, key);
      this.#line(parcel.recipient).push(parcel);
    }
  }

  /** Sends a text that the network made of something else, in the name of `from`. Throws SmsError when it is too long. */
  submitText({ from, to, text, about }: NetworkText): void {
    const submits = submitText({
      to,
      text,
      reference: this.#references.concatenation,
      messageReference: this.#references.message,
      statusReport: about !== undefined,
    });
    this.#references.textSubmitted(submits.length);
    if (about !== undefined) {
      this.#awaited.await(
        submits.map(({ messageReference }) => reportKey(from, to, messageReference)),
        about,
      );
    }
    for (const submit of submits) this.#accept(from, submit);
  }

  /** Sends 8-bit data to an application port (TS 23.040 section 9.2.3.24.4). Throws SmsError above 133 octets. */
  submitData({ from, to, port, data }: NetworkData): void {
    const submit: SmsSubmit = {
      type: 'submit',
      messageReference: this.#references.message,
      destination: to,
      statusReportRequested: false,
      protocol: 0,
      dcs: DCS_DATA,
      userData: { alphabet: 'data', header: [portElement(port, 0)], data },
    };
    this.#references.dataSubmitted();
    this.#accept(from, submit);
  }

  /** The subscriber's phone is there (again): what waits for it goes out. */
  subscriberReachable(msisdn: string): void {
    this.#lines.get(msisdn)?.kick();
  }

  close(): void {
    for (const line of this.#lines.values()) line.close();
    this.#link?.close();
    this.#relay?.close();
  }

  #fromPhone(from: Endpoint, tpdu: Tpdu): number | undefined {
    const subscriber = this.#options.config.subscribers.find((s) => s.host === from.host);
    if (subscriber === undefined) return RP_CAUSE.unidentifiedSubscriber;
    if (tpdu.type !== 'submit') return RP_CAUSE.semanticallyIncorrect;
    if (tpdu.rejectDuplicates && this.#repeated(subscriber.msisdn, tpdu)) return undefined;
    return this.#accept(subscriber.msisdn, tpdu);
  }

  /** TS 23.040 section 9.2.3.25: same sender, TP-DA and TP-MR as a message taken before, whose answer got lost. */
  #repeated(sender: string, submit: SmsSubmit): boolean {
    const key = reportKey(sender, submit.destination, submit.messageReference);
    if (this.#taken.get(key) === true) return true;
    this.#taken.set(key, true);
    return false;
  }

  #fromPeer(unit: PeerUnit): number | undefined {
    const { originator, destination } = unit;
    if (originator === undefined || destination === undefined) return RP_CAUSE.invalidMandatoryInformation;
    // No transit: a peer's unit is for a number of ours.
    if (routeNumber(this.#options.config, destination).kind !== 'local') return RP_CAUSE.unassignedNumber;
    let tpdu: Tpdu;
    try {
      tpdu = parseTpdu(unit.userData);
    } catch (error) {
      if (error instanceof SmsError) return RP_CAUSE.semanticallyIncorrect;
      throw error;
    }
    if (tpdu.type === 'submit') return this.#accept(originator, tpdu);
    if (tpdu.type !== 'status-report') return RP_CAUSE.semanticallyIncorrect;
    this.#reportArrived(destination, tpdu);
    return undefined;
  }

  #phoneAvailable(from: Endpoint): void {
    const subscriber = this.#options.config.subscribers.find((s) => s.host === from.host);
    if (subscriber) this.subscriberReachable(subscriber.msisdn);
  }

  /** Takes a message into the network's care; a cause when it can't go anywhere. */
  #accept(sender: string, submit: SmsSubmit): number | undefined {
    const recipient = submit.destination;
    if (routeNumber(this.#options.config, recipient).kind === 'unknown') return RP_CAUSE.unassignedNumber;
    this.#options.ports.observe({ name: 'sms-accepted', data: { sender, recipient } });
    this.#post({ kind: 'message', sender, submit, ...this.#envelope(recipient) });
    return undefined;
  }

  #envelope(recipient: string): Omit<Parcel, 'kind'> {
    return {
      recipient,
      acceptedAt: this.#options.ports.clock.now(),
      reference: this.#references.nextUnit(),
    };
  }

  #post(parcel: Parcel): void {
    const { data, octets } = storedParcel(parcel);
    this.#keys.set(parcel, this.#ledger.add(data, octets));
    this.#line(parcel.recipient).push(parcel);
  }

  #line(recipient: string): Outbox<Parcel> {
    const existing = this.#lines.get(recipient);
    if (existing !== undefined) return existing;
    const line = new Outbox<Parcel>({
      clock: this.#options.ports.clock,
      attempt: async (each) => {
        const outcome = await this.#attempt(each).catch(laterIfFull);
        if (outcome === 'done') this.#through(each);
        return outcome;
      },
      expiresAt: (each) => each.acceptedAt + KEEP_MS,
      onExpired: (each) => {
        this.#through(each);
        this.#ended(each, VALIDITY_EXPIRED);
      },
      onWaiting: (each) => this.#keep(each),
      firstDelayMs: 5_000,
      maxDelayMs: 120_000,
    });
    this.#lines.set(recipient, line);
    return line;
  }

  /** It is off the line, for good. */
  #through(parcel: Parcel): void {
    const key = this.#keys.get(parcel);
    if (key !== undefined) this.#ledger.remove(key);
    this.#keys.delete(parcel);
  }

  async #attempt(parcel: Parcel): Promise<Outcome> {
    const route = routeNumber(this.#options.config, parcel.recipient);
    if (route.kind === 'local') {
      const outcome = await this.#relay?.send(
        { host: route.subscriber.host, port: CS_PORT },
        forPhone(parcel),
        parcel.reference,
      );
      if (outcome === 'acked') {
        this.#ended(parcel, RECEIVED);
        return 'done';
      }
      return 'retry';
    }
    if (route.kind === 'unknown') return 'done';
    const outcome = await this.#link?.send(route.peer.smscHost, forPeer(parcel));
    // Refused: the peer knows no such number. Its sender learns it as any failure to deliver.
    if (outcome === 'refused') this.#ended(parcel, NOT_OBTAINABLE);
    return outcome === 'no-answer' ? 'retry' : 'done';
  }

  #keep(parcel: Parcel): void {
    if (this.#kept.has(parcel)) return;
    this.#kept.add(parcel);
    const octets = writeTpdu(parcel.kind === 'message' ? parcel.submit : parcel.report);
    this.#options.ports.stored(`sms/${parcel.recipient}/${parcel.reference}`, octets);
  }

  /** The end of a message, told to its sender when asked for. A report's own end interests nobody. */
  #ended(parcel: Parcel, status: number): void {
    if (parcel.kind !== 'message') return;
    const { sender, submit, recipient, acceptedAt } = parcel;
    const { clock, observe } = this.#options.ports;
    observe({
      name: status === RECEIVED ? 'sms-delivered' : 'sms-undeliverable',
      data: { sender, recipient },
    });
    if (!submit.statusReportRequested) return;
    const report: SmsStatusReport = {
      type: 'status-report',
      messageReference: submit.messageReference,
      recipient,
      timestamp: wholeSeconds(acceptedAt),
      dischargeTime: wholeSeconds(clock.now()),
      status,
    };
    this.#reportArrived(sender, report);
  }

  #reportArrived(sender: string, report: SmsStatusReport): void {
    const key = reportKey(sender, report.recipient, report.messageReference);
    if (!this.#awaited.has(key)) {
      this.#post({ kind: 'report', report, ...this.#envelope(sender) });
      return;
    }
    const arrived = this.#awaited.reported(key, statusDelivered(report));
    if (arrived !== undefined) this.#options.onDelivered(arrived);
  }
}

/** The relay takes 256 units at a time (TS 24.011 section 8.2.3); anything else is a bug and shows. */
function laterIfFull(error: unknown): Outcome {
  if (error instanceof SmsError) return 'retry';
  throw error;
}

function forPhone(parcel: Parcel): Tpdu {
  return parcel.kind === 'report'
    ? parcel.report
    : deliverSubmitted(parcel.submit, parcel.sender, parcel.acceptedAt);
}

function forPeer(parcel: Parcel): PeerUnit {
  const { recipient, reference } = parcel;
  return parcel.kind === 'report'
    ? {
        type: 'data',
        from: 'network',
        reference,
        originator: parcel.report.recipient,
        destination: recipient,
        userData: writeTpdu(parcel.report),
      }
    : {
        type: 'data',
        from: 'mobile',
        reference,
        originator: parcel.sender,
        destination: recipient,
        userData: writeTpdu(parcel.submit),
      };
}

function reportKey(sender: string, recipient: string, messageReference: number): string {
  return `${sender} ${recipient} ${messageReference}`;
}

function wholeSeconds(ms: number): number {
  return Math.floor(ms / 1_000) * 1_000;
}

/** The socket as the relay for phones sees it: what `take` takes never reaches it. */
function withoutPeers(
  socket: DatagramSocket,
  take: (from: Endpoint, bytes: Uint8Array) => boolean,
): DatagramSocket {
  const view: DatagramSocket = {
    local: socket.local,
    send: (to, bytes) => socket.send(to, bytes),
    onMessage: undefined,
    close: () => socket.close(),
  };
  socket.onMessage = (from, bytes) => {
    if (!take(from, bytes)) view.onMessage?.(from, bytes);
  };
  return view;
}
