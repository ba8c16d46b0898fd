import type { Socket } from 'node:net';
import { type Endpoint, type Network, NetworkError } from '../../../stack/platform.ts';
import type { Link, Path } from '../link.ts';
import type { DeliveryClock } from '../link-queue.ts';
import type { NetworkUse } from '../network-use.ts';
import type { Tap } from '../tap.ts';
import type { BoundServer } from './bound-server.ts';
import { Datagrams } from './datagrams.ts';
import type { Trust } from './dial.ts';
import { HostDirectory, LoopbackBlock, type Place } from './host-directory.ts';
import { DEFAULT_SOCKET_LIMITS, type SocketLimits } from './limits.ts';
import { Pairs } from './pairs.ts';
import { type CertificateWish, SocketHost, type SocketHostOptions } from './socket-host.ts';
import type { SocketStream, StreamWorld } from './socket-stream.ts';
import type { Credentials } from './test-ca.ts';
import { Traffic } from './traffic.ts';

export interface SocketNetworkOptions {
  /** Times the links; what guards the real sockets runs on the machine's own time. */
  readonly clock: DeliveryClock;
  readonly tap?: Tap;
  /** Where hosts of other processes are; hosts that are added here are put into it. */
  readonly directory?: HostDirectory;
  /** Addresses of hosts that are given none. */
  readonly block?: LoopbackBlock;
  /** Whether names and addresses that the directory has not may be reached: the real world. Loopback always may. */
  readonly outside?: boolean;
  readonly limits?: Partial<SocketLimits>;
  readonly interconnect?: Link;
  /** What a host shows as a TLS server. Without it no host can be one. */
  readonly credentials?: (host: {
    readonly name: string;
    readonly address: string;
    readonly certificate?: CertificateWish | undefined;
  }) => Promise<Credentials>;
  /** Root certificates, PEM, that TLS clients trust; for hosts outside, besides the machine's own. */
  readonly authorities?: readonly string[];
  /** NSS key log lines of all TLS connections: whoever has them reads everything. */
  readonly onKeyLog?: (line: Uint8Array) => void;
}

/** Where a name leads: to a host of this process when there is one. */
export interface Target {
  readonly place: Place;
  readonly host?: SocketHost | undefined;
  readonly outside: boolean;
}

/** Named hosts on real sockets. Every byte that leaves a host, or comes from a stranger, passes the tap. */
export class SocketNetwork {
  readonly clock: DeliveryClock;
  readonly tap: Tap;
  readonly directory: HostDirectory;
  readonly limits: SocketLimits;
  readonly onKeyLog: ((line: Uint8Array) => void) | undefined;
  readonly traffic = new Traffic();
  readonly pairs: Pairs;
  readonly datagrams: Datagrams;
  readonly streams: StreamWorld;
  readonly #options: SocketNetworkOptions;
  readonly #block: LoopbackBlock;
  readonly #hosts = new Map<string, SocketHost>();
  readonly #servers = new Set<BoundServer>();
  /** As their owners see them. */
  readonly #open = new Set<SocketStream>();
  /** Until their sockets are closed. */
  readonly #wired = new Set<SocketStream>();
  /** Sockets that hosts of this network opened. */
  readonly #dialled = new Set<Socket>();
  readonly #credentials = new Map<string, Promise<Credentials>>();
  #connections = 0;
  #requests = 0;
  #settled: (() => void) | undefined;

  constructor(options: SocketNetworkOptions) {
    this.#options = options;
    this.clock = options.clock;
    this.tap = options.tap ?? (() => {});
    this.directory = options.directory ?? new HostDirectory();
    this.limits = { ...DEFAULT_SOCKET_LIMITS, ...options.limits };
    this.onKeyLog = options.onKeyLog;
    this.#block = options.block ?? new LoopbackBlock(1);
    this.pairs = new Pairs(this.traffic);
    this.datagrams = new Datagrams(this);
    this.streams = {
      clock: this.clock,
      limits: this.limits,
      tap: this.tap,
      opened: (stream) => {
        this.#open.add(stream);
        this.#wired.add(stream);
      },
      ended: (stream) => this.#open.delete(stream),
      gone: (stream) => {
        this.#wired.delete(stream);
        this.#settled?.();
      },
    };
  }

  /** Host names compare without case, as in the DNS. Throws NetworkError when there is one of that name. */
  addHost(given: string, options: SocketHostOptions = {}): Network {
    const name = given.toLowerCase();
    if (this.#hosts.has(name)) throw new NetworkError('port-in-use', `host ${name} exists already`);
    const address = options.address ?? this.#block.next();
    const host = new SocketHost(this, name, address, options);
    this.directory.set(name, { address, realPort: host.realPort });
    this.#hosts.set(name, host);
    return host;
  }

  /** Resolves when all that listens is bound. Rejects with NetworkError `port-in-use` and the like. */
  async ready(): Promise<void> {
    await Promise.all([...this.#servers].map((server) => server.ready));
  }

  /** What is still alive as its owners see it; all zero once every component has closed. */
  use(): NetworkUse {
    const listeners = [...this.#hosts.values()].reduce((sum, host) => sum + host.listeners.size, 0);
    return {
      streams: this.#open.size,
      sockets: this.datagrams.size,
      listeners,
      requests: this.#requests,
    };
  }

  /** The host's radio or power is gone: its streams vanish without a word to their peers. */
  abandonStreams(host: string): void {
    for (const stream of [...this.#open]) if (stream.local.host === host) stream.abandon();
  }

  /** Breaks whatever is left; resolves when the operating system holds nothing of this network any more. */
  async close(): Promise<void> {
    for (const host of this.#hosts.values()) for (const socket of [...host.sockets.values()]) socket.close();
    for (const stream of [...this.#wired]) stream.destroy();
    for (const socket of this.#dialled) socket.destroy();
    await Promise.all([...this.#servers].map((server) => server.destroy()));
    while (this.#wired.size + this.#dialled.size > 0) {
      await new Promise<void>((resolve) => {
        this.#settled = resolve;
      });
    }
  }

  find(to: Endpoint): Target | undefined {
    const host = this.#hosts.get(to.host.toLowerCase());
    const place = this.directory.find(to);
    if (place !== undefined) return { place, host, outside: false };
    const loopback = /^127\.\d+\.\d+\.\d+$|^::1$/.test(to.host);
    if (!loopback && this.#options.outside !== true) return undefined;
    return { place: { address: to.host, port: to.port }, outside: !loopback };
  }

  /** Throws NetworkError `unknown-host`. */
  reachable(to: Endpoint): Target {
    const target = this.find(to);
    if (target === undefined) throw new NetworkError('unknown-host', `no host is called ${to.host}`);
    return target;
  }

  path(from: SocketHost, to: SocketHost | undefined): Path {
    if (to === undefined) return from.access;
    const { interconnect } = this.#options;
    const between = from.zone === to.zone || interconnect === undefined ? [] : [interconnect];
    return [...from.access, ...between, ...to.access.toReversed()];
  }

  trust({ outside }: Target): Trust {
    return {
      authorities: this.#options.authorities ?? [],
      publicAuthorities: outside,
      onKeyLog: this.onKeyLog,
    };
  }

  /** One certificate for all that a host serves. */
  credentials({ host, address, certificate }: SocketHost): Promise<Credentials> {
    const { credentials } = this.#options;
    if (credentials === undefined) throw new NetworkError('certificate', `${host} has no certificate`);
    const known = this.#credentials.get(host) ?? credentials({ name: host, address, certificate });
    this.#credentials.set(host, known);
    return known;
  }

  /** Takes note of a socket that is connecting. */
  addDialled(socket: Socket): void {
    if (socket.closed) return;
    this.#dialled.add(socket);
    socket.once('close', () => {
      this.#dialled.delete(socket);
      this.#settled?.();
    });
  }

  addServer(server: BoundServer): void {
    this.#servers.add(server);
    void this.during(() => server.ready).catch(() => {
      // ready() tells it to whoever waits for this network.
    });
  }

  nextConnection(): number {
    this.#connections += 1;
    return this.#connections;
  }

  /** Counts as on its way until it is settled. */
  async during<T>(work: () => Promise<T>): Promise<T> {
    this.traffic.add(1);
    try {
      return await work();
    } finally {
      this.traffic.done(1);
    }
  }

  /** Counts as a request in flight until it is settled. */
  async requesting<T>(work: () => Promise<T>): Promise<T> {
    this.#requests += 1;
    try {
      return await work();
    } finally {
      this.#requests -= 1;
    }
  }
}
