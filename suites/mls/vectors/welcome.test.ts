import { expect, it } from 'vitest';
import { type CipherSuiteId, createNativeProvider } from '../../../stack/crypto/index.ts';
import { encodeGroupContext } from '../../../stack/mls/group-context.ts';
import { verifyGroupInfoSignature } from '../../../stack/mls/group-info.ts';
import { openGroupInfo, openGroupSecrets } from '../../../stack/mls/join.ts';
import { deriveEpoch, epochSecret, memberSecret } from '../../../stack/mls/key-schedule.ts';
import { decodeMlsMessage } from '../../../stack/mls/mls-message.ts';
import { confirmationTag } from '../../../stack/mls/transcript-hash.ts';
import { fromHex, hex, testContext } from '../members.ts';
import { describeVectors, vectorPrivateKey } from './load.ts';

type WelcomeVector = Readonly<Record<'init_priv' | 'key_package' | 'signer_pub' | 'welcome', string>> & {
  readonly cipher_suite: CipherSuiteId;
};

describeVectors<WelcomeVector>('welcome', (vectors) => {
  it.each(vectors)('suite $cipher_suite', (v) => {
    const suite = createNativeProvider().suite(v.cipher_suite);
    const welcome = decodeMlsMessage(fromHex(v.welcome));
    const keyPackage = decodeMlsMessage(fromHex(v.key_package));
    if (welcome.kind !== 'welcome' || keyPackage.kind !== 'keyPackage') throw new Error('wrong kinds');
    const none = new Uint8Array();
    const bundle = {
      keyPackage: keyPackage.keyPackage,
      initPrivateKey: vectorPrivateKey(v.cipher_suite, v.init_priv),
      leafPrivateKey: none,
      signaturePrivateKey: none,
    };
    const { groupSecrets } = openGroupSecrets(testContext('welcome'), suite, welcome.welcome, [bundle]);
    const member = memberSecret(suite, groupSecrets.joinerSecret, new Uint8Array(suite.hashLength));
    const info = openGroupInfo(suite, welcome.welcome, member);
    expect(verifyGroupInfoSignature(suite, fromHex(v.signer_pub), info)).toBe(true);
    const epoch = deriveEpoch(suite, epochSecret(suite, member, encodeGroupContext(info.groupContext)));
    const tag = confirmationTag(
      suite,
      epoch.secrets.confirmationKey,
      info.groupContext.confirmedTranscriptHash,
    );
    expect(hex(info.confirmationTag)).toBe(hex(tag));
  });
});
