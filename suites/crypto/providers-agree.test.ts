import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type CipherSuite,
  type CipherSuiteId,
  CryptoError,
  createNativeProvider,
  createNobleProvider,
} from '../../stack/crypto/index.ts';
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
    refused: suite.verify(signing.publicKey, more, signature),
    sealed,
    opened: suite.hpke.openBase(receiving, sealed, data, more),
    exported,
    hash: suite.hash(data),
    mac: suite.mac(more, data),
    extract: suite.extract(more, data),
    expand: suite.expand(data, more, 77),
    aead: suite.aeadSeal(key, nonce, more, data),
  };
}

describe.each([1, 2] as CipherSuiteId[])('suite %i', (id) => {
  const [a, b] = [noble.suite(id), native.suite(id)];

  it('gives the same bytes from noble and native under one seed', () => {
    fc.assert(
      fc.property(fc.string(), bytes(300), bytes(100), (seed, data, more) => {
        expect(transcript(b, seed, data, more)).toEqual(transcript(a, seed, data, more));
      }),
      { numRuns: 15 },
    );
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

  it('refuses a signature changed in any one byte, with both providers', () => {
    const keys = a.generateSignatureKeyPair(seededRandom('signer'));
    const data = Uint8Array.of(1, 2, 3);
    const signature = a.sign(keys.privateKey, data);
    for (let i = 0; i < signature.length; i++) {
      const forged = signature.with(i, signature[i]! ^ 1);
      expect(b.verify(keys.publicKey, data, forged), `native, byte ${i}`).toBe(false);
    }
    expect(a.verify(keys.publicKey, data, signature.with(9, signature[9]! ^ 1)), 'noble').toBe(false);
  });

  it('never throws from verify, whatever key and signature are given', () => {
    fc.assert(
      fc.property(bytes(70), bytes(20), bytes(80), (key, data, signature) => {
        expect(a.verify(key, data, signature)).toBe(false);
        expect(b.verify(key, data, signature)).toBe(false);
      }),
    );
  });

  it('refuses to open a ciphertext, tag, nonce or AAD that was changed', () => {
    for (const suite of [a, b]) {
      const [key, nonce] = [new Uint8Array(16), new Uint8Array(12)];
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
});

describe('edges of P-256', () => {
  const order = Buffer.from('ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551', 'hex');
  const scalars = [
    new Uint8Array(32),
    new Uint8Array(order),
    new Uint8Array(32).fill(255),
    new Uint8Array(31),
  ];

  it.each([noble, native])('$name refuses scalars outside [1, n)', (provider) => {
    const suite = provider.suite(2);
    const { publicKey } = suite.hpke.generateKeyPair(seededRandom('peer'));
    for (const scalar of scalars) {
      expect(() => suite.signaturePublicKey(scalar)).toThrow(CryptoError);
      expect(() => suite.sign(scalar, scalar)).toThrow(CryptoError);
      const keyPair = { publicKey, privateKey: scalar };
      const sealed = { kemOutput: publicKey, ciphertext: new Uint8Array(16) };
      expect(() => suite.hpke.openBase(keyPair, sealed, scalar, scalar)).toThrow(CryptoError);
    }
    expect(() => suite.signaturePublicKey(new Uint8Array(order).with(31, 0x50)), 'n - 1').not.toThrow();
  });

  it.each([noble, native])('$name takes only uncompressed points of the curve', (provider) => {
    const suite = provider.suite(2);
    const { publicKey } = suite.hpke.generateKeyPair(seededRandom('point'));
    const compressed = publicKey.slice(0, 33).with(0, 2 + (publicKey[64]! & 1));
    const offCurve = publicKey.with(64, publicKey[64]! ^ 1);
    expect(suite.isHpkePublicKey(publicKey)).toBe(true);
    for (const bad of [compressed, offCurve, new Uint8Array(65), new Uint8Array(0)]) {
      expect(suite.isHpkePublicKey(bad)).toBe(false);
      expect(() => suite.hpke.sealBase(seededRandom('e'), bad, bad, bad, bad)).toThrow(CryptoError);
    }
  });
});

describe('edges of X25519', () => {
  it.each([noble, native])('$name refuses a peer key of small order', (provider) => {
    const suite = provider.suite(1);
    const zero = new Uint8Array(32);
    expect(() => suite.hpke.sealBase(seededRandom('e'), zero, zero, zero, zero)).toThrow(CryptoError);
  });
});

describe('a provider', () => {
  it('counts its own calls and time', () => {
    let ticks = 0n;
    const counted = createNativeProvider({ nanoseconds: () => (ticks += 5n) });
    const suite = counted.suite(1);
    suite.hash(new Uint8Array(1));
    suite.sign(new Uint8Array(32).fill(1), new Uint8Array(1));
    expect(counted.usage.calls).toMatchObject({ hash: 1, sign: 1, verify: 0 });
    expect(counted.usage.nanoseconds).toBeGreaterThan(0n);
    expect(native.usage.nanoseconds, 'no clock, no time').toBe(0n);
  });

  it('gives one suite object for each id and refuses others', () => {
    expect(native.suite(2)).toBe(native.suite(2));
    expect(() => native.suite(9 as CipherSuiteId)).toThrow(/cipher suite 9/);
  });

  it('called noble needs nothing of Node', () => {
    const folder = join(import.meta.dirname, '../../stack/crypto');
    const portable = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter(
      (name) => name.endsWith('.ts') && !name.startsWith('native') && name !== 'index.ts',
    );
    expect(portable).toContain(join('noble', 'noble-provider.ts'));
    for (const name of portable) {
      const source = readFileSync(join(folder, name), 'utf8');
      expect(source, name).not.toMatch(/from 'node:|from '.*native|\bBuffer\b/);
    }
  });
});
