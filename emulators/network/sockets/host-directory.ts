import { isIP } from 'node:net';
import type { Endpoint } from '../../../stack/platform.ts';

/** Where a port of a host really is. */
export interface Place {
  readonly address: string;
  readonly port: number;
}

export interface HostPlace {
  /** IPv4 or IPv6 address. */
  readonly address: string;
  /** The real port behind one that its peers name; `unprivileged` unless given. */
  readonly realPort?: (port: number) => number;
}

/** Ports below 1024 need rights that a test has not: 80 becomes 8080, 443 becomes 8443. */
export const unprivileged = (port: number): number => (port > 0 && port < 1024 ? port + 8000 : port);

/** Names of hosts and where they really are, both ways. Names compare without case, as in the DNS. */
export class HostDirectory {
  readonly #places = new Map<string, Required<HostPlace>>();
  readonly #names = new Map<string, string | undefined>();

  /** Replaces what was there under that name. Throws RangeError when `address` is none. */
  set(name: string, { address, realPort = unprivileged }: HostPlace): void {
    if (isIP(address) === 0) throw new RangeError(`${address} is no IP address`);
    const host = name.toLowerCase();
    this.#places.set(host, { address, realPort });
    const known = this.#names.has(address) && this.#names.get(address) !== host;
    // An address that several hosts share names none of them.
    this.#names.set(address, known ? undefined : host);
  }

  /** Undefined when no host has that name. */
  find({ host, port }: Endpoint): Place | undefined {
    const place = this.#places.get(host.toLowerCase());
    return place && { address: place.address, port: place.realPort(port) };
  }

  /** The host that has this address alone. */
  nameOf(address: string): string | undefined {
    return this.#names.get(address);
  }
}

/** An IPv4 address in its own form also where a socket of both families shows it inside IPv6 (RFC 4291 2.5.5.2). */
export function plainAddress(address: string | undefined): string {
  return (address ?? '').replace(/^::ffff:(?=\d+\.\d+\.\d+\.\d+$)/, '');
}

/** Addresses 127.BLOCK.1 and up, a host each; BLOCK is from 0 to 65535. Linux and Windows have them all. */
export class LoopbackBlock {
  readonly #prefix: string;
  #last = 0;

  constructor(block: number) {
    if (!(block >= 0 && block <= 0xffff)) throw new RangeError(`no block ${block}`);
    this.#prefix = `127.${block >> 8}.${block & 0xff}`;
  }

  next(): string {
    this.#last += 1;
    if (this.#last > 254) throw new RangeError('a block has room for 254 hosts');
    return `${this.#prefix}.${this.#last}`;
  }
}
