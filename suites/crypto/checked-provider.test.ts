import { describe, expect, it } from 'vitest';
import {
  type CipherSuite,
  createCheckedProvider,
  createNativeProvider,
  NonceReuseError,
} from '../../stack/crypto/index.ts';
import { seededRandom } from './seeded-random.ts';
import { noBytes } from './test-bytes.ts';

const key = (n: number) => new Uint8Array(16).fill(n);
const nonce = (n: number) => new Uint8Array(12).fill(n);
const seal = (suite: CipherSuite, k: number, n: number, text = noBytes) =>
  suite.aeadSeal(key(k), nonce(n), noBytes, text);

describe('a checked provider', () => {
  it('lets one key be used with many nonces and one nonce with many keys', () => {
    const provider = createCheckedProvider(createNativeProvider());
    const suite = provider.suite(1);
    for (let k = 0; k < 20; k++) for (let n = 0; n < 20; n++) seal(suite, k, n);
    expect(provider.sealed).toBe(400);
  });

  it('throws when a key and nonce seal twice, even the same text', () => {
    const suite = createCheckedProvider(createNativeProvider()).suite(1);
    seal(suite, 1, 1, Uint8Array.of(1));
    expect(() => seal(suite, 1, 1, Uint8Array.of(2))).toThrow(NonceReuseError);
    expect(() => seal(suite, 1, 1, Uint8Array.of(1))).toThrow(NonceReuseError);
  });

  it('sees reuse across suites, and not across providers', () => {
    const [one, other] = [
      createCheckedProvider(createNativeProvider()),
      createCheckedProvider(createNativeProvider()),
    ];
    seal(one.suite(1), 1, 1);
    expect(() => seal(one.suite(2), 1, 1)).toThrow(NonceReuseError);
    expect(() => seal(other.suite(2), 1, 1)).not.toThrow();
  });

  it('throws when an HPKE ephemeral key repeats to one recipient under one info', () => {
    const suite = createCheckedProvider(createNativeProvider()).suite(2);
    const [a, b] = ['a', 'b'].map((name) => suite.hpke.generateKeyPair(seededRandom(name)).publicKey);
    const sealTo = (seed: string, publicKey: Uint8Array, info: Uint8Array) => () =>
      suite.hpke.sealBase(seededRandom(seed), publicKey, info, noBytes, noBytes);
    expect(sealTo('e', a!, noBytes)).not.toThrow();
    expect(sealTo('e', b!, noBytes), 'another recipient').not.toThrow();
    expect(sealTo('e', a!, Uint8Array.of(1)), 'another info').not.toThrow();
    expect(sealTo('f', a!, noBytes), 'another ephemeral key').not.toThrow();
    expect(sealTo('e', a!, noBytes)).toThrow(NonceReuseError);
  });

  it('does not mind opening twice', () => {
    const suite = createCheckedProvider(createNativeProvider()).suite(1);
    const sealed = seal(suite, 1, 1);
    for (let i = 0; i < 2; i++) expect(suite.aeadOpen(key(1), nonce(1), noBytes, sealed)).toEqual(noBytes);
  });

  it('never forgets the latest seals of its capacity, and holds at most twice as many', () => {
    const suite = createCheckedProvider(createNativeProvider(), { capacity: 10 }).suite(1);
    for (let n = 0; n < 25; n++) seal(suite, 1, n);
    for (let n = 15; n < 25; n++) expect(() => seal(suite, 1, n), `nonce ${n}`).toThrow(NonceReuseError);
    expect(() => seal(suite, 1, 0), 'long forgotten').not.toThrow();
  });

  it('is otherwise the provider that it wraps', () => {
    const provider = createNativeProvider();
    const checked = createCheckedProvider(provider);
    expect(checked.suite(3)).toBe(checked.suite(3));
    expect([checked.name, checked.suite(3).name]).toEqual([provider.name, provider.suite(3).name]);
    checked.suite(3).hash(noBytes);
    expect(provider.usage.calls['hash']).toBe(1);
  });
});
