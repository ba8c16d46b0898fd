/** What a KDS demands of a KeyPackage before it keeps it (RCC.16 section 5.3; docs/rcc16.md 1.3 and 2.7). */
import { msisdnOf } from '../../../stack/e2ee/identity.ts';
import { DecodeError } from '../../../stack/mls/errors.ts';
import { findExtension } from '../../../stack/mls/extension.ts';
import { decodeKeyPackage, type KeyPackage } from '../../../stack/mls/key-package.ts';

/** MLSMessage header of a KeyPackage: mls10, wire format 5. Uploads come with it or without. */
const MLS_MESSAGE_HEADER = [0x00, 0x01, 0x00, 0x05];
const LAST_RESORT_EXTENSION = 0x000a;
export const CIPHER_SUITES = [1, 2];

/** The bare struct, or why it is refused. */
export function checkKeyPackage(
  uploaded: Uint8Array,
  expected: { readonly msisdn: string; readonly lastResort: boolean },
): Uint8Array | string {
  const bytes = MLS_MESSAGE_HEADER.every((octet, i) => uploaded[i] === octet) ? uploaded.slice(4) : uploaded;
  let keyPackage: KeyPackage;
  try {
    keyPackage = decodeKeyPackage(bytes);
  } catch (error) {
    if (error instanceof DecodeError) return `no KeyPackage: ${error.message}`;
    throw error;
  }
  if (!CIPHER_SUITES.includes(keyPackage.cipherSuite)) {
    return `cipher suite ${keyPackage.cipherSuite}, expected one of ${CIPHER_SUITES.join(', ')}`;
  }
  if (msisdnOf(keyPackage.leafNode.credential) !== expected.msisdn) {
    return `the credential's identity is not tel:${expected.msisdn}`;
  }
  const marked = findExtension(keyPackage.extensions, LAST_RESORT_EXTENSION) !== undefined;
  if (expected.lastResort && !marked) return 'a last resort without the last_resort extension (0x000A)';
  if (!expected.lastResort && marked) return 'a one-time KeyPackage with the last_resort extension (0x000A)';
  return bytes;
}
