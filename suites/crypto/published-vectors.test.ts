import { describe, expect, it } from 'vitest';
import { decodeEcdsaSignature } from '../../stack/crypto/der.ts';
import { createNativeProvider, createNobleProvider } from '../../stack/crypto/index.ts';
import type { Random } from '../../stack/platform.ts';

const fromHex = (digits: string): Uint8Array => new Uint8Array(Buffer.from(digits, 'hex'));
const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);
const none = new Uint8Array();

/** Hands out one prepared key, so that a published ephemeral key can be used. */
const fixedRandom = (digits: string): Random => ({
  bytes: () => fromHex(digits),
  fork: () => fixedRandom(digits),
});

const hpkeVectors = [
  {
    appendix: 'A.1.1 (X25519)',
    suite: 1 as const,
    ikmE: '7268600d403fce431561aef583ee1613527cff655c1343f29812e66706df3234',
    skE: '52c4a758a802cd8b936eceea314432798d5baf2d7e9235dc084ab1b9cfa2f736',
    pkE: '37fda3567bdbd628e88668c3c8d7e97d1d1253b6d4ea6d44c150f741f1bf4431',
    ikmR: '6db9df30aa07dd42ee5e8181afdb977e538f5e1fec8a06223f33f7013e525037',
    skR: '4612c550263fc8ad58375df3f557aac531d26850903e55a9f23f21d8534e8ac8',
    pkR: '3948cfe0ad1ddb695d780e59077195da6c56506b027329794ab02bca80815c4d',
    ciphertext: 'f938558b5d72f1a23810b4be2ab4f84331acc02fc97babc53a52ae8218a355a96d8770ac83d07bea87e13c512a',
    exports: [
      '3853fe2b4035195a573ffc53856e77058e15d9ea064de3e59f4961d0095250ee',
      '2e8f0b54673c7029649d4eb9d5e33bf1872cf76d623ff164ac185da9e88c21a5',
      'e9e43065102c3836401bed8c3c3c75ae46be1639869391d62c61f1ec7af54931',
    ],
  },
  {
    appendix: 'A.3.1 (P-256)',
    suite: 2 as const,
    ikmE: '4270e54ffd08d79d5928020af4686d8f6b7d35dbe470265f1f5aa22816ce860e',
    skE: '4995788ef4b9d6132b249ce59a77281493eb39af373d236a1fe415cb0c2d7beb',
    pkE: '04a92719c6195d5085104f469a8b9814d5838ff72b60501e2c4466e5e67b325ac98536d7b61a1af4b78e5b7f951c0900be863c403ce65c9bfcb9382657222d18c4',
    ikmR: '668b37171f1072f3cf12ea8a236a45df23fc13b82af3609ad1e354f6ef817550',
    skR: 'f3ce7fdae57e1a310d87f1ebbde6f328be0a99cdbcadf4d6589cf29de4b8ffd2',
    pkR: '04fe8c19ce0905191ebc298a9245792531f26f0cece2460639e8bc39cb7f706a826a779b4cf969b8a0e539c7f62fb3d30ad6aa8f80e30f1d128aafd68a2ce72ea0',
    ciphertext: '5ad590bb8baa577f8619db35a36311226a896e7342a6d836d8b7bcd2f20b6c7f9076ac232e3ab2523f39513434',
    exports: [
      '5e9bc3d236e1911d95e65b576a8a86d478fb827e8bdfe77b741b289890490d4d',
      '6cff87658931bda83dc857e6353efe4987a201b849658d9b047aab4cf216e796',
      'd8f1ea7942adbba7412c6d431c62d01371ea476b823eb697e1f6e6cae1dab85a',
    ],
  },
];

describe.each([createNobleProvider(), createNativeProvider()])('provider $name', (provider) => {
  describe.each(hpkeVectors)('HPKE, RFC 9180 appendix $appendix', (v) => {
    const { hpke } = provider.suite(v.suite);
    const info = fromHex('4f6465206f6e2061204772656369616e2055726e');
    const aad = utf8('Count-0');
    const plaintext = fromHex('4265617574792069732074727574682c20747275746820626561757479');
    const recipient = { publicKey: fromHex(v.pkR), privateKey: fromHex(v.skR) };

    it('derives the published key pairs', () => {
      for (const [ikm, sk, pk] of [
        [v.ikmE, v.skE, v.pkE],
        [v.ikmR, v.skR, v.pkR],
      ] as const) {
        const pair = hpke.deriveKeyPair(fromHex(ikm));
        expect([hex(pair.privateKey), hex(pair.publicKey)]).toEqual([sk, pk]);
      }
    });

    it('seals and opens the first published message', () => {
      const sealed = hpke.sealBase(fixedRandom(v.skE), recipient.publicKey, info, aad, plaintext);
      expect(hex(sealed.kemOutput)).toBe(v.pkE);
      expect(hex(sealed.ciphertext)).toBe(v.ciphertext);
      expect(hex(hpke.openBase(recipient, sealed, info, aad))).toBe(hex(plaintext));
    });

    it('exports the published secrets at both ends', () => {
      [none, Uint8Array.of(0), utf8('TestContext')].forEach((context, i) => {
        const sent = hpke.sendExport(fixedRandom(v.skE), recipient.publicKey, info, context, 32);
        expect(hex(sent.secret)).toBe(v.exports[i]);
        expect(hex(hpke.receiveExport(recipient, sent.kemOutput, info, context, 32))).toBe(v.exports[i]);
      });
    });
  });

  it.each([
    {
      test: 'A.1',
      ikm: '0b'.repeat(22),
      salt: '000102030405060708090a0b0c',
      info: 'f0f1f2f3f4f5f6f7f8f9',
      prk: '077709362c2e32df0ddc3f0dc47bba6390b6c73bb50f9c3122ec844ad7c2b3e5',
      okm: '3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865',
    },
    {
      test: 'A.3',
      ikm: '0b'.repeat(22),
      salt: '',
      info: '',
      prk: '19ef24a32c717b167f33a91d6f648bdf96596776afdb6377ac434c1c293ccb04',
      okm: '8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8',
    },
  ])('HKDF, RFC 5869 $test', ({ ikm, salt, info, prk, okm }) => {
    const suite = provider.suite(1);
    expect(hex(suite.extract(fromHex(salt), fromHex(ikm)))).toBe(prk);
    expect(hex(suite.expand(fromHex(prk), fromHex(info), 42))).toBe(okm);
  });

  it.each([
    {
      message: 'sample',
      r: 'efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716',
      s: 'f7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda8',
    },
    {
      message: 'test',
      r: 'f1abb023518351cd71d881567b1ea663ed3efcf6c5132b354f28d3b0b7d38367',
      s: '019f4113742a2b14bd25926b49c649155f267e60d3814b4c0cc84250e46f0083',
    },
  ])('ECDSA P-256 of "$message", RFC 6979 A.2.5', ({ message, r, s }) => {
    const suite = provider.suite(2);
    const privateKey = fromHex('c9afa9d845ba75166b5c215767b1d6934e50c3db36e89b127b8a622b120f6721');
    const publicKey = suite.signaturePublicKey(privateKey);
    expect(hex(publicKey)).toBe(
      '0460fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb67903fe1008b8bc99a41ae9e95628bc64f2f1b20c2d7e9f5177a3c294d4462299',
    );
    const signature = suite.sign(privateKey, utf8(message));
    expect(hex(decodeEcdsaSignature(signature, 32)!)).toBe(r + s);
    expect(suite.verify(publicKey, utf8(message), signature)).toBe(true);
    expect(suite.verify(publicKey, utf8(`${message}!`), signature)).toBe(false);
  });

  it.each([
    {
      test: '7.1 TEST 1',
      sk: '9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60',
      pk: 'd75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a',
      message: '',
      signature:
        'e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b',
    },
    {
      test: '7.1 TEST 2',
      sk: '4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb',
      pk: '3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c',
      message: '72',
      signature:
        '92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00',
    },
  ])('Ed25519, RFC 8032 $test', ({ sk, pk, message, signature }) => {
    const suite = provider.suite(1);
    expect(hex(suite.signaturePublicKey(fromHex(sk)))).toBe(pk);
    expect(hex(suite.sign(fromHex(sk), fromHex(message)))).toBe(signature);
    expect(suite.verify(fromHex(pk), fromHex(message), fromHex(signature))).toBe(true);
  });
});
