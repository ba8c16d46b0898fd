/** From bytes to a CPIM message (RFC 3862). */

import { CPIM_LIMITS, type CpimLimits, type CpimMessage, CpimParseError } from './message.ts';
import { SectionReader } from './section-reader.ts';

/** Parses one CPIM object; throws CpimParseError, whatever the bytes. */
export function parseCpim(bytes: Uint8Array, limits: CpimLimits = CPIM_LIMITS): CpimMessage {
  if (bytes.length > limits.maxBytes) {
    throw new CpimParseError(
      0,
      'message headers',
      `object of ${bytes.length} bytes, at most ${limits.maxBytes}`,
    );
  }
  const reader = new SectionReader(bytes, limits);
  reader.skipEmptyLines();
  reader.skipOwnContentType();
  const headers = reader.messageHeaders();
  const contentHeaders = reader.contentHeaders();
  const message: { -readonly [K in keyof CpimMessage]: CpimMessage[K] } = {
    headers,
    contentHeaders,
    content: bytes.subarray(reader.at),
  };
  for (const header of headers) {
    const name = header.name.toLowerCase();
    if (name === 'from') {
      message.from ??= addressOf(header.value, reader.deviations);
    } else if (name === 'to') {
      message.to ??= addressOf(header.value, reader.deviations);
    } else if (name === 'datetime') {
      message.dateTime ??= header.value;
    }
  }
  if (reader.deviations.length > 0) {
    message.deviations = reader.deviations;
  }
  return message;
}

function addressOf(value: string, deviations: string[]): string {
  const open = value.lastIndexOf('<');
  if (open < 0) {
    deviations.push('address without angle brackets');
    return value;
  }
  const close = value.indexOf('>', open);
  if (close < 0) {
    deviations.push('address cut off before ">"');
    return value.slice(open + 1).trim();
  }
  return value.slice(open + 1, close).trim();
}
