import { expect, it } from 'vitest';
import { type CipherSuiteId, createNativeProvider } from '../../../stack/crypto/index.ts';
import { encodeGroupContext } from '../../../stack/mls/group-context.ts';
import {
  deriveEpoch,
  epochSecret,
  externalKeyPair,
  joinerSecret,
  memberSecret,
  mlsExporter,
  welcomeSecret,
} from '../../../stack/mls/key-schedule.ts';
import { fromHex, hex } from '../members.ts';
import { describeVectors } from './load.ts';

interface KeyScheduleVector {
  readonly cipher_suite: CipherSuiteId;
  readonly group_id: string;
  readonly initial_init_secret: string;
  readonly epochs: readonly (Readonly<Record<string, string>> & {
    readonly exporter: { context: string; label: string; length: number; secret: string };
  })[];
}

describeVectors<KeyScheduleVector>('key-schedule', (vectors) => {
  it.each(vectors)('suite $cipher_suite', (v) => {
    const suite = createNativeProvider().suite(v.cipher_suite);
    let init = fromHex(v.initial_init_secret);
    v.epochs.forEach((e, index) => {
      const context = encodeGroupContext({
        version: 1,
        cipherSuite: v.cipher_suite,
        groupId: fromHex(v.group_id),
        epoch: BigInt(index),
        treeHash: fromHex(e['tree_hash']!),
        confirmedTranscriptHash: fromHex(e['confirmed_transcript_hash']!),
        extensions: [],
      });
      const joiner = joinerSecret(suite, init, fromHex(e['commit_secret']!), context);
      const member = memberSecret(suite, joiner, fromHex(e['psk_secret']!));
      const { secrets, encryption } = deriveEpoch(suite, epochSecret(suite, member, context));
      const x = e.exporter;
      expect({
        group_context: hex(context),
        joiner_secret: hex(joiner),
        welcome_secret: hex(welcomeSecret(suite, member)),
        init_secret: hex(secrets.init),
        sender_data_secret: hex(secrets.senderData),
        encryption_secret: hex(encryption),
        exporter_secret: hex(secrets.exporter),
        external_secret: hex(secrets.external),
        confirmation_key: hex(secrets.confirmationKey),
        membership_key: hex(secrets.membershipKey),
        resumption_psk: hex(secrets.resumptionPsk),
        epoch_authenticator: hex(secrets.epochAuthenticator),
        external_pub: hex(externalKeyPair(suite, secrets.external).publicKey),
        exporter: hex(mlsExporter(suite, secrets.exporter, x.label, fromHex(x.context), x.length)),
      }).toEqual({
        group_context: e['group_context'],
        joiner_secret: e['joiner_secret'],
        welcome_secret: e['welcome_secret'],
        init_secret: e['init_secret'],
        sender_data_secret: e['sender_data_secret'],
        encryption_secret: e['encryption_secret'],
        exporter_secret: e['exporter_secret'],
        external_secret: e['external_secret'],
        confirmation_key: e['confirmation_key'],
        membership_key: e['membership_key'],
        resumption_psk: e['resumption_psk'],
        epoch_authenticator: e['epoch_authenticator'],
        external_pub: e['external_pub'],
        exporter: x.secret,
      });
      init = secrets.init as typeof init;
    });
  });
});
