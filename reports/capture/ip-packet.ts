/** IPv4 (RFC 791) with UDP (RFC 768) or TCP (RFC 9293) in it, checksums and all. */

export interface IpEndpoint {
  /** Four octets. */
  readonly address: Uint8Array;
  readonly port: number;
}

export interface TcpSegment {
  readonly sequence: number;
  readonly acknowledgment: number;
  readonly flags: number;
  /** Octets of options, a multiple of four. */
  readonly options?: Uint8Array;
  readonly payload: Uint8Array;
}

export const TCP_FLAG = { fin: 1, syn: 2, rst: 4, psh: 8, ack: 16 } as const;

const PROTOCOL = { tcp: 6, udp: 17 } as const;
const IP_HEADER = 20;
const UDP_HEADER = 8;
const TCP_HEADER = 20;
const HOPS = 64;
/** What fits a datagram when IP counts its length in 16 bits. */
export const MAX_DATAGRAM = 65_535 - IP_HEADER - UDP_HEADER;
/** With window scaling by 14 (RFC 7323) the largest there is: nothing ever waits for an acknowledgment. */
const WINDOW = 65_535;

/** `payload`: at most MAX_DATAGRAM octets. */
export function udpPacket(from: IpEndpoint, to: IpEndpoint, payload: Uint8Array): Uint8Array {
  const { packet, view, body } = ipPacket(PROTOCOL.udp, from, to, UDP_HEADER + payload.length);
  ports(view, from, to);
  view.setUint16(IP_HEADER + 4, UDP_HEADER + payload.length);
  packet.set(payload, IP_HEADER + UDP_HEADER);
  // RFC 768: a sum of zero is sent as all ones, since zero says that there is none.
  view.setUint16(IP_HEADER + 6, transportChecksum(packet, body, PROTOCOL.udp) || 0xffff);
  return packet;
}

export function tcpPacket(from: IpEndpoint, to: IpEndpoint, segment: TcpSegment): Uint8Array {
  const { options = new Uint8Array(), payload } = segment;
  const header = TCP_HEADER + options.length;
  const { packet, view, body } = ipPacket(PROTOCOL.tcp, from, to, header + payload.length);
  ports(view, from, to);
  view.setUint32(IP_HEADER + 4, segment.sequence);
  view.setUint32(IP_HEADER + 8, segment.acknowledgment);
  view.setUint8(IP_HEADER + 12, (header / 4) << 4);
  view.setUint8(IP_HEADER + 13, segment.flags);
  view.setUint16(IP_HEADER + 14, WINDOW);
  packet.set(options, IP_HEADER + TCP_HEADER);
  packet.set(payload, IP_HEADER + header);
  view.setUint16(IP_HEADER + 16, transportChecksum(packet, body, PROTOCOL.tcp));
  return packet;
}

function ipPacket(protocol: number, from: IpEndpoint, to: IpEndpoint, length: number) {
  const packet = new Uint8Array(IP_HEADER + length);
  const view = new DataView(packet.buffer);
  // Version 4, a header of five words, not to be fragmented.
  view.setUint8(0, 0x45);
  view.setUint16(2, packet.length);
  view.setUint16(6, 0x4000);
  view.setUint8(8, HOPS);
  view.setUint8(9, protocol);
  packet.set(from.address, 12);
  packet.set(to.address, 16);
  view.setUint16(10, folded(sumOf(packet.subarray(0, IP_HEADER))));
  return { packet, view, body: packet.subarray(IP_HEADER) };
}

function ports(view: DataView, from: IpEndpoint, to: IpEndpoint): void {
  view.setUint16(IP_HEADER, from.port);
  view.setUint16(IP_HEADER + 2, to.port);
}

/** Over addresses, protocol, length and everything above IP (RFC 9293 section 3.1). */
function transportChecksum(packet: Uint8Array, body: Uint8Array, protocol: number): number {
  return folded(sumOf(packet.subarray(12, IP_HEADER)) + protocol + body.length + sumOf(body));
}

/** Sum of 16-bit words, an odd octet at the end padded with zero. */
function sumOf(bytes: Uint8Array): number {
  let sum = 0;
  for (let i = 0; i < bytes.length; i += 2) sum += (bytes[i]! << 8) | (bytes[i + 1] ?? 0);
  return sum;
}

function folded(sum: number): number {
  let rest = sum;
  while (rest > 0xffff) rest = (rest & 0xffff) + Math.floor(rest / 0x10000);
  return ~rest & 0xffff;
}
