/**
 * 3GPP TS 23.040 9.2.3.24: user data with its header, coded as the data coding scheme says (TS 23.038 4).
 */

import { fromSeptets, packSeptets, toSeptets, unpackSeptets } from './gsm7.ts';
import type { OctetReader } from './octet-reader.ts';
import { SmsError } from './sms-error.ts';

export interface InformationElement {
  readonly id: number;
  readonly data: Uint8Array;
}

/**
 * `text` of the GSM 7-bit alphabet or UCS-2, or `data`. A part of a concatenated message may hold half a surrogate
 * pair; joining the parts heals it.
 */
export type UserData =
  | {
      readonly alphabet: 'gsm7' | 'ucs2';
      readonly header: readonly InformationElement[];
      readonly text: string;
    }
  | { readonly alphabet: 'data'; readonly header: readonly InformationElement[]; readonly data: Uint8Array };

export type Alphabet = UserData['alphabet'];

/** Octets of user data in one TPDU (9.2.3.16). */
export const MAX_USER_DATA = 140;

export const DCS_GSM7 = 0x00;
export const DCS_DATA = 0x04;
export const DCS_UCS2 = 0x08;

const IEI_CONCAT_8 = 0x00;
const IEI_PORT_16 = 0x05;
const IEI_CONCAT_16 = 0x08;

export interface Concatenation {
  readonly reference: number;
  /** 1 to 255. */
  readonly total: number;
  /** 1 to total. */
  readonly sequence: number;
}

/** TS 23.038 4: the alphabet that a data coding scheme names. Reserved codings count as GSM 7-bit. */
export function alphabetOf(dcs: number): Alphabet {
  if ((dcs & 0x80) === 0) {
    // General data coding, with (01xx) or without automatic deletion; compressed text can't be read.
    const coding = dcs & 0x20 ? 0x04 : dcs & 0x0c;
    return coding === 0x04 ? 'data' : coding === 0x08 ? 'ucs2' : 'gsm7';
  }
  if (dcs >> 4 === 0xe) {
    return 'ucs2';
  }
  return dcs >> 4 === 0xf && (dcs & 0x04) !== 0 ? 'data' : 'gsm7';
}

/** 9.2.3.24.1: concatenation with an 8-bit reference, an element of 5 octets. */
export function concatenationElement(concatenation: Concatenation): InformationElement {
  const { reference, total, sequence } = concatenation;
  return { id: IEI_CONCAT_8, data: Uint8Array.of(reference & 0xff, total, sequence) };
}

/** 9.2.3.24.1 and .8: the first valid concatenation element; those out of range are ignored, as the clause says. */
export function concatenationOf(userData: UserData): (Concatenation & { readonly bits: 8 | 16 }) | undefined {
  for (const { id, data } of userData.header) {
    const bits =
      id === IEI_CONCAT_8 && data.length === 3 ? 8 : id === IEI_CONCAT_16 && data.length === 4 ? 16 : 0;
    if (bits === 0) {
      continue;
    }
    const [total, sequence] = [data[data.length - 2]!, data[data.length - 1]!];
    if (total > 0 && sequence > 0 && sequence <= total) {
      return { reference: bits === 8 ? data[0]! : (data[0]! << 8) | data[1]!, total, sequence, bits };
    }
  }
  return undefined;
}

/** 9.2.3.24.4: application port addressing, 16 bits, as the binary OTP message of RCC.14 has it. */
export function portElement(destination: number, source: number): InformationElement {
  return {
    id: IEI_PORT_16,
    data: Uint8Array.of(destination >> 8, destination & 0xff, source >> 8, source & 0xff),
  };
}

/** The destination port of application port addressing, if there is one. */
export function destinationPort(userData: UserData): number | undefined {
  const data = userData.header.find(
    (element) => element.id === IEI_PORT_16 && element.data.length === 4,
  )?.data;
  return data === undefined ? undefined : (data[0]! << 8) | data[1]!;
}

/** Reads TP-UDL and TP-UD to the end of the unit. */
export function readUserData(reader: OctetReader, dcs: number, headerIndicated: boolean): UserData {
  const lengthAt = reader.offset;
  const length = reader.octet('TP-UDL');
  const alphabet = alphabetOf(dcs);
  const octets = alphabet === 'gsm7' ? Math.ceil((length * 7) / 8) : length;
  if (octets > MAX_USER_DATA) {
    throw new SmsError('TP-UDL', `at most ${MAX_USER_DATA} octets of user data`, lengthAt);
  }
  const at = reader.offset;
  const bytes = reader.take(octets, 'TP-UD');
  const header = headerIndicated ? readHeader(bytes, at) : [];
  const headerOctets = headerIndicated ? bytes[0]! + 1 : 0;
  const body = bytes.subarray(headerOctets);
  switch (alphabet) {
    case 'data':
      return { alphabet, header, data: body.slice() };
    case 'ucs2':
      if (body.length % 2 !== 0) {
        throw new SmsError('TP-UD', 'an even number of octets of UCS-2', at + headerOctets);
      }
      return { alphabet, header, text: fromUcs2(body) };
    case 'gsm7': {
      const headerSeptets = septetCount(headerOctets);
      if (headerSeptets > length) {
        throw new SmsError('TP-UDHL', 'a header within the user data', at);
      }
      return {
        alphabet,
        header,
        text: fromSeptets(unpackSeptets(body, length - headerSeptets, fillBits(headerOctets))),
      };
    }
  }
}

/** TP-UDL and TP-UD. Throws SmsError when it is too long or a character isn't in the alphabet. */
export function writeUserData(userData: UserData, dcs: number): Uint8Array {
  if (alphabetOf(dcs) !== userData.alphabet) {
    throw new SmsError('TP-DCS', `a data coding scheme for ${userData.alphabet}`);
  }
  const header = writeHeader(userData.header);
  const { body, length } = writeBody(userData, header.length);
  const total = header.length + body.length;
  if (total > MAX_USER_DATA) {
    throw new SmsError('TP-UD', `at most ${MAX_USER_DATA} octets`);
  }
  const out = new Uint8Array(1 + total);
  out[0] = length;
  out.set(header, 1);
  out.set(body, 1 + header.length);
  return out;
}

/** The octets after the header, and TP-UDL: septets for GSM 7-bit, octets otherwise, header included. */
function writeBody(userData: UserData, headerOctets: number): { body: Uint8Array; length: number } {
  switch (userData.alphabet) {
    case 'data':
      return { body: userData.data, length: headerOctets + userData.data.length };
    case 'ucs2':
      return { body: toUcs2(userData.text), length: headerOctets + userData.text.length * 2 };
    case 'gsm7': {
      const septets = toSeptets(userData.text);
      if (septets === undefined) {
        throw new SmsError('TP-UD', 'characters of the GSM 7-bit alphabet');
      }
      return {
        body: packSeptets(septets, fillBits(headerOctets)),
        length: septetCount(headerOctets) + septets.length,
      };
    }
  }
}

/** Septets that a header takes up, and the bits that fill the last of them. */
function septetCount(headerOctets: number): number {
  return Math.ceil((headerOctets * 8) / 7);
}

function fillBits(headerOctets: number): number {
  return septetCount(headerOctets) * 7 - headerOctets * 8;
}

function readHeader(bytes: Uint8Array, at: number): InformationElement[] {
  const end = (bytes[0] ?? bytes.length) + 1;
  if (end > bytes.length) {
    throw new SmsError('TP-UDHL', 'a header within the user data', at);
  }
  const elements: InformationElement[] = [];
  for (let i = 1; i < end; ) {
    const length = bytes[i + 1];
    if (length === undefined || i + 2 + length > end) {
      throw new SmsError('TP-UDH', 'an information element within the header', at + i);
    }
    elements.push({ id: bytes[i]!, data: bytes.slice(i + 2, i + 2 + length) });
    i += 2 + length;
  }
  return elements;
}

/** With its length octet; nothing at all for no elements. */
function writeHeader(elements: readonly InformationElement[]): Uint8Array {
  if (elements.length === 0) {
    return new Uint8Array(0);
  }
  const octets: number[] = [];
  for (const { id, data } of elements) {
    octets.push(id, data.length, ...data);
  }
  if (octets.length >= MAX_USER_DATA) {
    throw new SmsError('TP-UDH', `fewer than ${MAX_USER_DATA} octets`);
  }
  return Uint8Array.of(octets.length, ...octets);
}

function fromUcs2(bytes: Uint8Array): string {
  let text = '';
  for (let i = 0; i < bytes.length; i += 2) {
    text += String.fromCharCode((bytes[i]! << 8) | bytes[i + 1]!);
  }
  return text;
}

function toUcs2(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length * 2);
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    bytes[2 * i] = unit >> 8;
    bytes[2 * i + 1] = unit & 0xff;
  }
  return bytes;
}
