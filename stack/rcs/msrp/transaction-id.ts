/** RFC 4975 sections 7.1 and 14.1: identifiers that nobody guesses and no data holds. */

import type { Random } from '../../platform.ts';
import { holdsEndLine } from './write-frame.ts';

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';

/** A transaction id of 64 random bits and more whose end-line `data` doesn't hold. */
export function newTransactionId(random: Random, data: Uint8Array = new Uint8Array(0)): string {
  for (;;) {
    const id = characters(random, 12);
    if (!holdsEndLine(data, id)) return id;
  }
}

/** A session id of a path: at least 80 random bits (section 14.1). */
export function newSessionId(random: Random): string {
  return characters(random, 20);
}

export function newMsrpMessageId(random: Random): string {
  return characters(random, 16);
}

function characters(random: Random, length: number): string {
  return Array.from(random.bytes(length), (octet) => ALPHABET[octet % ALPHABET.length]).join('');
}
