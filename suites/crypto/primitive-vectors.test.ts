/** Published examples of what lies below HPKE: HMAC, HKDF, AEAD, Diffie-Hellman. */
import { describe, expect, it } from 'vitest';
import {
  type CipherSuiteId,
  CryptoError,
  createNativeProvider,
  createNobleProvider,
} from '../../stack/crypto/index.ts';
import { createNativeX448, createNativeX25519 } from '../../stack/crypto/native/native-montgomery.ts';
import {
  createNativeP256,
  createNativeP384,
  createNativeP521,
} from '../../stack/crypto/native/native-nist.ts';
import { nobleX448, nobleX25519 } from '../../stack/crypto/noble/noble-montgomery.ts';
import { nobleP256, nobleP384, nobleP521 } from '../../stack/crypto/noble/noble-nist.ts';
import { fromHex, hex, utf8 } from './test-bytes.ts';

const providers = [createNobleProvider(), createNativeProvider()];

const longKeyData = 'Test Using Larger Than Block-Size Key - Hash Key First';
const macs: readonly { suite: CipherSuiteId; test: string; key: Uint8Array; data: string; mac: string }[] = [
  {
    test: '4.3, SHA-256',
    suite: 1,
    key: utf8('Jefe'),
    data: 'what do ya want for nothing?',
    mac: '5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843',
  },
  {
    test: '4.3, SHA-384',
    suite: 7,
    key: utf8('Jefe'),
    data: 'what do ya want for nothing?',
    mac: 'af45d2e376484031617f78d2b58a6b1b9c7ef464f5a01b47e42ec3736322445e8e2240ca5e69e2c78b3239ecfab21649',
  },
  {
    test: '4.3, SHA-512',
    suite: 5,
    key: utf8('Jefe'),
    data: 'what do ya want for nothing?',
    mac: `164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea250554
      9758bf75c05a994a6d034f65f8f0e6fdcaeab1a34d4a6b4b636e070a38bce737`,
  },
  {
    test: '4.7, SHA-256',
    suite: 1,
    key: new Uint8Array(131).fill(0xaa),
    data: longKeyData,
    mac: '60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54',
  },
  {
    test: '4.7, SHA-384',
    suite: 7,
    key: new Uint8Array(131).fill(0xaa),
    data: longKeyData,
    mac: '4ece084485813e9088d2c63a041bc5b44f9ef1012a2b588f3cd11f05033ac4c60c2ef6ab4030fe8296248df163f44952',
  },
  {
    test: '4.7, SHA-512',
    suite: 5,
    key: new Uint8Array(131).fill(0xaa),
    data: longKeyData,
    mac: `80b24263c7c1a3ebb71493c1dd7be8b49b46d1f41b4aeec1121b013783f8f352
      6b56d037e05f2598bd0fd2215d6a1e5295e64f73f63f0aec8b915a985d786598`,
  },
];

const hkdf = [
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
];

const gcm = {
  nonce: 'cafebabefacedbaddecaf888',
  aad: 'feedfacedeadbeeffeedfacedeadbeefabaddad2',
  plaintext: `d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b525
    b16aedf5aa0de657ba637b39`,
};
const aeads: readonly {
  suite: CipherSuiteId;
  source: string;
  key: string;
  nonce: string;
  aad: string;
  plaintext: string;
  ciphertext: string;
}[] = [
  {
    source: 'AES-128-GCM, McGrew and Viega, test case 4',
    suite: 1,
    key: 'feffe9928665731c6d6a8f9467308308',
    ...gcm,
    ciphertext: `42831ec2217774244b7221b784d0d49ce3aa212f2c02a4e035c17e2329aca12e21d514b25466931c7d8f6a5aac84aa05
      1ba30b396a0aac973d58e091 5bc94fbc3221a5db94fae95ae7121a47`,
  },
  {
    source: 'AES-256-GCM, McGrew and Viega, test case 16',
    suite: 4,
    key: 'feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308',
    ...gcm,
    ciphertext: `522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa8cb08e48590dbb3da7b08b1056828838
      c5f61e6393ba7a0abcc9f662 76fc6ece0f4e1768cddf8853bb2d551b`,
  },
  {
    source: 'ChaCha20-Poly1305, RFC 8439 section 2.8.2',
    suite: 3,
    key: '808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9f',
    nonce: '070000004041424344454647',
    aad: '50515253c0c1c2c3c4c5c6c7',
    plaintext: hex(
      utf8(
        "Ladies and Gentlemen of the class of '99: If I could offer you only one tip for the future, sunscreen would be it.",
      ),
    ),
    ciphertext: `d31a8d34648e60db7b86afbc53ef7ec2a4aded51296e08fea9e2b5a736ee62d63dbea45e8ca9671282fafb69da92728b
      1a71de0a9e060b2905d6a5b67ecd3b3692ddbd7f2d778b8c9803aee328091b58fab324e4fad675945585808b4831d7bc
      3ff4def08e4b7a9de576d26586cec64b6116 1ae10b594f09e26a7e902ecbd0600691`,
  },
];

describe.each(providers)('provider $name', (provider) => {
  it.each(macs)('HMAC, RFC 4231 section $test', ({ suite, key, data, mac }) => {
    expect(hex(provider.suite(suite).mac(key, utf8(data)))).toBe(hex(fromHex(mac)));
  });

  it.each(hkdf)('HKDF, RFC 5869 $test', ({ ikm, salt, info, prk, okm }) => {
    const suite = provider.suite(1);
    expect(hex(suite.extract(fromHex(salt), fromHex(ikm)))).toBe(prk);
    expect(hex(suite.expand(fromHex(prk), fromHex(info), 42))).toBe(okm);
  });

  it.each(aeads)('$source', (v) => {
    const suite = provider.suite(v.suite);
    const [key, nonce, aad, plaintext, sealed] = [v.key, v.nonce, v.aad, v.plaintext, v.ciphertext].map(
      fromHex,
    ) as [Uint8Array, Uint8Array, Uint8Array, Uint8Array, Uint8Array];
    expect(hex(suite.aeadSeal(key, nonce, aad, plaintext))).toBe(hex(sealed));
    expect(hex(suite.aeadOpen(key, nonce, aad, sealed))).toBe(hex(plaintext));
    expect(() => suite.aeadOpen(key, nonce, aad, sealed.with(0, sealed[0]! ^ 1))).toThrow(CryptoError);
    expect(() => suite.aeadSeal(key.subarray(1), nonce, aad, plaintext), 'short key').toThrow(CryptoError);
    expect(() => suite.aeadSeal(key, nonce.subarray(1), aad, plaintext), 'short nonce').toThrow(CryptoError);
  });
});

const options = { publicKeyCacheSize: 4, nonce: 'deterministic' } as const;
const exchanges = [
  {
    source: 'X25519, RFC 7748 section 6.1',
    groups: [nobleX25519, createNativeX25519(4)],
    a: '77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a',
    b: '5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb',
    publicA: '8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a',
    publicB: 'de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f',
    shared: '4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742',
  },
  {
    source: 'X448, RFC 7748 section 6.2',
    groups: [nobleX448, createNativeX448(4)],
    a: `9a8f4925d1519f5775cf46b04b5800d4ee9ee8bae8bc5565d498c28d
      d9c9baf574a9419744897391006382a6f127ab1d9ac2d8c0a598726b`,
    b: `1c306a7ac2a0e2e0990b294470cba339e6453772b075811d8fad0d1d
      6927c120bb5ee8972b0d3e21374c9c921b09d1b0366f10b65173992d`,
    publicA: `9b08f7cc31b7e3e67d22d5aea121074a273bd2b83de09c63faa73d2c
      22c5d9bbc836647241d953d40c5b12da88120d53177f80e532c41fa0`,
    publicB: `3eb7a829b0cd20f5bcfc0b599b6feccf6da4627107bdb0d4f345b430
      27d8b972fc3e34fb4232a13ca706dcb57aec3dae07bdc1c67bf33609`,
    shared: `07fff4181ac6cc95ec1c16a94a0f74d12da232ce40a77552281d282b
      b60c0b56fd2464c335543936521c24403085d59a449a5037514a879d`,
  },
  {
    source: 'P-256, RFC 5903 section 8.1',
    groups: [nobleP256.dh, createNativeP256(options).dh],
    a: 'C88F01F510D9AC3F70A292DAA2316DE544E9AAB8AFE84049C62A9C57862D1433',
    b: 'C6EF9C5D78AE012A011164ACB397CE2088685D8F06BF9BE0B283AB46476BEE53',
    publicA: `04 DAD0B65394221CF9B051E1FECA5787D098DFE637FC90B9EF945D0C3772581180
      5271A0461CDB8252D61F1C456FA3E59AB1F45B33ACCF5F58389E0577B8990BB3`,
    publicB: `04 D12DFB5289C8D4F81208B70270398C342296970A0BCCB74C736FC7554494BF63
      56FBF3CA366CC23E8157854C13C58D6AAC23F046ADA30F8353E74F33039872AB`,
    shared: 'D6840F6B42F6EDAFD13116E0E12565202FEF8E9ECE7DCE03812464D04B9442DE',
  },
  {
    source: 'P-384, RFC 5903 section 8.2',
    groups: [nobleP384.dh, createNativeP384(options).dh],
    a: '099F3C7034D4A2C699884D73A375A67F7624EF7C6B3C0F160647B67414DCE655E35B538041E649EE3FAEF896783AB194',
    b: '41CB0779B4BDB85D47846725FBEC3C9430FAB46CC8DC5060855CC9BDA0AA2942E0308312916B8ED2960E4BD55A7448FC',
    publicA: `04 667842D7D180AC2CDE6F74F37551F55755C7645C20EF73E31634FE72B4C55EE6DE3AC808ACB4BDB4C88732AEE95F41AA
      9482ED1FC0EEB9CAFC4984625CCFC23F65032149E0E144ADA024181535A0F38EEB9FCFF3C2C947DAE69B4C634573A81C`,
    publicB: `04 E558DBEF53EECDE3D3FCCFC1AEA08A89A987475D12FD950D83CFA41732BC509D0D1AC43A0336DEF96FDA41D0774A3571
      DCFBEC7AACF3196472169E838430367F66EEBE3C6E70C416DD5F0C68759DD1FFF83FA40142209DFF5EAAD96DB9E6386C`,
    shared:
      '11187331C279962D93D604243FD592CB9D0A926F422E47187521287E7156C5C4D603135569B9E9D09CF5D4A270F59746',
  },
  {
    source: 'P-521, RFC 5903 section 8.3',
    groups: [nobleP521.dh, createNativeP521(options).dh],
    a: `0037ADE9319A89F4DABDB3EF411AACCCA5123C61ACAB57B5393DCE47608172A095AA85A30FE1C2952C6771D937BA9777
      F5957B2639BAB072462F68C27A57382D4A52`,
    b: `0145BA99A847AF43793FDD0E872E7CDFA16BE30FDC780F97BCCC3F078380201E9C677D600B343757A3BDBF2A3163E4C2
      F869CCA7458AA4A4EFFC311F5CB151685EB9`,
    publicA: `04
      0015417E84DBF28C0AD3C278713349DC7DF153C897A1891BD98BAB4357C9ECBEE1E3BF42E00B8E380AEAE57C2D107564
      941885942AF5A7F4601723C4195D176CED3E
      017CAE20B6641D2EEB695786D8C946146239D099E18E1D5A514C739D7CB4A10AD8A788015AC405D7799DC75E7B7D5B6C
      F2261A6A7F1507438BF01BEB6CA3926F9582`,
    publicB: `04
      00D0B3975AC4B799F5BEA16D5E13E9AF971D5E9B984C9F39728B5E5739735A219B97C356436ADC6E95BB0352F6BE64A6
      C2912D4EF2D0433CED2B6171640012D9460F
      015C68226383956E3BD066E797B623C27CE0EAC2F551A10C2C724D9852077B87220B6536C5C408A1D2AEBB8E86D678AE
      49CB57091F4732296579AB44FCD17F0FC56A`,
    shared: `01144C7D79AE6956BC8EDB8E7C787C4521CB086FA64407F97894E5E6B2D79B04D1427E73CA4BAA240A34786859810C06
      B3C715A3A8CC3151F2BEE417996D19F3DDEA`,
  },
];

describe.each(exchanges)('Diffie-Hellman: $source', (v) => {
  it.each(v.groups.map((group, i) => [providers[i]!.name, group] as const))('by %s', (_name, group) => {
    const a = { privateKey: fromHex(v.a), publicKey: fromHex(v.publicA) };
    const b = { privateKey: fromHex(v.b), publicKey: fromHex(v.publicB) };
    expect(group.publicKey(a.privateKey)).toEqual(a.publicKey);
    expect(group.publicKey(b.privateKey)).toEqual(b.publicKey);
    expect(group.sharedSecret(a, b.publicKey)).toEqual(fromHex(v.shared));
    expect(group.sharedSecret(b, a.publicKey)).toEqual(fromHex(v.shared));
  });
});
