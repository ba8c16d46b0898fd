/** 3GPP TS 23.040 9.1.2.5: addresses. A string: `+` and digits is international, digits alone are as dialled, else a name. */

import { fromSeptets, packSeptets, toSeptets, unpackSeptets } from './gsm7.ts';
import type { OctetReader } from './octet-reader.ts';
import { SmsError } from './sms-error.ts';

const DIGITS = '0123456789*#abc';
const TYPE_UNKNOWN = 0x81;
const TYPE_INTERNATIONAL = 0x91;
const TYPE_ALPHANUMERIC = 0xd0;
const MAX_DIGITS = 20;
const MAX_NAME_SEPTETS = 11;

/** Reads TP-OA, TP-DA or TP-RA: length in useful semi-octets, type, value. */
export function readTpAddress(reader: OctetReader, field: string): string {
  const at = reader.offset;
  const length = reader.octet(field);
  if (length > MAX_DIGITS) {
    throw new SmsError(field, `at most ${MAX_DIGITS} semi-octets`, at);
  }
  const type = reader.octet(field);
  const value = reader.take((length + 1) >> 1, field);
  if ((type & 0x70) === 0x50) {
    return fromSeptets(unpackSeptets(value, Math.floor((length * 4) / 7)));
  }
  return digits(type, value, length, field, at);
}

/** Writes TP-OA, TP-DA or TP-RA. Throws SmsError when it is neither a number of at most 20 digits nor a short name. */
export function writeTpAddress(address: string, field: string): Uint8Array {
  const number = numberOf(address);
  if (number !== undefined) {
    if (number.digits.length > MAX_DIGITS) {
      throw new SmsError(field, `at most ${MAX_DIGITS} digits`);
    }
    return Uint8Array.of(number.digits.length, number.type, ...semiOctets(number.digits));
  }
  const septets = toSeptets(address);
  if (septets === undefined || septets.length === 0 || septets.length > MAX_NAME_SEPTETS) {
    throw new SmsError(
      field,
      `a number, or a name of 1 to ${MAX_NAME_SEPTETS} characters of the GSM alphabet`,
    );
  }
  return Uint8Array.of(Math.ceil((septets.length * 7) / 4), TYPE_ALPHANUMERIC, ...packSeptets(septets));
}

/** The value part of RP-Originator or RP-Destination Address (TS 24.011 8.2.5): type, then digits; empty is absent. */
export function readRpAddress(value: Uint8Array, field: string): string | undefined {
  if (value.length === 0) {
    return undefined;
  }
  const last = value[value.length - 1]!;
  const length = (value.length - 1) * 2 - (value.length > 1 && last >> 4 === 0xf ? 1 : 0);
  return digits(value[0]!, value.subarray(1), length, field, undefined);
}

export function writeRpAddress(address: string | undefined, field: string): Uint8Array {
  if (address === undefined) {
    return new Uint8Array(0);
  }
  const number = numberOf(address);
  if (number === undefined || number.digits.length > MAX_DIGITS) {
    throw new SmsError(field, `a number of at most ${MAX_DIGITS} digits`);
  }
  return Uint8Array.of(number.type, ...semiOctets(number.digits));
}

function numberOf(address: string): { type: number; digits: string } | undefined {
  const international = address.startsWith('+');
  const number = international ? address.slice(1) : address;
  if (!/^[0-9*#abc]*$/.test(number) || (number === '' && address !== '')) {
    return undefined;
  }
  return { type: international ? TYPE_INTERNATIONAL : TYPE_UNKNOWN, digits: number };
}

function digits(
  type: number,
  value: Uint8Array,
  length: number,
  field: string,
  at: number | undefined,
): string {
  let number = (type & 0x70) === 0x10 ? '+' : '';
  for (let i = 0; i < length; i++) {
    const octet = value[i >> 1]!;
    const digit = DIGITS[i & 1 ? octet >> 4 : octet & 0xf];
    if (digit === undefined) {
      throw new SmsError(field, `${length} digits`, at);
    }
    number += digit;
  }
  if (number === '+') {
    throw new SmsError(field, 'digits after the international prefix', at);
  }
  return number;
}

/** Two digits an octet, the first in the low half; an odd number ends in 0xf. */
function semiOctets(number: string): Uint8Array {
  const octets = new Uint8Array((number.length + 1) >> 1);
  for (let i = 0; i < number.length; i += 2) {
    const high = i + 1 < number.length ? DIGITS.indexOf(number[i + 1]!) : 0xf;
    octets[i >> 1] = (high << 4) | DIGITS.indexOf(number[i]!);
  }
  return octets;
}
