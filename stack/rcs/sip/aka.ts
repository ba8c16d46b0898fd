/** RFC 3310: HTTP digest whose password is what a SIM answers to the challenge in the nonce. */

import { concatBytes } from '../../crypto/bytes.ts';

/** RFC 3310 section 3.1. */
export const AKA_V1 = 'AKAv1-MD5';

export interface AkaNonce {
  /** 16 octets. */
  readonly rand: Uint8Array;
  /** 16 octets. */
  readonly autn: Uint8Array;
  /** What the server added for itself. */
  readonly serverData: Uint8Array;
}

/** RFC 3310 section 3.2: Base64 of RAND, AUTN and what the server adds. */
export function writeAkaNonce({ rand, autn, serverData }: AkaNonce): string {
  return base64(concatBytes(rand, autn, serverData));
}

/** Undefined when it is no Base64 of at least 32 octets. */
export function parseAkaNonce(nonce: string): AkaNonce | undefined {
  const octets = fromBase64(nonce);
  if (octets === undefined || octets.length < 32) return undefined;
  return { rand: octets.slice(0, 16), autn: octets.slice(16, 32), serverData: octets.slice(32) };
}

/** RFC 3310 section 3.4. */
export function writeAuts(auts: Uint8Array): string {
  return base64(auts);
}

/** Undefined when it is no Base64 of 14 octets. */
export function parseAuts(text: string): Uint8Array | undefined {
  const octets = fromBase64(text);
  return octets?.length === 14 ? octets : undefined;
}

function base64(octets: Uint8Array): string {
  return btoa(String.fromCharCode(...octets));
}

const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;
const LONGEST = 1_024;

function fromBase64(text: string): Uint8Array | undefined {
  if (text.length > LONGEST || !BASE64.test(text)) return undefined;
  return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
}
