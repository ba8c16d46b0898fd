/** Same seed, same bytes: a case recorded with one provider replays with the other. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type CipherSuite,
  CryptoError,
  createNativeProvider,
  createNobleProvider,
} from '../../stack/crypto/index.ts';
import { everySuite } from './every-suite.ts';
import { seededRandom } from './seeded-random.ts';

const noble = createNobleProvider();
const native = createNativeProvider();
const bytes = (max: number) => fc.uint8Array({ maxLength: max });

/** Every operation of a suite under one seed, as plain bytes. */
function transcript(suite: CipherSuite, seed: string, data: Uint8Array, more: Uint8Array) {
  const random = seededRandom(seed);
  const signing = suite.generateSignatureKeyPair(random);
  const receiving = suite.hpke.generateKeyPair(random);
  const signature = suite.sign(signing.privateKey, data);
  const sealed = suite.hpke.sealBase(random, receiving.publicKey, data, more, data);
  const exported = suite.hpke.sendExport(random, receiving.publicKey, data, more, 48);
  const key = random.bytes(suite.aeadKeyLength);
  const nonce = random.bytes(suite.aeadNonceLength);
  return {
    signing,
    receiving,
    derived: suite.hpke.deriveKeyPair(data),
    signature,
    verified: suite.verify(signing.publicKey, data, signature),
    refused: suite.verify(signing.publicKey, Uint8Array.of(...data, 0), signature),
    sealed,
    opened: suite.hpke.openBase(receiving, sealed, data, more),
    exported,
    hash: suite.hash(data),
    mac: suite.mac(more, data),
    extract: suite.extract(more, data),
    expand: suite.expand(data, more, 177),
    aead: suite.aeadSeal(key, nonce, more, data),
  };
}

describe.each(everySuite)('suite %i', (id) => {
  const [a, b] = [noble.suite(id), native.suite(id)];

  it('gives the same bytes from noble and native under one seed', () => {
    fc.assert(
      fc.property(fc.string(), bytes(300), bytes(200), (seed, data, more) => {
        const [byNoble, byNative] = [transcript(a, seed, data, more), transcript(b, seed, data, more)];
        expect(byNative).toEqual(byNoble);
        expect(byNative).toMatchObject({ verified: true, refused: false, opened: data });
      }),
      // Of 100 ms and more by noble on the larger curves.
      { numRuns: id <= 3 ? 15 : 4 },
    );
  });

  it('gives keys, signatures and ciphertexts of the lengths that it states', () => {
    const random = seededRandom('lengths');
    const [signing, receiving] = [b.generateSignatureKeyPair(random), b.hpke.generateKeyPair(random)];
    const sealed = b.hpke.sealBase(
      random,
      receiving.publicKey,
      random.bytes(3),
      random.bytes(3),
      random.bytes(5),
    );
    expect({
      signaturePublicKeyLength: signing.publicKey.length,
      signaturePrivateKeyLength: signing.privateKey.length,
      hpkePublicKeyLength: receiving.publicKey.length,
      hpkePrivateKeyLength: receiving.privateKey.length,
      kemOutputLength: sealed.kemOutput.length,
      aeadTagLength: sealed.ciphertext.length - 5,
      hashLength: b.hash(random.bytes(3)).length,
    }).toEqual({
      signaturePublicKeyLength: b.signaturePublicKeyLength,
      signaturePrivateKeyLength: b.signaturePrivateKeyLength,
      hpkePublicKeyLength: b.hpkePublicKeyLength,
      hpkePrivateKeyLength: b.hpkePrivateKeyLength,
      kemOutputLength: b.kemOutputLength,
      aeadTagLength: b.aeadTagLength,
      hashLength: b.hashLength,
    });
  });

  it('each provider verifies and opens what the other made', () => {
    const random = seededRandom('cross');
    const [data, aad] = [random.bytes(99), random.bytes(9)];
    for (const [from, to] of [
      [a, b],
      [b, a],
    ] as const) {
      const keys = from.generateSignatureKeyPair(random);
      expect(to.verify(keys.publicKey, data, from.sign(keys.privateKey, data))).toBe(true);
      const receiver = to.hpke.generateKeyPair(random);
      const sealed = from.hpke.sealBase(random, receiver.publicKey, aad, aad, data);
      expect(to.hpke.openBase(receiver, sealed, aad, aad)).toEqual(data);
    }
  });

  it('refuses to open a ciphertext, tag, nonce or AAD that was changed', () => {
    for (const suite of [a, b]) {
      const [key, nonce] = [new Uint8Array(suite.aeadKeyLength), new Uint8Array(12)];
      const sealed = suite.aeadSeal(key, nonce, Uint8Array.of(1), Uint8Array.of(2, 3));
      const opens = (n: Uint8Array, aad: Uint8Array, c: Uint8Array) => () => suite.aeadOpen(key, n, aad, c);
      expect(opens(nonce, Uint8Array.of(1), sealed)()).toEqual(Uint8Array.of(2, 3));
      for (let i = 0; i < sealed.length; i++) {
        expect(opens(nonce, Uint8Array.of(1), sealed.with(i, sealed[i]! ^ 128))).toThrow(CryptoError);
      }
      expect(opens(nonce.with(0, 1), Uint8Array.of(1), sealed)).toThrow(CryptoError);
      expect(opens(nonce, Uint8Array.of(2), sealed)).toThrow(CryptoError);
      expect(opens(nonce, Uint8Array.of(1), new Uint8Array(3)), 'shorter than a tag').toThrow(CryptoError);
    }
  });

  it('seals messages of every size alike, short and long', () => {
    const random = seededRandom('sizes');
    const [key, nonce] = [random.bytes(a.aeadKeyLength), random.bytes(12)];
    for (const size of [0, 1, 1007, 1008, 1009, 1023, 1024, 1025, 5000]) {
      for (const aad of [random.bytes(0), random.bytes(17)]) {
        const text = random.bytes(size);
        const sealed = b.aeadSeal(key, nonce, aad, text);
        expect(sealed, `${size} bytes`).toEqual(a.aeadSeal(key, nonce, aad, text));
        expect(b.aeadOpen(key, nonce, aad, sealed), `${size} bytes`).toEqual(text);
      }
    }
  });
});

describe('native with random ECDSA nonces', () => {
  it.each([2, 5, 7] as const)('signs what both verify, suite %i', (id) => {
    const suite = createNativeProvider({ ecdsaNonce: 'random' }).suite(id);
    const { publicKey, privateKey } = suite.generateSignatureKeyPair(seededRandom('signer'));
    const data = Uint8Array.of(1, 2, 3);
    const signature = suite.sign(privateKey, data);
    expect(native.suite(id).verify(publicKey, data, signature)).toBe(true);
    expect(noble.suite(id).verify(publicKey, data, signature)).toBe(true);
    expect(suite.sign(privateKey, data)).not.toEqual(signature);
  });
});
