/** Addresses for the hosts of a trace, which has names. */

/** RFC 2544: a network that is set aside for tests. */
const NETWORK = [198, 18] as const;

/** Where Wireshark expects the plain protocol of what a trace holds before encryption. */
const PLAIN_PORTS: ReadonlyMap<number, number> = new Map([
  [443, 80],
  [5061, 5060],
]);

export class Addresses {
  /** By host, in the order of asking. */
  readonly made = new Map<string, Uint8Array>();

  /** Four octets: a host that is an IPv4 address keeps it, any other gets the next one of the test network. */
  of(host: string): Uint8Array {
    const known = this.made.get(host) ?? literal(host);
    if (known !== undefined) return known;
    const number = this.made.size + 1;
    const address = Uint8Array.of(...NETWORK, (number >> 8) & 0xff, number & 0xff);
    this.made.set(host, address);
    return address;
  }
}

export const plainPort = (port: number): number => PLAIN_PORTS.get(port) ?? port;

function literal(host: string): Uint8Array | undefined {
  const octets = /^\d{1,3}(\.\d{1,3}){3}$/.test(host) ? host.split('.').map(Number) : [];
  return octets.length === 4 && octets.every((octet) => octet < 256) ? Uint8Array.from(octets) : undefined;
}
