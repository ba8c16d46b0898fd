/** RFC 9420 section 8.3: the init_secret of an external commit, sealed to external_pub. */
import { emptyBytes } from '../crypto/bytes.ts';
import { type CipherSuite, CryptoError } from '../crypto/index.ts';
import type { Random } from '../platform.ts';
import { MlsError } from './errors.ts';
import { externalKeyPair } from './key-schedule.ts';

const label = new TextEncoder().encode('MLS 1.0 external init secret');

export function sendExternalInit(
  suite: CipherSuite,
  random: Random,
  externalPub: Uint8Array,
): { readonly kemOutput: Uint8Array; readonly secret: Uint8Array } {
  return suite.hpke.sendExport(random, externalPub, emptyBytes, label, suite.hashLength);
}

/** MlsError 12.2-8 when `kemOutput` is no key. */
export function receiveExternalInit(
  suite: CipherSuite,
  externalSecret: Uint8Array,
  kemOutput: Uint8Array,
): Uint8Array {
  const keyPair = externalKeyPair(suite, externalSecret);
  try {
    return suite.hpke.receiveExport(keyPair, kemOutput, emptyBytes, label, suite.hashLength);
  } catch (error) {
    if (error instanceof CryptoError) throw new MlsError('RFC9420-12.2-8', error.message);
    throw error;
  }
}
