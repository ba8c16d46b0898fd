import type { CipherSuiteId } from '../../stack/crypto/index.ts';

/** RFC 9420 section 17.1. */
export const everySuite: readonly CipherSuiteId[] = [1, 2, 3, 4, 5, 6, 7];
