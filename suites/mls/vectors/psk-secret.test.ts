import { expect, it } from 'vitest';
import { type CipherSuiteId, createNativeProvider } from '../../../stack/crypto/index.ts';
import { type PreSharedKeyId, pskSecret } from '../../../stack/mls/psk.ts';
import { fromHex, hex } from '../members.ts';
import { describeVectors } from './load.ts';

interface PskVector {
  readonly cipher_suite: CipherSuiteId;
  readonly psks: readonly { psk_id: string; psk: string; psk_nonce: string }[];
  readonly psk_secret: string;
}

describeVectors<PskVector>('psk_secret', (vectors) => {
  it.each(vectors.map((v) => [v.cipher_suite, v.psks.length, v] as const))(
    'suite %i, %i PSKs',
    (id, _n, v) => {
      const suite = createNativeProvider().suite(id);
      const ids = v.psks.map(
        (p): PreSharedKeyId => ({ type: 'external', id: fromHex(p.psk_id), nonce: fromHex(p.psk_nonce) }),
      );
      const secret = pskSecret(suite, ids, (wanted) => fromHex(v.psks[ids.indexOf(wanted)]!.psk));
      expect(hex(secret)).toBe(v.psk_secret);
    },
  );
});
