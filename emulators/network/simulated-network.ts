import {
  type ByteStream,
  type ConnectOptions,
  type DatagramSocket,
  type Endpoint,
  type HttpHandler,
  type Listener,
  type Network,
  NetworkError,
} from '../../stack/platform.ts';
import { exchange } from './http-exchange.ts';
import { isCut, type Link, type Path, pathDelay, pathLoses, reliableDelay } from './link.ts';
import { SimulatedStream } from './simulated-stream.ts';
import type { Tap } from './tap.ts';
import type { VirtualClock } from './virtual-clock.ts';

const FIRST_EPHEMERAL_PORT = 49_152;
/** A host behind a cut link is given up after this long, as an operating system's connect() does. */
const CONNECT_TIMEOUT_MS = 30_000;

export interface HostOptions {
  /** Links between this host and the backbone of its zone, nearest first. */
  readonly access: readonly Link[];
  /** Hosts of different zones reach each other over the interconnect. */
  readonly zone: string;
}

/** What is still alive; all zero once every component has closed. */
export interface NetworkUse {
  readonly streams: number;
  readonly sockets: number;
  readonly listeners: number;
  readonly requests: number;
}

/** Named hosts joined by links, in virtual time. Every byte that leaves a host passes the tap. */
export class SimulatedNetwork {
  readonly #clock: VirtualClock;
  readonly #tap: Tap;
  readonly #interconnect: Link;
  readonly #hosts = new Map<string, SimulatedHost>();
  readonly #streams = new Set<SimulatedStream>();
  #connections = 0;
  requests = 0;

  constructor(options: { readonly clock: VirtualClock; readonly tap: Tap; readonly interconnect: Link }) {
    this.#clock = options.clock;
    this.#tap = options.tap;
    this.#interconnect = options.interconnect;
  }

  /** Host names compare without case, as in the DNS. */
  addHost(given: string, options: HostOptions): Network {
    const name = given.toLowerCase();
    if (this.#hosts.has(name)) throw new NetworkError('port-in-use', `host ${name} exists already`);
    const host = new SimulatedHost(this, name, options);
    this.#hosts.set(name, host);
    return host;
  }

  get clock(): VirtualClock {
    return this.#clock;
  }

  get tap(): Tap {
    return this.#tap;
  }

  host(name: string): SimulatedHost {
    const host = this.findHost(name);
    if (!host) throw new NetworkError('unknown-host', `no host is called ${name}`);
    return host;
  }

  findHost(name: string): SimulatedHost | undefined {
    return this.#hosts.get(name.toLowerCase());
  }

  path(from: SimulatedHost, to: SimulatedHost): Path {
    const between = from.options.zone === to.options.zone ? [] : [this.#interconnect];
    return [...from.options.access, ...between, ...to.options.access.toReversed()];
  }

  nextConnection(): number {
    this.#connections += 1;
    return this.#connections;
  }

  /** Both ends of a new stream. */
  streamPair(from: Endpoint, to: Endpoint, path: Path, secure: boolean): [SimulatedStream, SimulatedStream] {
    const world = {
      clock: this.#clock,
      tap: this.#tap,
      ended: (s: SimulatedStream) => this.#streams.delete(s),
    };
    const connection = this.nextConnection();
    const near = new SimulatedStream(world, path, from, to, secure, connection);
    const far = new SimulatedStream(world, path.toReversed(), to, from, secure, connection);
    SimulatedStream.join(near, far);
    this.#streams.add(near).add(far);
    return [near, far];
  }

  /** The host's radio or power is gone: its streams vanish without a word to their peers. */
  abandonStreams(host: string): void {
    for (const stream of [...this.#streams]) if (stream.local.host === host) stream.abandon();
  }

  use(): NetworkUse {
    let sockets = 0;
    let listeners = 0;
    for (const host of this.#hosts.values()) {
      sockets += host.sockets.size;
      listeners += host.listeners.size + host.http.size;
    }
    return { streams: this.#streams.size, sockets, listeners, requests: this.requests };
  }
}

type StreamListener = { readonly secure: boolean; readonly accept: (stream: ByteStream) => void };

export class SimulatedHost implements Network {
  readonly host: string;
  readonly options: HostOptions;
  readonly sockets = new Map<number, DatagramSocket>();
  readonly listeners = new Map<number, StreamListener>();
  readonly http = new Map<'http' | 'https', HttpHandler>();
  readonly #network: SimulatedNetwork;
  #ephemeral = FIRST_EPHEMERAL_PORT;

  constructor(network: SimulatedNetwork, host: string, options: HostOptions) {
    this.#network = network;
    this.host = host;
    this.options = options;
  }

  ephemeralPort(): number {
    const port = this.#ephemeral++;
    if (port > 65_535) throw new NetworkError('port-in-use', `${this.host} has no free port left`);
    return port;
  }

  async connect(to: Endpoint, { secure }: ConnectOptions): Promise<ByteStream> {
    const target = this.#network.host(to.host);
    const path = this.#network.path(this, target);
    const protocol = secure ? 'tls' : 'tcp';
    const local = { host: this.host, port: this.ephemeralPort() };
    await this.reach(path, to.host);
    // TCP's handshake costs one round trip, TLS 1.3's another.
    for (let trips = secure ? 2 : 1; trips > 0; trips -= 1)
      await this.pass(reliableDelay(path) + reliableDelay(path));
    const listener = target.listeners.get(to.port);
    if (!listener || listener.secure !== secure) {
      throw new NetworkError('refused', `${to.host} does not accept ${protocol} on port ${to.port}`);
    }
    const [near, far] = this.#network.streamPair(local, { host: target.host, port: to.port }, path, secure);
    this.#network.tap({
      protocol,
      from: near.local,
      to: near.remote,
      connection: near.connection,
      event: 'open',
      fate: 'delivered',
      link: path[0]!.name,
    });
    listener.accept(far);
    return near;
  }

  listen(port: number, { secure }: ConnectOptions, accept: (stream: ByteStream) => void): Listener {
    if (this.listeners.has(port))
      throw new NetworkError('port-in-use', `${this.host} listens on port ${port} already`);
    this.listeners.set(port, { secure, accept });
    return { local: { host: this.host, port }, close: () => this.listeners.delete(port) };
  }

  datagram(port: number): DatagramSocket {
    const own = port === 0 ? this.ephemeralPort() : port;
    if (this.sockets.has(own)) throw new NetworkError('port-in-use', `${this.host} uses port ${own} already`);
    const local = { host: this.host, port: own };
    const connection = this.#network.nextConnection();
    const socket: DatagramSocket = {
      local,
      onMessage: undefined,
      send: (to, bytes) => {
        if (this.sockets.get(own) === socket) this.#sendDatagram(local, to, bytes.slice(), connection);
      },
      close: () => {
        if (this.sockets.get(own) === socket) this.sockets.delete(own);
      },
    };
    this.sockets.set(own, socket);
    return socket;
  }

  fetch(request: Request): Promise<Response> {
    return exchange(this.#network, this, request);
  }

  serveHttp({ secure }: ConnectOptions, handler: HttpHandler): Listener {
    const scheme = secure ? 'https' : 'http';
    if (this.http.has(scheme)) throw new NetworkError('port-in-use', `${this.host} serves ${scheme} already`);
    this.http.set(scheme, handler);
    return { local: { host: this.host, port: secure ? 443 : 80 }, close: () => this.http.delete(scheme) };
  }

  /** Waits while a link of the path is cut; rejects after the operating system's patience. */
  async reach(path: Path, name: string): Promise<void> {
    const started = this.#network.clock.now();
    for (;;) {
      const cut = isCut(path);
      if (!cut) return;
      const left = CONNECT_TIMEOUT_MS - (this.#network.clock.now() - started);
      if (left <= 0)
        throw new NetworkError('timeout', `${name} did not answer within ${CONNECT_TIMEOUT_MS / 1000} s`);
      await new Promise<void>((resolve) => {
        const giveUp = this.#network.clock.deliverAfter(left, resolve);
        cut.whenHealed(() => {
          giveUp.cancel();
          resolve();
        });
      });
    }
  }

  pass(ms: number): Promise<void> {
    return new Promise((resolve) => this.#network.clock.deliverAfter(ms, resolve));
  }

  #sendDatagram(from: Endpoint, to: Endpoint, bytes: Uint8Array, connection: number): void {
    const target = this.#network.findHost(to.host);
    const path = target ? this.#network.path(this, target) : this.options.access;
    const cut = isCut(path);
    const lost = pathLoses(path);
    const fate = cut || !target?.sockets.has(to.port) ? 'unreachable' : lost ? 'lost' : 'delivered';
    const link = (cut ?? path[0]!).name;
    this.#network.tap({ protocol: 'udp', from, to, connection, event: 'data', fate, link, bytes });
    if (!target || fate !== 'delivered') return;
    this.#network.clock.deliverAfter(pathDelay(path), () =>
      target.sockets.get(to.port)?.onMessage?.(from, bytes),
    );
  }
}
