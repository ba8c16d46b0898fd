import type { Endpoint } from '../../../stack/platform.ts';
import { isCut, pathDelay, pathLoses } from '../link.ts';
import { DatagramPort } from './datagram-port.ts';
import type { Place } from './host-directory.ts';
import type { SocketHost } from './socket-host.ts';
import type { SocketNetwork } from './socket-network.ts';

/** Real milliseconds after which a datagram between two sockets of this process counts as dropped by the kernel. */
const DROPPED_MS = 2_000;

/** The UDP sockets of a network, and what is on its way between them. */
export class Datagrams {
  readonly #network: SocketNetwork;
  /** By the number that the machine knows them by. */
  readonly #ports = new Map<number, readonly DatagramPort[]>();
  /** By the place of the receiver: a release for each datagram on its way there, oldest first. */
  readonly #underWay = new Map<DatagramPort, (() => void)[]>();

  constructor(network: SocketNetwork) {
    this.#network = network;
  }

  get size(): number {
    return [...this.#ports.values()].reduce((sum, ports) => sum + ports.length, 0);
  }

  /** Throws NetworkError `port-in-use` or `unreachable`. */
  open(host: SocketHost, port: number): DatagramPort {
    const connection = this.#network.nextConnection();
    const opened = new DatagramPort({
      place: { address: host.address, port: host.realPort(port) },
      localOf: (real) => ({ host: host.host, port: port === 0 ? real : port }),
      onMessage: (from, bytes) => this.#receive(opened, from, bytes, connection),
      send: (socket, to, bytes) => this.#send(host, socket, to, bytes, connection),
      onClose: (socket) => {
        this.#put(socket.place.port, (ports) => ports.filter((one) => one !== socket));
        host.sockets.delete(socket.local.port);
        for (const release of [...(this.#underWay.get(socket) ?? [])]) release();
      },
    });
    this.#put(opened.place.port, (ports) => [...ports, opened]);
    return opened;
  }

  #send(host: SocketHost, socket: DatagramPort, to: Endpoint, bytes: Uint8Array, connection: number): void {
    const network = this.#network;
    const target = network.find(to);
    const path = network.path(host, target?.host);
    const receiver = target?.host?.sockets.get(to.port);
    const cut = isCut(path);
    const lost = pathLoses(path);
    const reaches =
      target !== undefined &&
      (target.host === undefined || receiver !== undefined) &&
      bytes.length <= network.limits.datagramOctets;
    const fate = cut || !reaches ? 'unreachable' : lost ? 'lost' : 'delivered';
    const link = (cut ?? path[0])?.name ?? 'socket';
    network.tap({ protocol: 'udp', from: socket.local, to, connection, event: 'data', fate, link, bytes });
    if (target === undefined || fate !== 'delivered') return;
    const transmit = (): void => {
      const dropped = receiver?.open ? this.#onItsWay(receiver) : undefined;
      socket.transmit(target.place, bytes, dropped);
    };
    if (path.length === 0) transmit();
    else network.clock.deliverAfter(pathDelay(path), transmit);
  }

  #receive(socket: DatagramPort, from: Place, bytes: Uint8Array, connection: number): void {
    const sender = this.#at(from);
    if (sender !== undefined) {
      socket.onMessage?.(sender.local, bytes);
      this.#underWay.get(socket)?.[0]?.();
      return;
    }
    const stranger = { host: this.#network.directory.nameOf(from.address) ?? from.address, port: from.port };
    this.#network.tap({
      protocol: 'udp',
      from: stranger,
      to: socket.local,
      connection,
      event: 'data',
      fate: 'delivered',
      link: 'socket',
      bytes,
    });
    socket.onMessage?.(stranger, bytes);
  }

  #at(place: Place): DatagramPort | undefined {
    const ports = this.#ports.get(place.port) ?? [];
    const at = (address: string) => ports.find((port) => port.place.address === address);
    return ports.length === 0 ? undefined : (at(place.address) ?? at('0.0.0.0') ?? at('::'));
  }

  #put(number: number, change: (ports: readonly DatagramPort[]) => readonly DatagramPort[]): void {
    const ports = change(this.#ports.get(number) ?? []);
    if (ports.length === 0) this.#ports.delete(number);
    else this.#ports.set(number, ports);
  }

  #onItsWay(receiver: DatagramPort): () => void {
    const waiting = this.#underWay.get(receiver) ?? [];
    this.#underWay.set(receiver, waiting);
    this.#network.traffic.add(1);
    const release = (): void => {
      const at = waiting.indexOf(release);
      if (at < 0) return;
      waiting.splice(at, 1);
      if (waiting.length === 0) this.#underWay.delete(receiver);
      clearTimeout(dropped);
      this.#network.traffic.done(1);
    };
    const dropped = setTimeout(release, DROPPED_MS);
    waiting.push(release);
    return release;
  }
}
