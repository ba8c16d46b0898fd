import type { SipHeader } from '../rcs/sip/message.ts';

/** The number that the network vouches for (RFC 3325); a phone trusts nothing else. */
export function assertedMsisdn(headers: readonly SipHeader[]): string | undefined {
  return numberIn(headers, ['p-asserted-identity']);
}

/** The number that To names: of a copy from another device of the same user, whom it was for. */
export function addressedMsisdn(headers: readonly SipHeader[]): string | undefined {
  return numberIn(headers, ['to', 't']);
}

function numberIn(headers: readonly SipHeader[], names: readonly string[]): string | undefined {
  for (const { name, value } of headers) {
    if (!names.includes(name.toLowerCase())) continue;
    const match = /(?:tel:|sip:)(\+[1-9]\d{6,14})\b/.exec(value);
    if (match) return match[1];
  }
  return undefined;
}
