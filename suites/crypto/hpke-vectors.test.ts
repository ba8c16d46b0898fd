/** HPKE, RFC 9180: the base-mode examples of appendix A that use a cipher suite of RFC 9420. */
import { describe, expect, it } from 'vitest';
import { createNativeProvider, createNobleProvider } from '../../stack/crypto/index.ts';
import { fixedRandom, fromHex, hex, noBytes, utf8 } from './test-bytes.ts';

const vectors = [
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
    appendix: 'A.2.1 (X25519, ChaCha20-Poly1305)',
    suite: 3 as const,
    ikmE: '909a9b35d3dc4713a5e72a4da274b55d3d3821a37e5d099e74a647db583a904b',
    skE: 'f4ec9b33b792c372c1d2c2063507b684ef925b8c75a42dbcbf57d63ccd381600',
    pkE: '1afa08d3dec047a643885163f1180476fa7ddb54c6a8029ea33f95796bf2ac4a',
    ikmR: '1ac01f181fdf9f352797655161c58b75c656a6cc2716dcb66372da835542e1df',
    skR: '8057991eef8f1f1af18f4a9491d16a1ce333f695d4db8e38da75975c4478e0fb',
    pkR: '4310ee97d88cc1f088a5576c77ab0cf5c3ac797f3d95139c6c84b5429c59662a',
    ciphertext: '1c5250d8034ec2b784ba2cfd69dbdb8af406cfe3ff938e131f0def8c8b60b4db21993c62ce81883d2dd1b51a28',
    exports: [
      '4bbd6243b8bb54cec311fac9df81841b6fd61f56538a775e7c80a9f40160606e',
      '8c1df14732580e5501b00f82b10a1647b40713191b7c1240ac80e2b68808ba69',
      '5acb09211139c43b3090489a9da433e8a30ee7188ba8b0a9a1ccf0c229283e53',
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
  {
    appendix: 'A.6.1 (P-521, AES-256-GCM)',
    suite: 5 as const,
    ikmE: `7f06ab8215105fc46aceeb2e3dc5028b44364f960426eb0d8e4026c2f8b5d7
      e7a986688f1591abf5ab753c357a5d6f0440414b4ed4ede71317772ac98d9239f70904`,
    skE: `014784c692da35df6ecde98ee43ac425dbdd0969c0c72b42f2e708ab9d5354
      15a8569bdacfcc0a114c85b8e3f26acf4d68115f8c91a66178cdbd03b7bcc5291e374b`,
    pkE: `040138b385ca16bb0d5fa0c0665fbbd7e69e3ee29f63991d3e9b5fa740aab8
      900aaeed46ed73a49055758425a0ce36507c54b29cc5b85a5cee6bae0cf1c21f2731
      ece2013dc3fb7c8d21654bb161b463962ca19e8c654ff24c94dd2898de12051f1ed0
      692237fb02b2f8d1dc1c73e9b366b529eb436e98a996ee522aef863dd5739d2f29b0`,
    ikmR: `2ad954bbe39b7122529f7dde780bff626cd97f850d0784a432784e69d86ecc
      aade43b6c10a8ffdb94bf943c6da479db137914ec835a7e715e36e45e29b587bab3bf1`,
    skR: `01462680369ae375e4b3791070a7458ed527842f6a98a79ff5e0d4cbde83c2
      7196a3916956655523a6a2556a7af62c5cadabe2ef9da3760bb21e005202f7b2462847`,
    pkR: `0401b45498c1714e2dce167d3caf162e45e0642afc7ed435df7902ccae0e84
      ba0f7d373f646b7738bbbdca11ed91bdeae3cdcba3301f2457be452f271fa6837580
      e661012af49583a62e48d44bed350c7118c0d8dc861c238c72a2bda17f64704f464b
      57338e7f40b60959480c0e58e6559b190d81663ed816e523b6b6a418f66d2451ec64`,
    ciphertext: '170f8beddfe949b75ef9c387e201baf4132fa7374593dfafa90768788b7b2b200aafcc6d80ea4c795a7c5b841a',
    exports: [
      '05e2e5bd9f0c30832b80a279ff211cc65eceb0d97001524085d609ead60d0412',
      'fca69744bb537f5b7a1596dbf34eaa8d84bf2e3ee7f1a155d41bd3624aa92b63',
      'f389beaac6fcf6c0d9376e20f97e364f0609a88f1bc76d7328e9104df8477013',
    ],
  },
];

describe.each([createNobleProvider(), createNativeProvider()])('provider $name', (provider) => {
  describe.each(vectors)('RFC 9180 appendix $appendix', (v) => {
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
        expect(hpke.deriveKeyPair(fromHex(ikm))).toEqual({ privateKey: fromHex(sk), publicKey: fromHex(pk) });
      }
    });

    it('seals and opens the first published message', () => {
      const sealed = hpke.sealBase(fixedRandom(v.skE), recipient.publicKey, info, aad, plaintext);
      expect(sealed.kemOutput).toEqual(fromHex(v.pkE));
      expect(hex(sealed.ciphertext)).toBe(v.ciphertext);
      expect(hex(hpke.openBase(recipient, sealed, info, aad))).toBe(hex(plaintext));
    });

    it('exports the published secrets at both ends', () => {
      [noBytes, Uint8Array.of(0), utf8('TestContext')].forEach((context, i) => {
        const sent = hpke.sendExport(fixedRandom(v.skE), recipient.publicKey, info, context, 32);
        expect(hex(sent.secret)).toBe(v.exports[i]);
        expect(hex(hpke.receiveExport(recipient, sent.kemOutput, info, context, 32))).toBe(v.exports[i]);
      });
    });
  });
});
