import type { Socket } from 'node:net';
import { plainAddress } from './host-directory.ts';
import { Pair, type PairEnds, type Traffic } from './traffic.ts';

/** Connections between two hosts of this process, found by their sockets' own addresses. */
export class Pairs {
  readonly #traffic: Traffic;
  readonly #pairs = new Map<string, Pair>();

  constructor(traffic: Traffic) {
    this.#traffic = traffic;
  }

  /** `socket` has a port and does not connect before the next turn. */
  dialled(socket: Socket, serverPort: number, ends: PairEnds): Pair {
    const key = keyOf(socket.localAddress, socket.localPort, serverPort);
    const pair = new Pair(this.#traffic, ends, () => {
      if (this.#pairs.get(key) === pair) this.#pairs.delete(key);
    });
    this.#pairs.set(key, pair);
    return pair;
  }

  /** The pair that an accepted connection belongs to; undefined when a stranger dialled. */
  accepted(socket: Socket): Pair | undefined {
    return this.#pairs.get(keyOf(socket.remoteAddress, socket.remotePort, socket.localPort));
  }
}

function keyOf(
  address: string | undefined,
  port: number | undefined,
  serverPort: number | undefined,
): string {
  return `${plainAddress(address)} ${port} ${serverPort}`;
}
