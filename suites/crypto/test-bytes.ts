/** Published examples are in hexadecimal. */
import type { Random } from '../../stack/platform.ts';

/** White space is for the reader. */
export const fromHex = (digits: string): Uint8Array =>
  new Uint8Array(Buffer.from(digits.replace(/\s+/g, ''), 'hex'));

export const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

export const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);

export const noBytes = new Uint8Array();

/** Hands out one prepared key, so that a published ephemeral key can be used. */
export const fixedRandom = (digits: string): Random => ({
  bytes: () => fromHex(digits),
  fork: () => fixedRandom(digits),
});
