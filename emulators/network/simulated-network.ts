import {
  type ByteStream,
  type ConnectOptions,
  type DatagramSocket,
  type Endpoint,
  type HttpHandler,
  type Listener,
  type ListenOptions,
  type Network,
  NetworkError,
} from '../../stack/platform.ts';
import { certificateFault, type HostCertificate, TEST_ISSUER, validCertificate } from './certificate.ts';
import { exchange } from './http-exchange.ts';
import { isCut, type Link, type Path, pathDelay, pathLoses, reliableDelay } from './link.ts';
import type { NetworkUse } from './network-use.ts';
import { pass, reach } from './path-wait.ts';
import { SimulatedStream } from './simulated-stream.ts';
import { streamProtocol, type Tap } from './tap.ts';
import type { VirtualClock } from './virtual-clock.ts';

const FIRST_EPHEMERAL_PORT = 49_152;

export interface HostOptions {
  /** Links between this host and the backbone of its zone, nearest first. */
  readonly access: readonly Link[];
  /** Hosts of different zones reach each other over the interconnect. */
  readonly zone: string;
  /** What it shows as a TLS server; one that is valid for its name when absent. */
  readonly certificate?: HostCertificate;
  /** Issuers it trusts as a TLS client; the test network's own when absent. */
  readonly trust?: readonly string[];
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
  streamPair(
    from: Endpoint,
    to: Endpoint,
    path: Path,
    options: ListenOptions,
  ): [SimulatedStream, SimulatedStream] {
    const world = {
      clock: this.#clock,
      tap: this.#tap,
      ended: (s: SimulatedStream) => this.#streams.delete(s),
    };
    const connection = this.nextConnection();
    const near = new SimulatedStream(world, path, from, to, options, connection);
    const far = new SimulatedStream(world, path.toReversed(), to, from, options, connection);
    SimulatedStream.join(near, far);
    this.#streams.add(near).add(far);
    return [near, far];
  }

  /** The host's radio or power is gone: its streams vanish without a word to their peers. */
  abandonStreams(host: string): void {
    for (const stream of [...this.#streams]) if (stream.local.host === host) stream.abandon();
  }

  /** Whoever listens can be reached at once. */
  async ready(): Promise<void> {}

  /** It holds nothing of the machine. */
  async close(): Promise<void> {}

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

interface StreamListener {
  readonly options: ListenOptions;
  readonly accept: (stream: ByteStream) => void;
}

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

  async connect(to: Endpoint, options: ConnectOptions): Promise<ByteStream> {
    const { secure, webSocket, pins } = options;
    const target = this.#network.host(to.host);
    const path = this.#network.path(this, target);
    const protocol = streamProtocol(options);
    const local = { host: this.host, port: this.ephemeralPort() };
    await reach(this.#network.clock, path, to.host);
    // TCP's handshake costs one round trip; TLS 1.3's another, and WebSocket's.
    for (let trips = 1 + Number(secure) + Number(webSocket !== undefined); trips > 0; trips -= 1)
      await pass(this.#network.clock, reliableDelay(path) + reliableDelay(path));
    const listener = target.listeners.get(to.port);
    const fits = listener?.options.secure === secure && listener.options.webSocket === webSocket;
    if (!listener || !fits) {
      throw new NetworkError('refused', `${to.host} does not accept ${protocol} on port ${to.port}`);
    }
    if (secure) this.verify(target, { to, local, path, pins });
    const [near, far] = this.#network.streamPair(local, { host: target.host, port: to.port }, path, options);
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

  listen(port: number, options: ListenOptions, accept: (stream: ByteStream) => void): Listener {
    if (this.listeners.has(port))
      throw new NetworkError('port-in-use', `${this.host} listens on port ${port} already`);
    this.listeners.set(port, { options, accept });
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

  serveHttp({ secure }: Pick<ListenOptions, 'secure'>, handler: HttpHandler): Listener {
    const scheme = secure ? 'https' : 'http';
    if (this.http.has(scheme)) throw new NetworkError('port-in-use', `${this.host} serves ${scheme} already`);
    this.http.set(scheme, handler);
    return { local: { host: this.host, port: secure ? 443 : 80 }, close: () => this.http.delete(scheme) };
  }

  /**
   * What a TLS client does with the server's certificate: throws NetworkError `certificate` when it doesn't hold, after
   * an alert that says so.
   */
  verify(
    server: SimulatedHost,
    dial: {
      readonly to: Endpoint;
      readonly local: Endpoint;
      readonly path: Path;
      readonly pins: readonly string[] | undefined;
    },
  ): void {
    const { to, local, path, pins } = dial;
    const certificate = server.options.certificate ?? validCertificate(server.host);
    const { trust = [TEST_ISSUER] } = this.options;
    const fault = certificateFault(certificate, {
      host: to.host,
      now: this.#network.clock.now(),
      trust,
      pins,
    });
    if (fault === undefined) return;
    this.#network.tap({
      protocol: 'tls',
      from: local,
      to: { host: server.host, port: to.port },
      connection: this.#network.nextConnection(),
      event: 'alert',
      fate: 'delivered',
      link: path[0]!.name,
      bytes: fault.alert,
    });
    throw new NetworkError('certificate', `the certificate of ${to.host} is ${fault.why}`);
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
