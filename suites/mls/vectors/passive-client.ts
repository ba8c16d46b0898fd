/** Replays a passive client: joins by the vector's Welcome, then takes every proposal and commit of every epoch. */

import { expect, it } from 'vitest';
import type { CipherSuiteId } from '../../../stack/crypto/index.ts';
import {
  decodeMlsMessage,
  epochAuthenticator,
  joinFromWelcome,
  type MlsContext,
  process,
} from '../../../stack/mls/index.ts';
import { fromHex, hex, testContext } from '../members.ts';
import { describeVectors, vectorPrivateKey } from './load.ts';

interface PassiveClientVector {
  readonly cipher_suite: CipherSuiteId;
  readonly external_psks: readonly { readonly psk_id: string; readonly psk: string }[];
  readonly key_package: string;
  readonly signature_priv: string;
  readonly encryption_priv: string;
  readonly init_priv: string;
  readonly welcome: string;
  readonly ratchet_tree: string | null;
  readonly initial_epoch_authenticator: string;
  readonly epochs: readonly {
    readonly proposals: readonly string[];
    readonly commit: string;
    readonly epoch_authenticator: string;
  }[];
}

export function describePassiveClient(file: string): void {
  describeVectors<PassiveClientVector>(file, (vectors) => {
    it.each(vectors.map((v, i) => [v.cipher_suite, i, v] as const))(
      'suite %i, client %i',
      (_suite, _i, v) => {
        const psks = new Map(v.external_psks.map(({ psk_id, psk }) => [psk_id, fromHex(psk)]));
        const context: MlsContext = {
          ...testContext(file, { policy: { checkAddedLifetime: false } }),
          externalPsk: (id) => psks.get(hex(id)),
        };
        const message = decodeMlsMessage(fromHex(v.key_package));
        if (message.kind !== 'keyPackage') throw new Error(`expected a KeyPackage, found ${message.kind}`);
        const bundle = {
          keyPackage: message.keyPackage,
          initPrivateKey: vectorPrivateKey(v.cipher_suite, v.init_priv),
          leafPrivateKey: vectorPrivateKey(v.cipher_suite, v.encryption_priv),
          signaturePrivateKey: vectorPrivateKey(v.cipher_suite, v.signature_priv),
        };
        let { state } = joinFromWelcome(context, {
          welcome: fromHex(v.welcome),
          bundles: [bundle],
          ...(v.ratchet_tree === null ? {} : { ratchetTree: fromHex(v.ratchet_tree) }),
        });
        expect(hex(epochAuthenticator(state)), 'epoch joined').toBe(v.initial_epoch_authenticator);
        v.epochs.forEach((epoch, index) => {
          for (const proposal of epoch.proposals) ({ state } = process(context, state, fromHex(proposal)));
          ({ state } = process(context, state, fromHex(epoch.commit)));
          expect(hex(epochAuthenticator(state)), `epoch ${index} after joining`).toBe(
            epoch.epoch_authenticator,
          );
        });
      },
    );
  });
}
