import { bytesToHex } from '@noble/hashes/utils.js';
import type { Random } from '../platform.ts';

/** RFC 9562 version 4, lower case. */
export function randomUuid(random: Random): string {
  const b = random.bytes(16);
  b[6] = (b[6]! & 0x0f) | 0x40;
  b[8] = (b[8]! & 0x3f) | 0x80;
  const hex = bytesToHex(b);
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}

/** imdn.Message-ID in the shape `Mx` and 22 characters, or an upper-case UUID; peers take both. */
export function newMessageId(random: Random, shape: 'mx' | 'uuid'): string {
  return shape === 'uuid'
    ? randomUuid(random).toUpperCase()
    : `Mx${Buffer.from(random.bytes(16)).toString('base64url')}`;
}
