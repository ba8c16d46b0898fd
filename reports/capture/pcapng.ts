/** The blocks of a capture file that we write: draft-ietf-opsawg-pcapng sections 4.1 to 4.5, one section, little-endian. */

/** Link types of the registry of tcpdump.org: IP without a link layer, and "exported PDUs" of Wireshark. */
export const LINK_TYPE = { rawIp: 101, upperPdu: 252 } as const;

const BLOCK = { interface: 1, names: 4, packet: 6, section: 0x0a0d0d0a } as const;
const OPTION = { end: 0, comment: 1, application: 4, interfaceName: 2 } as const;
const BYTE_ORDER_MAGIC = 0x1a2b3c4d;
const IPV4_RECORD = 1;
const UTF8 = new TextEncoder();

export interface Packet {
  /** Position of its interface in the file, from 0. */
  readonly interface: number;
  /** Microseconds since the Unix epoch. */
  readonly time: number;
  readonly bytes: Uint8Array;
  readonly comment?: string;
}

export function sectionHeader(application: string, comment: string): Uint8Array {
  // Version 1.0, length of the section not given.
  const head = concat([u32(BYTE_ORDER_MAGIC), u16(1), u16(0), u32(0xffffffff), u32(0xffffffff)]);
  return block(
    BLOCK.section,
    head,
    option(OPTION.comment, comment),
    option(OPTION.application, application),
    END,
  );
}

/** Time stamps count microseconds, which is the default; packets are whole. */
export function interfaceDescription(linkType: number, name: string): Uint8Array {
  const head = concat([u16(linkType), u16(0), u32(0)]);
  return block(BLOCK.interface, head, option(OPTION.interfaceName, name), END);
}

/** Which name stands for which address, of four octets. */
export function nameResolution(names: ReadonlyMap<string, Uint8Array>): Uint8Array {
  const records = [...names].map(([name, address]) =>
    typed(IPV4_RECORD, concat([address, UTF8.encode(name), Uint8Array.of(0)])),
  );
  return block(BLOCK.names, ...records, END);
}

export function enhancedPacket(packet: Packet): Uint8Array {
  const { bytes, comment, time } = packet;
  const head = [packet.interface, Math.floor(time / 2 ** 32), time % 2 ** 32, bytes.length, bytes.length];
  const options = comment === undefined ? [] : [option(OPTION.comment, comment), END];
  return block(BLOCK.packet, ...head.map(u32), padded(bytes), ...options);
}

/** Its length stands before and behind what it holds. */
function block(type: number, ...parts: readonly Uint8Array[]): Uint8Array {
  const length = u32(12 + parts.reduce((sum, part) => sum + part.length, 0));
  return concat([u32(type), length, ...parts, length]);
}

const option = (code: number, text: string): Uint8Array => typed(code, UTF8.encode(text));
const typed = (code: number, value: Uint8Array): Uint8Array =>
  concat([u16(code), u16(value.length), padded(value)]);

function padded(bytes: Uint8Array): Uint8Array {
  return bytes.length % 4 === 0 ? bytes : concat([bytes, new Uint8Array(4 - (bytes.length % 4))]);
}

function u16(value: number): Uint8Array {
  return Uint8Array.of(value & 0xff, value >>> 8);
}

function u32(value: number): Uint8Array {
  return Uint8Array.of(value & 0xff, (value >>> 8) & 0xff, (value >>> 16) & 0xff, value >>> 24);
}

const END = u32(OPTION.end);

export function concat(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
