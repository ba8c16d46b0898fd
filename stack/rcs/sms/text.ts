/** Text to short messages and back (3GPP TS 23.040 9.2.3.24.1): alphabet choice, splitting, concatenation. */

import { septetsOf, toSeptets } from './gsm7.ts';
import { SmsError } from './sms-error.ts';
import type { SmsDeliver, SmsSubmit } from './tpdu.ts';
import { concatenationElement, DCS_GSM7, DCS_UCS2, type UserData } from './user-data.ts';

/** Septets, or UCS-2 units, in one message and in each of several (6 octets of header, 8-bit reference). */
const CAPACITY = {
  gsm7: { single: 160, part: 153 },
  ucs2: { single: 70, part: 67 },
} as const;
const MAX_PARTS = 255;

export interface SubmitText {
  readonly to: string;
  readonly text: string;
  /** Concatenation reference, 0 to 255; the same for all parts, new for each message to one destination. */
  readonly reference: number;
  /** TP-MR of the first part, counted on modulo 256; by default `reference`. */
  readonly messageReference?: number;
  readonly statusReport?: boolean;
}

/**
 * The SMS-SUBMITs of a text: one when it fits (160 GSM characters or 70 of UCS-2), else concatenated ones, split
 * between code points and never inside an escape pair (hazard R81 in docs/rcs-signalling.md). Throws SmsError beyond
 * 255 parts.
 */
export function submitText(options: SubmitText): SmsSubmit[] {
  const parts = splitText(options.text, options.reference);
  const first = options.messageReference ?? options.reference;
  return parts.map((userData, i) => ({
    type: 'submit',
    messageReference: (first + i) & 0xff,
    destination: options.to,
    statusReportRequested: options.statusReport ?? false,
    protocol: 0,
    dcs: userData.alphabet === 'ucs2' ? DCS_UCS2 : DCS_GSM7,
    userData,
  }));
}

export interface DeliverText {
  readonly from: string;
  readonly text: string;
  readonly reference: number;
  /** TP-SCTS, milliseconds since the Unix epoch. */
  readonly timestamp: number;
}

/** As submitText, for a service centre that originates the text itself. */
export function deliverText(options: DeliverText): SmsDeliver[] {
  const parts = splitText(options.text, options.reference);
  return parts.map((userData, i) => ({
    type: 'deliver',
    originator: options.from,
    ...(i + 1 < parts.length ? { moreMessages: true } : {}),
    protocol: 0,
    dcs: userData.alphabet === 'ucs2' ? DCS_UCS2 : DCS_GSM7,
    timestamp: wholeSeconds(options.timestamp),
    userData,
  }));
}

/** What the service centre delivers of a submitted message: user data, coding and protocol pass unchanged. */
export function deliverSubmitted(submit: SmsSubmit, from: string, timestamp: number): SmsDeliver {
  return {
    type: 'deliver',
    originator: from,
    protocol: submit.protocol,
    dcs: submit.dcs,
    timestamp: wholeSeconds(timestamp),
    userData: submit.userData,
  };
}

/** The user data of each part. */
export function splitText(text: string, reference: number): UserData[] {
  const alphabet = toSeptets(text) === undefined ? 'ucs2' : 'gsm7';
  const size = alphabet === 'gsm7' ? septetsOf : (character: string) => character.length;
  const { single, part } = CAPACITY[alphabet];
  let whole = 0;
  const pieces: string[] = [];
  let piece = '';
  let used = 0;
  // Iterates code points, so a surrogate pair stays together.
  for (const character of text) {
    const units = size(character);
    whole += units;
    if (used + units > part) {
      pieces.push(piece);
      piece = '';
      used = 0;
    }
    piece += character;
    used += units;
  }
  pieces.push(piece);
  if (whole <= single) {
    return [{ alphabet, text, header: [] }];
  }
  if (pieces.length > MAX_PARTS) {
    throw new SmsError('TP-UD', `a text of at most ${MAX_PARTS} parts`);
  }
  return pieces.map((each, i) => ({
    alphabet,
    text: each,
    header: [concatenationElement({ reference, total: pieces.length, sequence: i + 1 })],
  }));
}

function wholeSeconds(epochMs: number): number {
  return Math.floor(epochMs / 1000) * 1000;
}
