import { expect, it } from 'vitest';
import { type CipherSuiteId, createNativeProvider } from '../../../stack/crypto/index.ts';
import { defaultPolicy } from '../../../stack/mls/context.ts';
import { senderDataKey } from '../../../stack/mls/private-message.ts';
import { createSecretTree, keyOfGeneration, type RatchetKind } from '../../../stack/mls/secret-tree.ts';
import { fromHex, hex } from '../members.ts';
import { describeVectors } from './load.ts';

interface SecretTreeVector {
  readonly cipher_suite: CipherSuiteId;
  readonly encryption_secret: string;
  readonly sender_data: { sender_data_secret: string; ciphertext: string; key: string; nonce: string };
  readonly leaves: readonly (readonly (Readonly<Record<string, string>> & { generation: number })[])[];
}

describeVectors<SecretTreeVector>('secret-tree', (vectors) => {
  it.each(vectors.map((v) => [v.cipher_suite, v.leaves.length, v] as const))(
    'suite %i, %i leaves',
    (id, _n, v) => {
      const suite = createNativeProvider().suite(id);
      const s = v.sender_data;
      const sealing = senderDataKey(suite, fromHex(s.sender_data_secret), fromHex(s.ciphertext));
      expect({ key: hex(sealing.key), nonce: hex(sealing.nonce) }).toEqual({ key: s.key, nonce: s.nonce });
      let tree = createSecretTree(fromHex(v.encryption_secret), v.leaves.length);
      v.leaves.forEach((generations, leaf) => {
        for (const expected of generations) {
          for (const kind of ['application', 'handshake'] as RatchetKind[]) {
            const draw = keyOfGeneration(suite, tree, leaf, kind, expected.generation, defaultPolicy);
            ({ tree } = draw);
            expect({ key: hex(draw.key.key), nonce: hex(draw.key.nonce) }).toEqual({
              key: expected[`${kind}_key`],
              nonce: expected[`${kind}_nonce`],
            });
          }
        }
      });
    },
  );
});
