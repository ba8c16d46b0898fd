/** RFC 8489 as far as SIP keep-alives need it (RFC 5626 sections 3.5.2, 4.4.2 and 8): Binding requests and responses. */

import type { Endpoint } from '../../platform.ts';

const COOKIE = 0x2112_a442;
const HEADER = 20;
const XOR_MAPPED_ADDRESS = 0x0020;
const TYPES = new Map<number, StunMessage['type']>([
  [0x0001, 'request'],
  [0x0101, 'success'],
  [0x0111, 'error'],
]);

export interface StunMessage {
  readonly type: 'request' | 'success' | 'error';
  /** 12 octets. */
  readonly transaction: Uint8Array;
  /** How the responder sees the requester; absent where addresses are no IP addresses. */
  readonly mapped?: Endpoint;
}

/** RFC 8489 section 5: what arrives where SIP is expected and is STUN. */
export function isStun(bytes: Uint8Array): boolean {
  return bytes.length >= HEADER && bytes[0]! < 4 && viewOf(bytes).getUint32(4) === COOKIE;
}

/** Undefined for what is no Binding message, or whose lengths do not fit. */
export function parseStun(bytes: Uint8Array): StunMessage | undefined {
  if (!isStun(bytes)) return undefined;
  const view = viewOf(bytes);
  const type = TYPES.get(view.getUint16(0));
  if (type === undefined || view.getUint16(2) !== bytes.length - HEADER) return undefined;
  const transaction = bytes.slice(8, HEADER);
  let mapped: Endpoint | undefined;
  for (let at = HEADER; at < bytes.length; ) {
    if (at + 4 > bytes.length) return undefined;
    const length = view.getUint16(at + 2);
    if (at + 4 + length > bytes.length) return undefined;
    if (view.getUint16(at) === XOR_MAPPED_ADDRESS)
      mapped ??= readMapped(bytes.subarray(at + 4, at + 4 + length), bytes);
    // Attributes end on a border of four octets (section 14).
    at += 4 + length + ((4 - (length % 4)) % 4);
  }
  return { type, transaction, ...(mapped === undefined ? {} : { mapped }) };
}

/** `transaction` of 12 octets. */
export function writeStun(message: StunMessage): Uint8Array {
  const attribute = message.mapped === undefined ? [] : writeMapped(message.mapped, message.transaction);
  const bytes = new Uint8Array(HEADER + attribute.length);
  const view = viewOf(bytes);
  const [code] = [...TYPES].find(([, type]) => type === message.type)!;
  view.setUint16(0, code);
  view.setUint16(2, attribute.length);
  view.setUint32(4, COOKIE);
  bytes.set(message.transaction, 8);
  bytes.set(attribute, HEADER);
  return bytes;
}

/** Section 14.2; nothing for a host that has no IP address. */
function writeMapped({ host, port }: Endpoint, transaction: Uint8Array): number[] {
  const address = ipOctets(host);
  if (address === undefined) return [];
  const mask = maskOf(transaction);
  const family = address.length === 4 ? 1 : 2;
  const value = [0, family, ...[port >> 8, port & 0xff].map((octet, i) => octet ^ mask[i]!)];
  value.push(...address.map((octet, i) => octet ^ mask[i]!));
  return [XOR_MAPPED_ADDRESS >> 8, XOR_MAPPED_ADDRESS & 0xff, 0, value.length, ...value];
}

function readMapped(value: Uint8Array, message: Uint8Array): Endpoint | undefined {
  const length = value[1] === 1 ? 4 : 16;
  if (value.length !== 4 + length) return undefined;
  const mask = maskOf(message.subarray(8, HEADER));
  const plain = [...value.subarray(4)].map((octet, i) => octet ^ mask[i]!);
  const port = ((value[2]! ^ mask[0]!) << 8) | (value[3]! ^ mask[1]!);
  if (length === 4) return { host: plain.join('.'), port };
  const groups = Array.from({ length: 8 }, (_, i) => ((plain[2 * i]! << 8) | plain[2 * i + 1]!).toString(16));
  return { host: groups.join(':'), port };
}

/** The magic cookie and the transaction id, by which addresses are disguised from meddling NATs. */
function maskOf(transaction: Uint8Array): number[] {
  return [0x21, 0x12, 0xa4, 0x42, ...transaction];
}

function ipOctets(host: string): number[] | undefined {
  const v4 = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(host);
  if (v4 !== null) {
    const octets = v4.slice(1).map(Number);
    return octets.every((octet) => octet < 256) ? octets : undefined;
  }
  if (!/^[0-9A-Fa-f:]{2,39}$/.test(host) || /:::|::.*::/.test(host)) return undefined;
  const [front = '', back] = host.split('::');
  const groups = (text: string): string[] => (text === '' ? [] : text.split(':'));
  const [before, after] = [groups(front), groups(back ?? '')];
  const missing = 8 - before.length - after.length;
  if (back === undefined ? missing !== 0 : missing < 1) return undefined;
  const all = [...before, ...Array.from({ length: missing }, () => '0'), ...after];
  if (!all.every((group) => /^[0-9A-Fa-f]{1,4}$/.test(group))) return undefined;
  return all.flatMap((group) => {
    const value = Number.parseInt(group, 16);
    return [value >> 8, value & 0xff];
  });
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
