/** 3GPP TS 23.040 9.2.3.11: time stamps, seven octets of swapped decimal digits, read to and written from UTC. */

import { calendarOf, daysFromEpoch } from '../datetime.ts';
import type { OctetReader } from './octet-reader.ts';
import { SmsError } from './sms-error.ts';

/** Two digits of the year stand for 1970 to 2069. */
const FIRST_YEAR = 1970;

/** Milliseconds since the Unix epoch, whole seconds. */
export function readTimestamp(reader: OctetReader, field: string): number {
  const at = reader.offset;
  const octets = reader.take(7, field);
  const value = (octet: number) => {
    const tens = octet & 0xf;
    const units = octet >> 4;
    if (tens > 9 || units > 9) {
      throw new SmsError(field, 'decimal digits', at);
    }
    return tens * 10 + units;
  };
  const [yy, month, day, hour, minute, second] = [...octets.subarray(0, 6)].map(value) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  if (month < 1 || month > 12 || day < 1 || day > 31 || hour > 23 || minute > 59 || second > 59) {
    throw new SmsError(field, 'a calendar date and time', at);
  }
  // Bit 3 of the last octet is the sign of the zone, in quarters of an hour.
  const zone = octets[6]!;
  const quarters = value(zone & 0xf7) * (zone & 0x08 ? -1 : 1);
  const year = yy >= FIRST_YEAR % 100 ? 1900 + yy : 2000 + yy;
  const seconds = daysFromEpoch(year, month, day) * 86_400 + hour * 3600 + minute * 60 + second;
  return (seconds - quarters * 900) * 1000;
}

/** In UTC; fractions of a second are dropped. Throws SmsError outside 1970 to 2069. */
export function writeTimestamp(epochMs: number, field: string): Uint8Array {
  const { year, month, day, hour, minute, second } = calendarOf(epochMs);
  if (!(year >= FIRST_YEAR && year < FIRST_YEAR + 100)) {
    throw new SmsError(field, `a time from ${FIRST_YEAR} to ${FIRST_YEAR + 99}`);
  }
  const swapped = (n: number) => ((n % 10) << 4) | Math.floor(n / 10);
  return Uint8Array.of(...[year % 100, month, day, hour, minute, second].map(swapped), 0);
}
