/** RFC 9420 section 8.2: transcript hashes and the confirmation tag. */
import type { CipherSuite } from '../crypto/index.ts';
import type { AuthenticatedContent } from './framed-content.ts';
import { Writer } from './writer.ts';

export function confirmedTranscriptHash(
  suite: CipherSuite,
  interimBefore: Uint8Array,
  commit: AuthenticatedContent,
): Uint8Array {
  const writer = new Writer(commit.framedBytes.length + 256);
  writer.raw(interimBefore).u16(commit.wireFormat).raw(commit.framedBytes).opaque(commit.auth.signature);
  return suite.hash(writer.view());
}

export function interimTranscriptHash(
  suite: CipherSuite,
  confirmed: Uint8Array,
  confirmationTag: Uint8Array,
): Uint8Array {
  return suite.hash(new Writer(128).raw(confirmed).opaque(confirmationTag).view());
}

/** Section 6.1. */
export function confirmationTag(
  suite: CipherSuite,
  confirmationKey: Uint8Array,
  confirmed: Uint8Array,
): Uint8Array {
  return suite.mac(confirmationKey, confirmed);
}
