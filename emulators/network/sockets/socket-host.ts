import { isIP, type Server, type Socket } from 'node:net';
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
} from '../../../stack/platform.ts';
import { type Link, type Path, reliableDelay } from '../link.ts';
import { pass, reach } from '../path-wait.ts';
import { streamProtocol } from '../tap.ts';
import { BoundServer } from './bound-server.ts';
import type { DatagramPort } from './datagram-port.ts';
import { dialWire } from './dial.ts';
import { plainAddress, unprivileged } from './host-directory.ts';
import { fetchOver, serveOver } from './http-exchange.ts';
import type { SocketNetwork, Target } from './socket-network.ts';
import { SocketStream } from './socket-stream.ts';
import { streamServer } from './stream-server.ts';
import type { Credentials } from './test-ca.ts';
import type { Pair, PairEnds } from './traffic.ts';
import type { Wire } from './wire.ts';

/** A certificate as a world describes it, to be made in earnest. */
export interface CertificateWish {
  readonly names: readonly string[];
  /** Epoch milliseconds, both ends included. */
  readonly notBefore: number;
  readonly notAfter: number;
  readonly issuer: string;
  /** Base64 SHA-256 of the SubjectPublicKeyInfo: says which key it is for. */
  readonly spkiSha256: string;
}

export interface SocketHostOptions {
  /** Links between this host and the backbone of its zone, nearest first; none when the real network is all there is. */
  readonly access?: readonly Link[];
  /** Hosts of different zones reach each other over the interconnect. */
  readonly zone?: string;
  /** Where it binds: IPv4 or IPv6; a loopback address of its own unless given. */
  readonly address?: string;
  /** The real port behind one of its own; ports below 1024 are moved up by 8000 unless given. */
  readonly realPort?: (port: number) => number;
  /** Handed on to the network's `credentials`. */
  readonly certificate?: CertificateWish;
}

const SECURE: ReadonlySet<PairEnds['protocol']> = new Set(['tls', 'wss', 'https']);
const WILDCARDS: readonly string[] = ['0.0.0.0', '::'];

/** One host of a `SocketNetwork`. */
export class SocketHost implements Network {
  readonly host: string;
  readonly address: string;
  readonly access: readonly Link[];
  readonly zone: string;
  readonly realPort: (port: number) => number;
  readonly certificate: CertificateWish | undefined;
  readonly sockets = new Map<number, DatagramPort>();
  readonly listeners = new Set<string>();
  readonly #network: SocketNetwork;

  constructor(network: SocketNetwork, host: string, address: string, options: SocketHostOptions) {
    this.#network = network;
    this.host = host;
    this.address = address;
    this.access = options.access ?? [];
    this.zone = options.zone ?? '';
    this.realPort = options.realPort ?? unprivileged;
    this.certificate = options.certificate;
  }

  /** What an outgoing connection binds to: nothing where the machine has to choose. */
  localAddressTo(address: string): string | undefined {
    const free = WILDCARDS.includes(this.address) || isIP(address) !== isIP(this.address);
    return free ? undefined : this.address;
  }

  async connect(to: Endpoint, options: ConnectOptions): Promise<ByteStream> {
    const network = this.#network;
    const target = network.reachable(to);
    const path = network.path(this, target.host);
    await reach(network.clock, path, to.host);
    // TCP's handshake costs one round trip; TLS 1.3's another, and WebSocket's.
    const trips = 1 + Number(options.secure) + Number(options.webSocket !== undefined);
    for (let left = path.length === 0 ? 0 : trips; left > 0; left -= 1)
      await pass(network.clock, reliableDelay(path) + reliableDelay(path));
    await network.during(() => network.ready());
    return this.#dial(to, target, path, options);
  }

  listen(port: number, options: ListenOptions, accept: (stream: ByteStream) => void): Listener {
    const network = this.#network;
    const local = { host: this.host, port };
    return this.#bind(`port ${port}`, port, streamProtocol(options), (credentials) =>
      streamServer({
        listen: options,
        credentials,
        limits: network.limits,
        onWire: (wire, socket) => accept(this.#accepted(local, options, wire, socket)),
      }),
    );
  }

  datagram(port: number): DatagramSocket {
    if (port !== 0 && this.sockets.has(port))
      throw new NetworkError('port-in-use', `${this.host} uses port ${port} already`);
    const socket = this.#network.datagrams.open(this, port);
    this.sockets.set(socket.local.port, socket);
    return socket;
  }

  fetch(request: Request): Promise<Response> {
    return fetchOver(this.#network, this, request);
  }

  serveHttp({ secure }: Pick<ListenOptions, 'secure'>, handler: HttpHandler): Listener {
    const port = secure ? 443 : 80;
    const scheme = secure ? 'https' : 'http';
    return this.#bind(scheme, port, scheme, (credentials) =>
      serveOver(this.#network, this, secure, credentials, handler),
    );
  }

  async #dial(to: Endpoint, target: Target, path: Path, options: ConnectOptions): Promise<ByteStream> {
    const network = this.#network;
    const connection = network.nextConnection();
    const remote = { host: to.host.toLowerCase(), port: to.port };
    let local: Endpoint = { host: this.host, port: 0 };
    let pair: Pair | undefined;
    const onPort = (socket: Socket): void => {
      network.addDialled(socket);
      local = { host: this.host, port: socket.localPort ?? 0 };
      if (target.host === undefined) return;
      const ends = { connection, from: local, path, protocol: streamProtocol(options) };
      pair = network.pairs.dialled(socket, target.place.port, ends);
    };
    const adopt = (wire: Wire): ByteStream => {
      const link = path[0]?.name ?? 'socket';
      const protocol = streamProtocol(options);
      network.tap({ protocol, from: local, to: remote, connection, event: 'open', fate: 'delivered', link });
      const { secure, webSocket } = options;
      const ends = { local, remote, secure, webSocket, path, connection, pair, end: 'near' } as const;
      return new SocketStream(network.streams, wire, ends);
    };
    const { place } = target;
    const localAddress = this.localAddressTo(place.address);
    const dial = { place, to, localAddress, options, trust: network.trust(target), limits: network.limits };
    try {
      return await dialWire({ ...dial, onPort }, adopt);
    } catch (error) {
      pair?.gone('near');
      throw error;
    }
  }

  #bind(
    name: string,
    port: number,
    protocol: PairEnds['protocol'],
    make: (credentials: Credentials | undefined) => Server,
  ): Listener {
    const network = this.#network;
    if (this.listeners.has(name)) throw new NetworkError('port-in-use', `${this.host} has ${name} already`);
    this.listeners.add(name);
    const server = new BoundServer({
      place: { address: this.address, port: this.realPort(port) },
      limits: network.limits,
      onKeyLog: network.onKeyLog,
      onConnection: (socket) => {
        const pair = network.pairs.accepted(socket);
        if (pair !== undefined && pair.ends.protocol !== protocol) pair.misunderstood();
      },
      make: SECURE.has(protocol) ? async () => make(await network.credentials(this)) : () => make(undefined),
    });
    network.addServer(server);
    const close = (): void => {
      this.listeners.delete(name);
      server.close();
    };
    return { local: { host: this.host, port }, close };
  }

  #accepted(local: Endpoint, options: ListenOptions, wire: Wire, socket: Socket): ByteStream {
    const network = this.#network;
    const pair = network.pairs.accepted(socket);
    const address = plainAddress(socket.remoteAddress);
    const remote = pair?.ends.from ?? {
      host: network.directory.nameOf(address) ?? address,
      port: socket.remotePort ?? 0,
    };
    const connection = pair?.ends.connection ?? network.nextConnection();
    const { secure, webSocket } = options;
    if (pair === undefined) {
      network.tap({
        protocol: streamProtocol(options),
        from: remote,
        to: local,
        connection,
        event: 'open',
        fate: 'delivered',
        link: 'socket',
      });
    }
    const path = pair?.ends.path.toReversed() ?? [];
    const ends = { local, remote, secure, webSocket, path, connection, pair, end: 'far' } as const;
    return new SocketStream(network.streams, wire, ends);
  }
}
