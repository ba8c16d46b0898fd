/**
 * Short messages between service centres. On real networks this is MAP MT-FORWARD-SHORT-MESSAGE (3GPP TS 29.002) over
 * SS7; here the RP units of 3GPP TS 24.011 stand in for it, with both parties' numbers as RP addresses: an SMS-SUBMIT
 * on its way out, an SMS-STATUS-REPORT on its way back.
 */
import { bytesToHex, hexToBytes } from '@noble/hashes/utils.js';
import type { Clock, Endpoint, Timer } from '../../../stack/platform.ts';
import { CS_PORT, parseRp, type RpMessage, SmsError, writeRp } from '../../../stack/rcs/sms/index.ts';
import type { Remembered } from '../state/remembered.ts';

const RETRANSMIT_MS = 5_000;
const TRANSMISSIONS = 4;
/** RP-DATA between service centres. */
export type PeerUnit = Extract<RpMessage, { type: 'data' }>;

export interface PeerLinkOptions {
  readonly clock: Clock;
  /** Answers to units, in hexadecimal: one seen again is the same one. */
  readonly answered: Remembered<string>;
  send(to: Endpoint, bytes: Uint8Array): void;
  /** A new unit from a peer: nothing to accept it, a cause of TS 24.011 to refuse it. */
  onUnit(unit: PeerUnit): number | undefined;
}

export type PeerOutcome = 'taken' | 'refused' | 'no-answer';

interface Waiting {
  timer: Timer;
  settle(outcome: PeerOutcome): void;
}

export class PeerLink {
  readonly #options: PeerLinkOptions;
  readonly #waiting = new Map<string, Waiting>();

  constructor(options: PeerLinkOptions) {
    this.#options = options;
  }

  /** `no-answer`: four transmissions in 20 s brought none. */
  send(host: string, unit: PeerUnit): Promise<PeerOutcome> {
    const to = { host, port: CS_PORT };
    const bytes = writeRp(unit);
    const key = `${host} ${unit.reference}`;
    this.#waiting.get(key)?.settle('no-answer');
    return new Promise((resolve) => {
      const settle = (outcome: PeerOutcome) => {
        this.#waiting.get(key)?.timer.cancel();
        this.#waiting.delete(key);
        resolve(outcome);
      };
      const transmit = (left: number): Timer => {
        this.#options.send(to, bytes);
        return this.#options.clock.setTimer(RETRANSMIT_MS, () => {
          const waiting = this.#waiting.get(key);
          if (waiting === undefined) return;
          if (left === 1) settle('no-answer');
          else waiting.timer = transmit(left - 1);
        });
      };
      this.#waiting.set(key, { timer: transmit(TRANSMISSIONS), settle });
    });
  }

  receive(from: Endpoint, bytes: Uint8Array): void {
    let unit: RpMessage;
    try {
      unit = parseRp(bytes);
    } catch (error) {
      if (error instanceof SmsError) return;
      throw error;
    }
    const waiting = this.#waiting.get(`${from.host} ${unit.reference}`);
    if (unit.type === 'ack') waiting?.settle('taken');
    else if (unit.type === 'error') waiting?.settle('refused');
    else if (unit.type === 'data') this.#answer(from, unit, bytes);
  }

  close(): void {
    for (const { settle } of [...this.#waiting.values()]) settle('no-answer');
  }

  #answer(from: Endpoint, unit: PeerUnit, bytes: Uint8Array): void {
    const { answered } = this.#options;
    const key = `${from.host} ${bytes.join(',')}`;
    const before = answered.get(key);
    if (before !== undefined) {
      this.#options.send(from, hexToBytes(before));
      return;
    }
    const cause = this.#options.onUnit(unit);
    const { reference } = unit;
    const side = unit.from === 'mobile' ? 'network' : 'mobile';
    const answer = writeRp(
      cause === undefined
        ? { type: 'ack', from: side, reference }
        : { type: 'error', from: side, reference, cause },
    );
    answered.set(key, bytesToHex(answer));
    this.#options.send(from, answer);
  }
}
