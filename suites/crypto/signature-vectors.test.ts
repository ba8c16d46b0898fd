/** Published signatures: RFC 6979 (deterministic ECDSA) and RFC 8032 (EdDSA). */
import { describe, expect, it } from 'vitest';
import { decodeEcdsaSignature } from '../../stack/crypto/der.ts';
import { createNativeProvider, createNobleProvider } from '../../stack/crypto/index.ts';
import { fromHex, hex, utf8 } from './test-bytes.ts';

const ecdsaKeys = {
  2: {
    source: 'RFC 6979 A.2.5 (P-256, SHA-256)',
    privateKey: 'c9afa9d845ba75166b5c215767b1d6934e50c3db36e89b127b8a622b120f6721',
    publicKey: `04
      60fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb6
      7903fe1008b8bc99a41ae9e95628bc64f2f1b20c2d7e9f5177a3c294d4462299`,
  },
  7: {
    source: 'RFC 6979 A.2.6 (P-384, SHA-384)',
    privateKey:
      '6b9d3dad2e1b8c1c05b19875b6659f4de23c3b667bf297ba9aa47740787137d896d5724e4c70a825f872c9ea60d2edf5',
    publicKey: `04
      ec3a4e415b4e19a4568618029f427fa5da9a8bc4ae92e02e06aae5286b300c64def8f0ea9055866064a254515480bc13
      8015d9b72d7d57244ea8ef9ac0c621896708a59367f9dfb9f54ca84b3f1c9db1288b231c3ae0d4fe7344fd2533264720`,
  },
  5: {
    source: 'RFC 6979 A.2.7 (P-521, SHA-512)',
    privateKey: `00fad06daa62ba3b25d2fb40133da757205de67f5bb0018fee8c86e1b68c7e75
      caa896eb32f1f47c70855836a6d16fcc1466f6d8fbec67db89ec0c08b0e996b83538`,
    publicKey: `04
      01894550d0785932e00eaa23b694f213f8c3121f86dc97a04e5a7167db4e5bcd37
      1123d46e45db6b5d5370a7f20fb633155d38ffa16d2bd761dcac474b9a2f5023a4
      00493101c962cd4d2fddf782285e64584139c2f91b47f87ff82354d6630f746a28
      a0db25741b5b34a828008b22acc23f924faafbd4d33f81ea66956dfeaa2bfdfcf5`,
  },
} as const;

const ecdsaSignatures = [
  {
    suite: 2,
    message: 'sample',
    r: 'efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716',
    s: 'f7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda8',
  },
  {
    suite: 2,
    message: 'test',
    r: 'f1abb023518351cd71d881567b1ea663ed3efcf6c5132b354f28d3b0b7d38367',
    s: '019f4113742a2b14bd25926b49c649155f267e60d3814b4c0cc84250e46f0083',
  },
  {
    // Not of the RFC: Go's crypto/ecdsa found a message whose first candidate for k is out of range.
    suite: 2,
    message: 'wv[vnX',
    r: 'efd9073b652e76da1b5a019c0e4a2e3fa529b035a6abb91ef67f0ed7a1f21234',
    s: '3db4706c9d9f4a4fe13bb5e08ef0fab53a57dbab2061c83a35fa411c68d2ba33',
  },
  {
    suite: 7,
    message: 'sample',
    r: '94edbb92a5ecb8aad4736e56c691916b3f88140666ce9fa73d64c4ea95ad133c81a648152e44acf96e36dd1e80fabe46',
    s: '99ef4aeb15f178cea1fe40db2603138f130e740a19624526203b6351d0a3a94fa329c145786e679e7b82c71a38628ac8',
  },
  {
    suite: 7,
    message: 'test',
    r: '8203b63d3c853e8d77227fb377bcf7b7b772e97892a80f36ab775d509d7a5feb0542a7f0812998da8f1dd3ca3cf023db',
    s: 'ddd0760448d42d8a43af45af836fce4de8be06b485e9b61b827c2f13173923e06a739f040649a667bf3b828246baa5a5',
  },
  {
    suite: 5,
    message: 'sample',
    r: `00c328fafcbd79dd77850370c46325d987cb525569fb63c5d3bc53950e6d4c5f17
      4e25a1ee9017b5d450606add152b534931d7d4e8455cc91f9b15bf05ec36e377fa`,
    s: `00617cce7cf5064806c467f678d3b4080d6f1cc50af26ca209417308281b68af28
      2623eaa63e5b5c0723d8b8c37ff0777b1a20f8ccb1dccc43997f1ee0e44da4a67a`,
  },
  {
    suite: 5,
    message: 'test',
    r: `013e99020abf5cee7525d16b69b229652ab6bdf2affcaef38773b4b7d08725f10c
      db93482fdcc54edcee91eca4166b2a7c6265ef0ce2bd7051b7cef945babd47ee6d`,
    s: `01fbd0013c674aa79cb39849527916ce301c66ea7ce8b80682786ad60f98f7e78a
      19ca69eff5c57400e3b3a0ad66ce0978214d13baf4e9ac60752f7b155e2de4dce3`,
  },
] as const;

const edwards = [
  {
    test: '7.1 TEST 1',
    suite: 1 as const,
    privateKey: '9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60',
    publicKey: 'd75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a',
    message: '',
    signature: `e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555
      fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b`,
  },
  {
    test: '7.1 TEST 2',
    suite: 1 as const,
    privateKey: '4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb',
    publicKey: '3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c',
    message: '72',
    signature: `92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da0
      85ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00`,
  },
  {
    test: '7.4 Blank',
    suite: 4 as const,
    privateKey: `6c82a562cb808d10d632be89c8513ebf6c929f34ddfa8c9f63c9960ef6e348a3528c8a3fc
      c2f044e39a3fc5b94492f8f032e7549a20098f95b`,
    publicKey: `5fd7449b59b461fd2ce787ec616ad46a1da1342485a70e1f8a0ea75d80e96778edf124769
      b46c7061bd6783df1e50f6cd1fa1abeafe8256180`,
    message: '',
    signature: `533a37f6bbe457251f023c0d88f976ae2dfb504a843e34d2074fd823d41a591f2b233f034
      f628281f2fd7a22ddd47d7828c59bd0a21bfd3980ff0d2028d4b18a9df63e006c5d1c2d34
      5b925d8dc00b4104852db99ac5c7cdda8530a113a0f4dbb61149f05a7363268c71d95808f
      f2e652600`,
  },
  {
    test: '7.4 1 octet',
    suite: 4 as const,
    privateKey: `c4eab05d357007c632f3dbb48489924d552b08fe0c353a0d4a1f00acda2c463afbea67c5e
      8d2877c5e3bc397a659949ef8021e954e0a12274e`,
    publicKey: `43ba28f430cdff456ae531545f7ecd0ac834a55d9358c0372bfa0c6c6798c0866aea01eb0
      0742802b8438ea4cb82169c235160627b4c3a9480`,
    message: '03',
    signature: `26b8f91727bd62897af15e41eb43c377efb9c610d48f2335cb0bd0087810f4352541b143c
      4b981b7e18f62de8ccdf633fc1bf037ab7cd779805e0dbcc0aae1cbcee1afb2e027df36bc
      04dcecbf154336c19f0af7e0a6472905e799f1953d2a0ff3348ab21aa4adafd1d234441cf
      807c03a00`,
  },
  {
    test: '7.4 64 octets',
    suite: 4 as const,
    privateKey: `d65df341ad13e008567688baedda8e9dcdc17dc024974ea5b4227b6530e339bff21f99e68
      ca6968f3cca6dfe0fb9f4fab4fa135d5542ea3f01`,
    publicKey: `df9705f58edbab802c7f8363cfe5560ab1c6132c20a9f1dd163483a26f8ac53a39d6808bf
      4a1dfbd261b099bb03b3fb50906cb28bd8a081f00`,
    message: `bd0f6a3747cd561bdddf4640a332461a4a30a12a434cd0bf40d766d9c6d458e5512204a30
      c17d1f50b5079631f64eb3112182da3005835461113718d1a5ef944`,
    signature: `554bc2480860b49eab8532d2a533b7d578ef473eeb58c98bb2d0e1ce488a98b18dfde9b9b
      90775e67f47d4a1c3482058efc9f40d2ca033a0801b63d45b3b722ef552bad3b4ccb667da
      350192b61c508cf7b6b5adadc2c8d9a446ef003fb05cba5f30e88e36ec2703b349ca229c2
      670833900`,
  },
];

describe.each([createNobleProvider(), createNativeProvider()])('provider $name', (provider) => {
  it.each(ecdsaSignatures.map((v) => ({ ...v, source: ecdsaKeys[v.suite].source })))(
    'signs "$message" as $source',
    ({ suite: id, message, r, s }) => {
      const suite = provider.suite(id);
      const privateKey = fromHex(ecdsaKeys[id].privateKey);
      const publicKey = suite.signaturePublicKey(privateKey);
      expect(hex(publicKey)).toBe(hex(fromHex(ecdsaKeys[id].publicKey)));
      const signature = suite.sign(privateKey, utf8(message));
      expect(hex(decodeEcdsaSignature(signature, privateKey.length)!)).toBe(hex(fromHex(r + s)));
      expect(suite.verify(publicKey, utf8(message), signature)).toBe(true);
      expect(suite.verify(publicKey, utf8(`${message}!`), signature)).toBe(false);
    },
  );

  it.each(edwards)('signs as RFC 8032 $test', (v) => {
    const suite = provider.suite(v.suite);
    const [privateKey, publicKey, message] = [
      fromHex(v.privateKey),
      fromHex(v.publicKey),
      fromHex(v.message),
    ];
    expect(suite.signaturePublicKey(privateKey)).toEqual(publicKey);
    const signature = suite.sign(privateKey, message);
    expect(hex(signature)).toBe(hex(fromHex(v.signature)));
    expect(suite.verify(publicKey, message, signature)).toBe(true);
    expect(suite.verify(publicKey, Uint8Array.of(...message, 0), signature)).toBe(false);
  });
});
