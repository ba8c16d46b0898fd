import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  type CipherSuiteId,
  CryptoError,
  createNativeProvider,
  createNobleProvider,
  isSupportedSuite,
} from '../../stack/crypto/index.ts';
import { everySuite } from './every-suite.ts';

describe('a provider', () => {
  it('knows the seven suites of RFC 9420 section 17.1 and no others', () => {
    const names = everySuite.map((id) => createNativeProvider().suite(id).name);
    expect(names).toEqual([
      'MLS_128_DHKEMX25519_AES128GCM_SHA256_Ed25519',
      'MLS_128_DHKEMP256_AES128GCM_SHA256_P256',
      'MLS_128_DHKEMX25519_CHACHA20POLY1305_SHA256_Ed25519',
      'MLS_256_DHKEMX448_AES256GCM_SHA512_Ed448',
      'MLS_256_DHKEMP521_AES256GCM_SHA512_P521',
      'MLS_256_DHKEMX448_CHACHA20POLY1305_SHA512_Ed448',
      'MLS_256_DHKEMP384_AES256GCM_SHA384_P384',
    ]);
    expect(everySuite.every(isSupportedSuite)).toBe(true);
    for (const id of [0, 8, 0x0a0a, 1.5, -1, Number.NaN]) {
      expect(isSupportedSuite(id), `${id}`).toBe(false);
      expect(() => createNobleProvider().suite(id as CipherSuiteId), `${id}`).toThrow(CryptoError);
    }
  });

  it('counts its own calls and time', () => {
    let ticks = 0n;
    const counted = createNativeProvider({ nanoseconds: () => (ticks += 5n) });
    const suite = counted.suite(1);
    suite.hash(new Uint8Array(1));
    suite.sign(new Uint8Array(32).fill(1), new Uint8Array(1));
    expect(counted.usage.calls).toMatchObject({ hash: 1, sign: 1, verify: 0 });
    expect(counted.usage.nanoseconds).toBeGreaterThan(0n);
    const unclocked = createNativeProvider();
    unclocked.suite(1).hash(new Uint8Array(1));
    expect(unclocked.usage.nanoseconds, 'no clock, no time').toBe(0n);
  });

  it('counts over all its suites', () => {
    const counted = createNobleProvider();
    for (const id of everySuite) counted.suite(id).hash(new Uint8Array(1));
    expect(counted.usage.calls['hash']).toBe(everySuite.length);
  });

  it('gives one suite object for each id', () => {
    const provider = createNativeProvider();
    expect(provider.suite(2)).toBe(provider.suite(2));
    expect(() => provider.suite(9 as CipherSuiteId)).toThrow(/cipher suite 9/);
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
