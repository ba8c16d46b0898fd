/**
 * The short message relay entity (3GPP TS 24.011 6): sends TPDUs in RP-DATA over datagrams and waits for RP-ACK or
 * RP-ERROR. A datagram stands for the connection management sublayer, so units are sent again until answered.
 */

import type { Clock, DatagramSocket, Endpoint, Timer } from '../../platform.ts';
import { parseRp, RP_CAUSE, type RpMessage, type RpSide, writeRp } from './rp.ts';
import { SmsError } from './sms-error.ts';
import { parseTpdu, type Tpdu, writeTpdu } from './tpdu.ts';

/** The port of the circuit-switched message bearer, at phones and service centres alike. */
export const CS_PORT = 29_118;
export const RETRANSMIT_MS = 5000;
export const MAX_RETRANSMISSIONS = 6;
/** A unit seen again within this time is a retransmission; longer than the sender keeps trying. */
const DUPLICATE_MS = (MAX_RETRANSMISSIONS + 2) * RETRANSMIT_MS;
const MAX_REMEMBERED = 1024;
const REFERENCES = 256;

export type RelayOutcome = 'acked' | 'error' | 'timeout';

export interface ShortMessageRelayOptions {
  /** Bound socket; the relay takes over its handler and closes it. */
  readonly socket: DatagramSocket;
  readonly clock: Clock;
  /** `mobile` for a phone, the default; `network` for a service centre. */
  readonly side?: RpSide;
  /** Number of the service centre, named in RP-DATA. */
  readonly serviceCentre?: string;
}

interface Outstanding {
  readonly settle: (outcome: RelayOutcome) => void;
  readonly timer: Timer;
}

interface Seen {
  readonly unit: Uint8Array;
  readonly answer: Uint8Array;
  readonly at: number;
}

export class ShortMessageRelay {
  /**
   * Called once for each TPDU that arrives. Nothing returned answers RP-ACK, a cause of RP_CAUSE answers RP-ERROR.
   * Without a handler everything is answered "temporary failure".
   */
  // biome-ignore lint/suspicious/noConfusingVoidType: a handler that returns nothing accepts
  onTpdu: ((from: Endpoint, tpdu: Tpdu) => number | void) | undefined;
  /** A phone has room, or coverage, again and wants what waits for it (TS 24.011 RP-SMMA). Called once for each. */
  onMemoryAvailable: ((from: Endpoint) => void) | undefined;

  private readonly socket: DatagramSocket;
  private readonly clock: Clock;
  private readonly side: RpSide;
  private readonly serviceCentre: string | undefined;
  private readonly outstanding = new Map<number, Outstanding>();
  private readonly seen = new Map<string, Seen>();
  private nextReference = 0;
  private closed = false;

  constructor(options: ShortMessageRelayOptions) {
    this.socket = options.socket;
    this.clock = options.clock;
    this.side = options.side ?? 'mobile';
    this.serviceCentre = options.serviceCentre;
    this.socket.onMessage = (from, bytes) => this.receive(from, bytes);
  }

  /**
   * Sends one TPDU. `acked` and `error` are the peer's answers; `timeout` comes 5 s after the sixth retransmission, or
   * by close(). `preferred`: the RP-Message Reference to take if no unanswered unit has it, so that a unit sent again by a
   * later life of a service centre is known again. Rejects with SmsError when the TPDU can't be written or 256 are
   * unanswered.
   */
  async send(to: Endpoint, tpdu: Tpdu, preferred?: number): Promise<RelayOutcome> {
    const userData = writeTpdu(tpdu);
    if (this.closed) {
      return 'timeout';
    }
    const reference =
      preferred === undefined || this.outstanding.has(preferred) ? this.freeReference() : preferred;
    const address = this.serviceCentre === undefined ? {} : this.serviceCentreAddress(this.serviceCentre);
    return this.exchange(
      to,
      reference,
      writeRp({ type: 'data', from: this.side, reference, ...address, userData }),
    );
  }

  /** Tells the service centre that messages can be delivered again; outcomes as of send(). Phones only. */
  async memoryAvailable(to: Endpoint): Promise<RelayOutcome> {
    if (this.closed) {
      return 'timeout';
    }
    const reference = this.freeReference();
    return this.exchange(to, reference, writeRp({ type: 'memory-available', from: 'mobile', reference }));
  }

  private exchange(to: Endpoint, reference: number, unit: Uint8Array): Promise<RelayOutcome> {
    return new Promise((resolve) => {
      const settle = (outcome: RelayOutcome) => {
        this.outstanding.get(reference)?.timer.cancel();
        this.outstanding.delete(reference);
        resolve(outcome);
      };
      const transmit = (left: number) => {
        const timer = this.clock.setTimer(RETRANSMIT_MS, () =>
          left === 0 ? settle('timeout') : transmit(left - 1),
        );
        this.outstanding.set(reference, { settle, timer });
        this.socket.send(to, unit);
      };
      transmit(MAX_RETRANSMISSIONS);
    });
  }

  /** Everything unanswered ends as `timeout`; closes the socket. Idempotent. */
  close(): void {
    if (this.closed) {
      return;
    }
    this.closed = true;
    for (const { settle } of [...this.outstanding.values()]) {
      settle('timeout');
    }
    this.seen.clear();
    this.socket.onMessage = undefined;
    this.socket.close();
  }

  private receive(from: Endpoint, bytes: Uint8Array): void {
    let message: RpMessage;
    try {
      message = parseRp(bytes);
    } catch (error) {
      if (error instanceof SmsError) {
        this.answerUnreadable(from, bytes);
        return;
      }
      throw error;
    }
    if (message.from === this.side) {
      return;
    }
    switch (message.type) {
      case 'ack':
        this.outstanding.get(message.reference)?.settle('acked');
        break;
      case 'error':
        this.outstanding.get(message.reference)?.settle('error');
        break;
      case 'data':
      case 'memory-available':
        this.answerOnce(from, message, bytes);
        break;
    }
  }

  private answerOnce(
    from: Endpoint,
    message: RpMessage & { type: 'data' | 'memory-available' },
    unit: Uint8Array,
  ): void {
    const { reference } = message;
    const key = `${from.host} ${from.port} ${reference}`;
    const before = this.seen.get(key);
    if (before !== undefined && this.clock.now() - before.at < DUPLICATE_MS && sameBytes(before.unit, unit)) {
      this.socket.send(from, before.answer);
      return;
    }
    const cause =
      message.type === 'data' ? this.handUp(from, message.userData) : this.onMemoryAvailable?.(from);
    if (this.closed) {
      return;
    }
    const answer = writeRp(
      typeof cause !== 'number'
        ? { type: 'ack', from: this.side, reference }
        : { type: 'error', from: this.side, reference, cause },
    );
    this.remember(key, { unit: unit.slice(), answer, at: this.clock.now() });
    this.socket.send(from, answer);
  }

  private handUp(from: Endpoint, userData: Uint8Array): number | undefined {
    let tpdu: Tpdu;
    try {
      tpdu = parseTpdu(userData);
    } catch (error) {
      if (error instanceof SmsError) {
        return RP_CAUSE.semanticallyIncorrect;
      }
      throw error;
    }
    return this.onTpdu === undefined ? RP_CAUSE.temporaryFailure : this.onTpdu(from, tpdu) || undefined;
  }

  /** 9.2 and 9.3: an RP-DATA that can't be read is refused if its reference can. */
  private answerUnreadable(from: Endpoint, bytes: Uint8Array): void {
    const [mti, reference] = bytes;
    if (mti !== undefined && reference !== undefined && (mti & 0x07) === (this.side === 'mobile' ? 1 : 0)) {
      const cause = RP_CAUSE.invalidMandatoryInformation;
      this.socket.send(from, writeRp({ type: 'error', from: this.side, reference, cause }));
    }
  }

  private remember(key: string, seen: Seen): void {
    this.seen.delete(key);
    if (this.seen.size >= MAX_REMEMBERED) {
      const oldest = this.seen.keys().next().value;
      if (oldest !== undefined) {
        this.seen.delete(oldest);
      }
    }
    this.seen.set(key, seen);
  }

  private freeReference(): number {
    for (let i = 0; i < REFERENCES; i++) {
      const reference = this.nextReference;
      this.nextReference = (reference + 1) % REFERENCES;
      if (!this.outstanding.has(reference)) {
        return reference;
      }
    }
    throw new SmsError('RP-Message Reference', `fewer than ${REFERENCES} unanswered units`);
  }

  /** The service centre is destination for a phone, originator for the network. */
  private serviceCentreAddress(number: string): { originator?: string; destination?: string } {
    return this.side === 'mobile' ? { destination: number } : { originator: number };
  }
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}
