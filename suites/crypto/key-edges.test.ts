/** Keys that a hostile peer may send, and private keys at the ends of their range: refused alike by both providers. */
import { createHmac } from 'node:crypto';
import { ED25519_TORSION_SUBGROUP } from '@noble/curves/ed25519.js';
import { describe, expect, it } from 'vitest';
import { bigIntToBytes } from '../../stack/crypto/bytes.ts';
import { createHpkeBase } from '../../stack/crypto/hpke.ts';
import {
  type CipherSuite,
  type CipherSuiteId,
  CryptoError,
  createNativeProvider,
  createNobleProvider,
} from '../../stack/crypto/index.ts';
import { p256Curve, p384Curve, p521Curve } from '../../stack/crypto/nist-curve.ts';
import { nobleAes256Gcm } from '../../stack/crypto/noble/noble-aead.ts';
import { nobleSha512 } from '../../stack/crypto/noble/noble-hash.ts';
import { nobleP521 } from '../../stack/crypto/noble/noble-nist.ts';
import { suiteParameters } from '../../stack/crypto/suites.ts';
import { seededRandom } from './seeded-random.ts';
import { fromHex, noBytes, utf8 } from './test-bytes.ts';

const providers = [createNobleProvider(), createNativeProvider()];

const littleEndian = (value: bigint, length: number) => bigIntToBytes(value, length).reverse();

/** Both providers, named for the messages of failed assertions. */
const both = (id: CipherSuiteId): readonly (readonly [string, CipherSuite])[] =>
  providers.map((provider) => [provider.name, provider.suite(id)]);

function seals(suite: CipherSuite, publicKey: Uint8Array): () => unknown {
  return () => suite.hpke.sealBase(seededRandom('e'), publicKey, noBytes, noBytes, noBytes);
}

function opens(suite: CipherSuite, privateKey: Uint8Array, kemOutput: Uint8Array): () => unknown {
  const { publicKey } = suite.hpke.generateKeyPair(seededRandom('own'));
  return () => suite.hpke.receiveExport({ publicKey, privateKey }, kemOutput, noBytes, noBytes, 32);
}

const nist = [
  { curve: p256Curve, id: 2, prime: 2n ** 256n - 2n ** 224n + 2n ** 192n + 2n ** 96n - 1n },
  { curve: p384Curve, id: 7, prime: 2n ** 384n - 2n ** 128n - 2n ** 96n + 2n ** 32n - 1n },
  { curve: p521Curve, id: 5, prime: 2n ** 521n - 1n },
] as const;

describe.each(nist)('$curve.name', ({ curve, id, prime }) => {
  const width = curve.scalarLength;
  const scalar = (value: bigint) => bigIntToBytes(value, width);

  it('takes scalars of [1, n) only', () => {
    const bad = {
      zero: scalar(0n),
      n: scalar(curve.order),
      'n + 1': scalar(curve.order + 1n),
      'all ones': new Uint8Array(width).fill(0xff),
      'one byte short': scalar(1n).subarray(1),
      'one byte long': new Uint8Array(width + 1).with(width, 1),
    };
    for (const [name, suite] of both(id)) {
      const { publicKey } = suite.hpke.generateKeyPair(seededRandom('peer'));
      for (const [what, privateKey] of Object.entries(bad)) {
        expect(() => suite.signaturePublicKey(privateKey), `${name}: ${what}`).toThrow(CryptoError);
        expect(() => suite.sign(privateKey, noBytes), `${name}: ${what}`).toThrow(CryptoError);
        expect(opens(suite, privateKey, publicKey), `${name}: ${what}`).toThrow(CryptoError);
      }
    }
  });

  it('works with the scalars 1 and n - 1, whose points differ by their sign only', () => {
    for (const [name, suite] of both(id)) {
      const one = suite.signaturePublicKey(scalar(1n));
      const last = suite.signaturePublicKey(scalar(curve.order - 1n));
      expect(last.subarray(0, 1 + width), name).toEqual(one.subarray(0, 1 + width));
      expect(last, name).not.toEqual(one);
      const signature = suite.sign(scalar(1n), noBytes);
      expect(suite.verify(one, noBytes, signature), name).toBe(true);
      expect(suite.verify(last, noBytes, signature), name).toBe(false);
    }
  });

  it('keeps leading zeros of coordinates and of shared secrets', () => {
    const [, [, native]] = both(id) as [unknown, readonly [string, CipherSuite]];
    // P-521 has a leading zero in every other point, the others in one of 256.
    let k = 2n;
    while (native.signaturePublicKey(scalar(k))[1] !== 0) k++;
    const point = native.signaturePublicKey(scalar(k));
    const secrets = both(id).map(([, suite]) => {
      const own = { privateKey: scalar(1n), publicKey: suite.signaturePublicKey(scalar(1n)) };
      expect(suite.signaturePublicKey(scalar(k))).toEqual(point);
      return suite.hpke.receiveExport(own, point, noBytes, noBytes, 32);
    });
    expect(secrets[1]).toEqual(secrets[0]);
  });

  it('takes uncompressed points of the curve only', () => {
    const good = providers[0]!.suite(id).signaturePublicKey(scalar(5n));
    const x = BigInt(`0x${Buffer.from(good.subarray(1, 1 + width)).toString('hex')}`);
    const bad: Record<string, Uint8Array> = {
      compressed: good.slice(0, 1 + width).with(0, 2 + (good.at(-1)! & 1)),
      hybrid: good.with(0, 6 + (good.at(-1)! & 1)),
      'off the curve': good.with(good.length - 1, good.at(-1)! ^ 1),
      'the origin': new Uint8Array(good.length).with(0, 4),
      'the point at infinity': Uint8Array.of(0),
      'nothing at all': noBytes,
      'a trailing byte': Uint8Array.of(...good, 0),
      'x = p': Uint8Array.of(4, ...scalar(prime), ...good.subarray(1 + width)),
    };
    // Only P-521 has room for it.
    if (id === 5) bad['x + p'] = Uint8Array.of(4, ...scalar(x + prime), ...good.subarray(1 + width));
    for (const [name, suite] of both(id)) {
      expect(suite.isHpkePublicKey(good) && suite.isSignaturePublicKey(good), name).toBe(true);
      for (const [what, key] of Object.entries(bad)) {
        expect(suite.isHpkePublicKey(key), `${name}: ${what}`).toBe(false);
        expect(suite.isSignaturePublicKey(key), `${name}: ${what}`).toBe(false);
        expect(seals(suite, key), `${name}: ${what}`).toThrow(CryptoError);
        expect(opens(suite, scalar(5n), key), `${name}: ${what}`).toThrow(CryptoError);
      }
    }
  });

  it('decapsulates by the scalar alone, whatever public key stands beside it', () => {
    const [a, b] = both(id).map(([, suite]) => {
      const peer = suite.signaturePublicKey(scalar(7n));
      return [suite.signaturePublicKey(scalar(9n)), noBytes].map((publicKey) =>
        suite.hpke.receiveExport({ privateKey: scalar(8n), publicKey }, peer, noBytes, noBytes, 32),
      );
    });
    expect(b).toEqual(a);
  });
});

describe('DeriveKeyPair of P-521 (RFC 9180 section 7.1.3)', () => {
  const ikm = utf8('input keying material');
  const hmac = (key: Uint8Array, ...parts: readonly Uint8Array[]) =>
    createHmac('sha512', key).update(Buffer.concat(parts)).digest();
  const label = (text: string) => utf8(`HPKE-v1KEM\0\u0012${text}`);
  /** LabeledExpand of 66 bytes, that is two blocks, written out with node:crypto. */
  const candidate = (counter: number) => {
    const prk = hmac(new Uint8Array(64), label('dkp_prk'), ikm);
    const info = Buffer.concat([Uint8Array.of(0, 66), label('candidate'), Uint8Array.of(counter)]);
    const first = hmac(prk, info, Uint8Array.of(1));
    const bytes = new Uint8Array([...first, ...hmac(prk, first, info, Uint8Array.of(2))].slice(0, 66));
    return bytes.with(0, bytes[0]! & 1);
  };
  const refusing = (isPrivateKey: (bytes: Uint8Array) => boolean) =>
    createHpkeBase(suiteParameters[5], {
      hash: nobleSha512,
      aead: nobleAes256Gcm,
      dh: { ...nobleP521.dh, isPrivateKey },
      signature: nobleP521.signature,
    });

  it('takes the first candidate, of whose first byte one bit is kept', () => {
    for (const [name, suite] of both(5)) {
      expect(suite.hpke.deriveKeyPair(ikm).privateKey, name).toEqual(candidate(0));
    }
  });

  it('goes on to the next candidate while one is out of range', () => {
    let tried = 0;
    const pair = refusing(() => ++tried === 4).deriveKeyPair(ikm);
    expect(pair.privateKey).toEqual(candidate(3));
  });

  it('gives up after 256 candidates', () => {
    let tried = 0;
    const hpke = refusing(() => ++tried > 256);
    expect(() => hpke.deriveKeyPair(ikm)).toThrow(CryptoError);
    expect(tried).toBe(256);
  });
});

const montgomery = [
  {
    name: 'X25519',
    id: 1,
    prime: 2n ** 255n - 19n,
    // Of the points of order 1, 2, 4 and 8, on the curve and on its twist.
    smallOrder: [
      0n,
      1n,
      2n ** 255n - 20n,
      325606250916557431795983626356110631294008115727848805560023387167927233504n,
      39382357235489614581723060781553021112529911719440698176882885853963445705823n,
    ],
    bits: 255,
  },
  {
    name: 'X448',
    id: 4,
    prime: 2n ** 448n - 2n ** 224n - 1n,
    smallOrder: [0n, 1n, 2n ** 448n - 2n ** 224n - 2n],
    bits: 448,
  },
] as const;

describe.each(montgomery)('$name', ({ id, prime, smallOrder, bits }) => {
  const length = Math.ceil(bits / 8);

  it('refuses each u of small order, reduced or not: the shared secret would be zero', () => {
    const encodings = smallOrder
      .flatMap((u) => [u, u + prime])
      .filter((u) => u < 2n ** BigInt(bits))
      .flatMap((u) => (bits % 8 === 0 ? [u] : [u, u + 2n ** BigInt(bits)]));
    for (const [name, suite] of both(id)) {
      for (const u of encodings) {
        const key = littleEndian(u, length);
        expect(suite.isHpkePublicKey(key), `${name}: u = ${u}`).toBe(false);
        expect(seals(suite, key), `${name}: u = ${u}`).toThrow(CryptoError);
        expect(opens(suite, key.fill(9), littleEndian(u, length)), `${name}: u = ${u}`).toThrow(CryptoError);
      }
    }
  });

  it('takes a u that is not reduced, as RFC 7748 section 5 demands', () => {
    const key = littleEndian(prime + 2n, length);
    const secrets = both(id).map(([name, suite]) => {
      expect(suite.isHpkePublicKey(key), name).toBe(true);
      return opens(suite, new Uint8Array(length).fill(9), key)();
    });
    expect(secrets[1]).toEqual(secrets[0]);
  });

  it('takes keys of its own length only', () => {
    for (const [name, suite] of both(id)) {
      for (const size of [0, length - 1, length + 1]) {
        const key = new Uint8Array(size).fill(9);
        expect(suite.isHpkePublicKey(key), `${name}: ${size} bytes`).toBe(false);
        expect(seals(suite, key), `${name}: ${size} bytes`).toThrow(CryptoError);
        const good = new Uint8Array(length).fill(9);
        expect(opens(suite, key, good), `${name}: ${size} bytes`).toThrow(CryptoError);
      }
    }
  });
});

describe('EdDSA public keys', () => {
  const p448 = 2n ** 448n - 2n ** 224n - 1n;
  const ed448SmallOrder = [1n, p448 - 1n, 0n].flatMap((y) => [y, y + 2n ** 455n]);
  const keys = [
    ['Ed25519 of small order', 1, ED25519_TORSION_SUBGROUP.map(fromHex)],
    ['Ed448 of small order', 4, ed448SmallOrder.map((y) => littleEndian(y, 57))],
    ['Ed25519 with y >= p', 1, [2n, 3n, 18n].map((y) => littleEndian(2n ** 255n - 19n + y, 32))],
    ['Ed448 with y >= p', 4, [2n, 3n, 4n].map((y) => littleEndian(p448 + y, 57))],
    ['Ed448 with stray bits', 4, [littleEndian(2n ** 448n + 5n, 57), littleEndian(2n ** 454n + 5n, 57)]],
    ['Ed25519 off the curve', 1, [2n, 7n, 8n].map((y) => littleEndian(y, 32))],
    ['Ed25519 of another length', 1, [noBytes, new Uint8Array(31).fill(9), new Uint8Array(33).fill(9)]],
    ['Ed448 of another length', 4, [noBytes, new Uint8Array(56).fill(9), new Uint8Array(58).fill(9)]],
  ] as const;

  it.each(keys)('%s are refused', (_what, id, encodings) => {
    for (const [name, suite] of both(id)) {
      for (const key of encodings) {
        expect(suite.isSignaturePublicKey(key), `${name}: ${key}`).toBe(false);
      }
    }
  });

  it('are refused when their length is wrong for a private key, too', () => {
    for (const [id, length] of [
      [1, 32],
      [4, 57],
    ] as const) {
      for (const [name, suite] of both(id)) {
        for (const size of [0, length - 1, length + 1]) {
          const key = new Uint8Array(size);
          expect(() => suite.sign(key, noBytes), `${name}: ${size} bytes`).toThrow(CryptoError);
          expect(() => suite.signaturePublicKey(key), `${name}: ${size} bytes`).toThrow(CryptoError);
        }
      }
    }
  });
});
