/** RFC 5626 section 4.4.2: keep-alive of flows over UDP by STUN, with the retransmissions of RFC 8489 section 6.2.1. */

import type { Clock, Random, Timer } from '../../platform.ts';
import type { TransportFlow } from './flow.ts';
import { parseStun, writeStun } from './stun.ts';

/** RTO of RFC 8489, doubled after each of Rc - 1 repetitions; after the last one Rm times RTO. Milliseconds. */
const RTO = 500;
const SENDS = 7;
const LAST_WAIT = 16 * RTO;

interface Ping {
  readonly flow: TransportFlow;
  readonly answered: Promise<boolean>;
  readonly settle: (alive: boolean) => void;
  timer: Timer | undefined;
}

export class StunPings {
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #pings = new Map<string, Ping>();
  readonly #seenAs = new WeakMap<TransportFlow, string>();

  constructor(clock: Clock, random: Random) {
    this.#clock = clock;
    this.#random = random;
  }

  /** True when a response comes and tells the same address as before; false after 39.5 s without one. */
  ping(flow: TransportFlow): Promise<boolean> {
    const running = [...this.#pings.values()].find((one) => one.flow === flow);
    if (running !== undefined) return running.answered;
    const transaction = this.#random.bytes(12);
    const key = transaction.toString();
    const { promise, resolve } = Promise.withResolvers<boolean>();
    const settle = (alive: boolean): void => {
      ping.timer?.cancel();
      this.#pings.delete(key);
      resolve(alive);
    };
    const ping: Ping = { flow, answered: promise, settle, timer: undefined };
    this.#pings.set(key, ping);
    this.#send(ping, writeStun({ type: 'request', transaction }), 1);
    return promise;
  }

  /** A datagram that isStun; requests are answered. */
  receive(bytes: Uint8Array, flow: TransportFlow): void {
    const message = parseStun(bytes);
    if (message === undefined) return;
    if (message.type === 'request') {
      flow.send(writeStun({ type: 'success', transaction: message.transaction, mapped: flow.remote }));
      return;
    }
    const ping = this.#pings.get(message.transaction.toString());
    if (ping === undefined || ping.flow !== flow) return;
    const { mapped } = message;
    const seenAs = mapped === undefined ? '' : `${mapped.host} ${mapped.port}`;
    // A NAT that forgot the flow and made another: requests to the old address are lost.
    const moved = (this.#seenAs.get(flow) ?? seenAs) !== seenAs;
    this.#seenAs.set(flow, seenAs);
    ping.settle(message.type === 'success' && !moved);
  }

  close(): void {
    for (const ping of [...this.#pings.values()]) ping.settle(false);
  }

  #send(ping: Ping, bytes: Uint8Array, number: number): void {
    ping.flow.send(bytes);
    const wait = number === SENDS ? LAST_WAIT : RTO * 2 ** (number - 1);
    ping.timer = this.#clock.setTimer(wait, () => {
      if (number === SENDS) ping.settle(false);
      else this.#send(ping, bytes, number + 1);
    });
  }
}
