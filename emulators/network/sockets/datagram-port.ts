import { createSocket, type Socket } from 'node:dgram';
import { isIPv6 } from 'node:net';
import type { DatagramSocket, Endpoint, NetworkError } from '../../../stack/platform.ts';
import { type Place, plainAddress } from './host-directory.ts';
import { socketError } from './socket-error.ts';

/** Octets that wait in the kernel while this process is busy; it gives what its own limit allows. */
const RECEIVE_BUFFER = 4 * 1024 * 1024;

export interface DatagramPortOptions {
  /** Where to bind; port 0 takes a free one. */
  readonly place: Place;
  /** The endpoint that peers of this process know, given the port that was bound. */
  readonly localOf: (port: number) => Endpoint;
  readonly onMessage: (from: Place, bytes: Uint8Array) => void;
  readonly send: (socket: DatagramPort, to: Endpoint, bytes: Uint8Array) => void;
  readonly onClose: (socket: DatagramPort) => void;
}

/** A UDP socket of a host. */
export class DatagramPort implements DatagramSocket {
  readonly local: Endpoint;
  /** Where it is really bound. */
  readonly place: Place;
  onMessage: ((from: Endpoint, bytes: Uint8Array) => void) | undefined;
  readonly #options: DatagramPortOptions;
  readonly #socket: Socket;
  #open = true;

  /** Throws NetworkError `port-in-use` or `unreachable`. */
  constructor(options: DatagramPortOptions) {
    const { place, localOf, onMessage } = options;
    const family = isIPv6(place.address) ? 6 : 4;
    this.#options = options;
    // Addresses are given as such: looked up at once, so that bind() and send() fail or succeed at once, too.
    this.#socket = createSocket({
      type: family === 6 ? 'udp6' : 'udp4',
      recvBufferSize: RECEIVE_BUFFER,
      lookup: (address, _, done) => done(null, address, family),
    });
    let failed: NetworkError | undefined;
    this.#socket.on('error', (error) => {
      failed = socketError(error, `port ${place.port} of ${place.address}`);
    });
    this.#socket.on('message', (bytes, { address, port }) => {
      const { buffer, byteOffset, length } = bytes;
      if (this.#open)
        onMessage({ address: plainAddress(address), port }, new Uint8Array(buffer, byteOffset, length));
    });
    this.#socket.bind({ address: place.address, port: place.port, exclusive: true });
    if (failed) {
      this.#socket.close();
      throw failed;
    }
    const { port } = this.#socket.address();
    this.place = { address: place.address, port };
    this.local = localOf(port);
  }

  get open(): boolean {
    return this.#open;
  }

  send(to: Endpoint, bytes: Uint8Array): void {
    if (this.#open) this.#options.send(this, to, bytes.slice());
  }

  /** Puts a datagram on the real wire. `failed` is called when the operating system does not take it. */
  transmit(to: Place, bytes: Uint8Array, failed?: () => void): void {
    if (!this.#open) {
      failed?.();
      return;
    }
    try {
      if (failed === undefined) this.#socket.send(bytes, to.port, to.address);
      else {
        this.#socket.send(bytes, to.port, to.address, (error) => {
          if (error) failed();
        });
      }
    } catch {
      failed?.();
    }
  }

  close(): void {
    if (!this.#open) return;
    this.#open = false;
    this.#socket.close();
    this.#options.onClose(this);
  }
}
