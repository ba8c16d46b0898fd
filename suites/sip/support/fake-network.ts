import {
  type ByteStream,
  type ConnectOptions,
  type DatagramSocket,
  type Endpoint,
  type Listener,
  type Network,
  NetworkError,
} from '../../../stack/platform.ts';
import type { VirtualClock } from './virtual-clock.ts';

/** Milliseconds from one host to another. */
export const LATENCY = 10;

export interface SentDatagram {
  readonly at: number;
  readonly from: string;
  readonly to: string;
  readonly text: string;
  readonly lost: boolean;
}

/** A wire between named hosts: fixed latency, datagrams lost as the test says, stream chunks as small as it says. */
export class FakeWire {
  readonly clock: VirtualClock;
  readonly datagrams: SentDatagram[] = [];
  /** Called for each datagram with its number, from 0. */
  loses: (index: number, text: string) => boolean = () => false;
  /** When each copy of a datagram arrives, milliseconds after it was sent; one copy after LATENCY by default. */
  arrivals: (index: number, text: string) => readonly number[] = () => [LATENCY];
  /** Octets a stream delivers at once. */
  chunk = Number.POSITIVE_INFINITY;
  readonly #sockets = new Map<string, FakeSocket>();
  readonly #listeners = new Map<
    string,
    { readonly onStream: (stream: ByteStream) => void; readonly secure: boolean }
  >();
  readonly #streams = new Set<FakeStream>();
  #nextPort = 49_152;

  constructor(clock: VirtualClock) {
    this.clock = clock;
  }

  host(name: string): Network {
    return {
      host: name,
      connect: (to, options) => this.#connect(name, to, options),
      listen: (port, options, onStream) => this.#listen(name, port, options, onStream),
      datagram: (port) => this.#socket(name, port),
      fetch: () => Promise.reject(new NetworkError('unreachable', 'no HTTP on this wire')),
      serveHttp: () => {
        throw new NetworkError('unreachable', 'no HTTP on this wire');
      },
    };
  }

  /** What is still there: all zero when everybody cleaned up. */
  leftovers(): { sockets: number; listeners: number; streams: number; timers: number } {
    const { timersRunning: timers } = this.clock;
    return {
      sockets: this.#sockets.size,
      listeners: this.#listeners.size,
      streams: this.#streams.size,
      timers,
    };
  }

  /** Every stream breaks, as when a cable is cut. */
  cutStreams(): void {
    for (const stream of [...this.#streams]) stream.break();
  }

  get streamsOpen(): number {
    return this.#streams.size;
  }

  async #connect(from: string, to: Endpoint, { secure }: ConnectOptions): Promise<ByteStream> {
    await new Promise<void>((resolve) => this.clock.setTimer(2 * LATENCY, resolve));
    const listener = this.#listeners.get(key(to));
    if (listener === undefined || listener.secure !== secure)
      throw new NetworkError('refused', `nobody listens on ${key(to)}`);
    const local = { host: from, port: this.#nextPort++ };
    const near = new FakeStream(this, local, to, secure);
    const far = new FakeStream(this, to, local, secure);
    near.peer = far;
    far.peer = near;
    listener.onStream(far);
    return near;
  }

  #listen(
    host: string,
    port: number,
    { secure }: ConnectOptions,
    onStream: (stream: ByteStream) => void,
  ): Listener {
    const local = { host, port };
    if (this.#listeners.has(key(local))) throw new NetworkError('port-in-use', key(local));
    this.#listeners.set(key(local), { onStream, secure });
    return { local, close: () => void this.#listeners.delete(key(local)) };
  }

  #socket(host: string, port: number): DatagramSocket {
    const local = { host, port: port === 0 ? this.#nextPort++ : port };
    if (this.#sockets.has(key(local))) throw new NetworkError('port-in-use', key(local));
    const socket = new FakeSocket(this, local);
    this.#sockets.set(key(local), socket);
    return socket;
  }

  deliver(from: Endpoint, to: Endpoint, sent: Uint8Array): void {
    const bytes = sent.slice();
    const text = new TextDecoder().decode(bytes);
    const index = this.datagrams.length;
    const lost = this.loses(index, text);
    this.datagrams.push({ at: this.clock.now(), from: key(from), to: key(to), text, lost });
    if (lost) return;
    for (const after of this.arrivals(index, text)) {
      this.clock.setTimer(after, () => this.#sockets.get(key(to))?.onMessage?.(from, bytes.slice()));
    }
  }

  forgetSocket(local: Endpoint): void {
    this.#sockets.delete(key(local));
  }

  add(stream: FakeStream): void {
    this.#streams.add(stream);
  }

  forgetStream(stream: FakeStream): void {
    this.#streams.delete(stream);
  }
}

class FakeSocket implements DatagramSocket {
  readonly local: Endpoint;
  onMessage: ((from: Endpoint, bytes: Uint8Array) => void) | undefined;
  readonly #wire: FakeWire;

  constructor(wire: FakeWire, local: Endpoint) {
    this.#wire = wire;
    this.local = local;
  }

  send(to: Endpoint, bytes: Uint8Array): void {
    this.#wire.deliver(this.local, to, bytes);
  }

  close(): void {
    this.#wire.forgetSocket(this.local);
  }
}

class FakeStream implements ByteStream {
  readonly local: Endpoint;
  readonly remote: Endpoint;
  readonly secure: boolean;
  onData: ((bytes: Uint8Array) => void) | undefined;
  onClose: ((error?: NetworkError) => void) | undefined;
  peer: FakeStream | undefined;
  readonly #wire: FakeWire;
  #open = true;

  constructor(wire: FakeWire, local: Endpoint, remote: Endpoint, secure: boolean) {
    this.#wire = wire;
    this.local = local;
    this.remote = remote;
    this.secure = secure;
    wire.add(this);
  }

  write(bytes: Uint8Array): void {
    if (!this.#open) return;
    const { chunk, clock } = this.#wire;
    for (let at = 0; at < bytes.length; at += Math.min(chunk, bytes.length)) {
      const part = bytes.slice(at, at + Math.min(chunk, bytes.length));
      clock.setTimer(LATENCY, () => this.peer?.take(part));
    }
  }

  take(bytes: Uint8Array): void {
    if (this.#open) this.onData?.(bytes);
  }

  close(): void {
    if (!this.#open) return;
    this.#end();
    this.#wire.clock.setTimer(LATENCY, () => this.peer?.peerClosed());
  }

  peerClosed(error?: NetworkError): void {
    if (!this.#open) return;
    this.#end();
    this.onClose?.(error);
  }

  break(): void {
    this.peerClosed(new NetworkError('reset', 'cut'));
  }

  #end(): void {
    this.#open = false;
    this.#wire.forgetStream(this);
  }
}

function key({ host, port }: Endpoint): string {
  return `${host}:${port}`;
}
