/** RFC 3261 sections 8.1.1.4, 8.1.1.7 and 19.3: identifiers that are unique because they are random. */

import { bytesToHex } from '@noble/hashes/utils.js';
import type { Random } from '../../platform.ts';
import { MAGIC_COOKIE } from './via.ts';

/** A branch of 96 random bits after the magic cookie. */
export function newBranch(random: Random): string {
  return MAGIC_COOKIE + bytesToHex(random.bytes(12));
}

/** A From or To tag of 64 random bits; 19.3 asks for 32. */
export function newTag(random: Random): string {
  return bytesToHex(random.bytes(8));
}

/** 128 random bits at a host. */
export function newCallId(random: Random, host: string): string {
  return `${bytesToHex(random.bytes(16))}@${host}`;
}
