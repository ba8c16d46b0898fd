import { expect, it } from 'vitest';
import { type CipherSuiteId, createNativeProvider } from '../../../stack/crypto/index.ts';
import { readAuthenticatedContent } from '../../../stack/mls/framed-content.ts';
import { decodeAll } from '../../../stack/mls/reader.ts';
import {
  confirmationTag,
  confirmedTranscriptHash,
  interimTranscriptHash,
} from '../../../stack/mls/transcript-hash.ts';
import { fromHex, hex } from '../members.ts';
import { describeVectors } from './load.ts';

type TranscriptVector = Readonly<
  Record<
    | 'confirmation_key'
    | 'authenticated_content'
    | 'interim_transcript_hash_before'
    | 'confirmed_transcript_hash_after'
    | 'interim_transcript_hash_after',
    string
  >
> & { readonly cipher_suite: CipherSuiteId };

describeVectors<TranscriptVector>('transcript-hashes', (vectors) => {
  it.each(vectors)('suite $cipher_suite', (v) => {
    const suite = createNativeProvider().suite(v.cipher_suite);
    const commit = decodeAll(
      fromHex(v.authenticated_content),
      'AuthenticatedContent',
      readAuthenticatedContent,
    );
    const confirmed = confirmedTranscriptHash(suite, fromHex(v.interim_transcript_hash_before), commit);
    expect(hex(confirmed)).toBe(v.confirmed_transcript_hash_after);
    const tag = commit.auth.confirmationTag!;
    expect(hex(confirmationTag(suite, fromHex(v.confirmation_key), confirmed))).toBe(hex(tag));
    expect(hex(interimTranscriptHash(suite, confirmed, tag))).toBe(v.interim_transcript_hash_after);
  });
});
