/** SMS on the circuit-switched channel: RP layer (3GPP TS 24.011 clause 7.3) and TPDU (3GPP TS 23.040 clause 9.2). */
import { Buffer } from 'node:buffer';
import { unpackGsm7 } from './gsm7.ts';

export interface SmsFacts {
  readonly kind: 'rp-data' | 'rp-ack' | 'rp-error' | 'rp-smma';
  readonly fromMobile: boolean;
  /** RP-Message-Reference. */
  readonly reference: number;
  readonly tpdu?: TpduFacts;
}

export interface TpduFacts {
  readonly type: 'submit' | 'deliver' | 'status-report' | 'report';
  /** The other party: digits, with `+` when international. */
  readonly address?: string;
  readonly coding?: 'gsm7' | 'ucs2' | 'data';
  readonly text?: string;
  /** Place in a concatenated text (TS 23.040 clauses 9.2.3.24.1 and .8). */
  readonly part?: { readonly reference: number; readonly total: number; readonly index: number };
}

export type DissectedSms = { readonly facts: SmsFacts } | { readonly malformed: string };

class Short extends Error {}

/** Never throws. */
export function dissectSms(bytes: Uint8Array): DissectedSms {
  try {
    return { facts: rpdu(new Octets(bytes)) };
  } catch (error) {
    return { malformed: error instanceof Short ? error.message : 'unreadable RP PDU' };
  }
}

class Octets {
  at = 0;
  readonly bytes: Uint8Array;
  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }
  get left(): number {
    return this.bytes.length - this.at;
  }
  one(what: string): number {
    if (this.left < 1) throw new Short(`ends before ${what} at octet ${this.at}`);
    this.at += 1;
    return this.bytes[this.at - 1]!;
  }
  take(count: number, what: string): Uint8Array {
    if (this.left < count)
      throw new Short(`${what} at octet ${this.at} needs ${count} octets, ${this.left} are left`);
    this.at += count;
    return this.bytes.subarray(this.at - count, this.at);
  }
}

function rpdu(octets: Octets): SmsFacts {
  const type = octets.one('RP message type') & 0x07;
  const reference = octets.one('RP-Message-Reference');
  const fromMobile = (type & 1) === 0;
  if (type <= 1) {
    octets.take(octets.one('RP-Originator length'), 'RP-Originator Address');
    octets.take(octets.one('RP-Destination length'), 'RP-Destination Address');
    const user = octets.take(octets.one('RP-User-Data length'), 'RP-User-Data');
    if (octets.left > 0) throw new Short(`${octets.left} octets after RP-User-Data`);
    return { kind: 'rp-data', fromMobile, reference, tpdu: tpdu(new Octets(user), fromMobile) };
  }
  if (type <= 3) return { kind: 'rp-ack', fromMobile, reference };
  if (type <= 5) return { kind: 'rp-error', fromMobile, reference };
  if (type === 6) return { kind: 'rp-smma', fromMobile, reference };
  throw new Short(`RP message type ${type} is reserved`);
}

function tpdu(octets: Octets, fromMobile: boolean): TpduFacts {
  const first = octets.one('TP-MTI');
  const hasHeader = (first & 0x40) !== 0;
  const indicator = first & 0x03;
  if (fromMobile && indicator === 1) {
    octets.one('TP-MR');
    const address = addressOf(octets);
    octets.one('TP-PID');
    const dcs = octets.one('TP-DCS');
    const validity = (first >> 3) & 0x03;
    octets.take(validity === 0 ? 0 : validity === 2 ? 1 : 7, 'TP-VP');
    return { type: 'submit', address, ...userData(octets, dcs, hasHeader) };
  }
  if (!fromMobile && indicator === 0) {
    const address = addressOf(octets);
    octets.one('TP-PID');
    const dcs = octets.one('TP-DCS');
    octets.take(7, 'TP-SCTS');
    return { type: 'deliver', address, ...userData(octets, dcs, hasHeader) };
  }
  if (!fromMobile && indicator === 2) {
    octets.one('TP-MR');
    const address = addressOf(octets);
    octets.take(15, 'TP-SCTS, TP-DT and TP-ST');
    return { type: 'status-report', address };
  }
  if (indicator === 3) throw new Short('TP-MTI 3 is reserved');
  return { type: 'report' };
}

/** TS 23.040 clause 9.1.2.5: length in semi-octets, type of address, digits. */
function addressOf(octets: Octets): string {
  const digits = octets.one('address length');
  const type = octets.one('type of address');
  const semi = octets.take((digits + 1) >> 1, 'address digits');
  if ((type & 0x70) === 0x50) return unpackGsm7(semi, 0, Math.floor((digits * 4) / 7));
  let number = (type & 0x70) === 0x10 ? '+' : '';
  for (let i = 0; i < digits; i += 1) number += '0123456789*#abc '[(semi[i >> 1]! >> ((i & 1) * 4)) & 0x0f]!;
  return number;
}

function userData(
  octets: Octets,
  dcs: number,
  hasHeader: boolean,
): Pick<TpduFacts, 'coding' | 'text' | 'part'> {
  const coding = codingOf(dcs);
  const length = octets.one('TP-UDL');
  const data = octets.take(coding === 'gsm7' ? Math.ceil((length * 7) / 8) : length, 'TP-UD');
  if (octets.left > 0) throw new Short(`${octets.left} octets after TP-UD`);
  const headerOctets = hasHeader ? (data[0] ?? 0) + 1 : 0;
  if (headerOctets > data.length) throw new Short('the user data header is longer than TP-UD');
  const part = hasHeader ? partOf(data.subarray(1, headerOctets)) : undefined;
  let text: string | undefined;
  if (coding === 'gsm7') {
    const headerSeptets = Math.ceil((headerOctets * 8) / 7);
    text = unpackGsm7(data, headerSeptets * 7, length - headerSeptets);
  } else if (coding === 'ucs2') {
    const body = Buffer.from(data.subarray(headerOctets));
    if (body.length % 2 !== 0) throw new Short('UCS-2 text of an odd number of octets');
    text = body.swap16().toString('utf16le');
  }
  return { coding, ...(text !== undefined && { text }), ...(part && { part }) };
}

/** TS 23.038 clause 4. */
function codingOf(dcs: number): 'gsm7' | 'ucs2' | 'data' {
  const group = dcs >> 4;
  if (group < 8) return (['gsm7', 'data', 'ucs2', 'gsm7'] as const)[(dcs >> 2) & 3]!;
  if (group === 14) return 'ucs2';
  if (group === 15) return dcs & 4 ? 'data' : 'gsm7';
  return 'gsm7';
}

function partOf(header: Uint8Array): TpduFacts['part'] {
  let at = 0;
  while (at + 2 <= header.length) {
    const id = header[at]!;
    const length = header[at + 1]!;
    const value = header.subarray(at + 2, at + 2 + length);
    if (value.length < length) throw new Short('an information element is longer than the user data header');
    if (id === 0x00 && length === 3) return { reference: value[0]!, total: value[1]!, index: value[2]! };
    if (id === 0x08 && length === 4)
      return { reference: (value[0]! << 8) | value[1]!, total: value[2]!, index: value[3]! };
    at += 2 + length;
  }
  return undefined;
}
