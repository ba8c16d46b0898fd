import { expect, it } from 'vitest';
import {
  type CipherSuiteId,
  createNativeProvider,
  createNobleProvider,
} from '../../../stack/crypto/index.ts';
import {
  decryptWithLabel,
  deriveSecret,
  deriveTreeSecret,
  encryptContext,
  encryptInContext,
  expandWithLabel,
  refHash,
  signWithLabel,
  verifyWithLabel,
} from '../../../stack/mls/labels.ts';
import { seededRandom } from '../../crypto/seeded-random.ts';
import { fromHex, hex } from '../members.ts';
import { describeVectors, vectorPrivateKey } from './load.ts';

type Fields<K extends string> = Readonly<Record<K, string>>;
interface CryptoBasicsVector {
  readonly cipher_suite: CipherSuiteId;
  readonly ref_hash: Fields<'label' | 'out' | 'value'>;
  readonly expand_with_label: Fields<'context' | 'label' | 'out' | 'secret'> & { readonly length: number };
  readonly derive_secret: Fields<'label' | 'out' | 'secret'>;
  readonly derive_tree_secret: Fields<'label' | 'out' | 'secret'> & {
    readonly generation: number;
    readonly length: number;
  };
  readonly sign_with_label: Fields<'content' | 'label' | 'priv' | 'pub' | 'signature'>;
  readonly encrypt_with_label: Fields<
    'ciphertext' | 'context' | 'kem_output' | 'label' | 'plaintext' | 'priv' | 'pub'
  >;
}

describeVectors<CryptoBasicsVector>('crypto-basics', (vectors) => {
  const cases = vectors.flatMap((v) =>
    [createNativeProvider(), createNobleProvider()].map((p) => [v.cipher_suite, p.name, v, p] as const),
  );
  it.each(cases)('suite %i by %s', (id, _name, v, provider) => {
    const suite = provider.suite(id);
    expect(hex(refHash(suite, v.ref_hash.label, fromHex(v.ref_hash.value)))).toBe(v.ref_hash.out);

    const e = v.expand_with_label;
    const expanded = expandWithLabel(suite, fromHex(e.secret), e.label, fromHex(e.context), e.length);
    expect(hex(expanded)).toBe(e.out);

    const d = v.derive_secret;
    expect(hex(deriveSecret(suite, fromHex(d.secret), d.label))).toBe(d.out);

    const t = v.derive_tree_secret;
    expect(hex(deriveTreeSecret(suite, fromHex(t.secret), t.label, t.generation, t.length))).toBe(t.out);

    const s = v.sign_with_label;
    const [publicKey, content] = [fromHex(s.pub), fromHex(s.content)];
    expect(verifyWithLabel(suite, publicKey, s.label, content, fromHex(s.signature))).toBe(true);
    const ours = signWithLabel(suite, vectorPrivateKey(id, s.priv), s.label, content);
    expect(verifyWithLabel(suite, publicKey, s.label, content, ours)).toBe(true);

    const h = v.encrypt_with_label;
    const keyPair = { publicKey: fromHex(h.pub), privateKey: vectorPrivateKey(id, h.priv) };
    const sealed = { kemOutput: fromHex(h.kem_output), ciphertext: fromHex(h.ciphertext) };
    const context = fromHex(h.context);
    expect(hex(decryptWithLabel(suite, keyPair, h.label, context, sealed))).toBe(h.plaintext);
    const info = encryptContext(h.label, context);
    const resealed = encryptInContext(
      suite,
      seededRandom('seal'),
      keyPair.publicKey,
      info,
      fromHex(h.plaintext),
    );
    expect(hex(decryptWithLabel(suite, keyPair, h.label, context, resealed))).toBe(h.plaintext);
  });
});
