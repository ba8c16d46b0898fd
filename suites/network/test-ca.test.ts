import { X509Certificate } from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import { MemoryStore } from '../../emulators/network/memory-store.ts';
import { systemClock } from '../../emulators/network/sockets/system-clock.ts';
import { newTestKey, TestCa } from '../../emulators/network/sockets/test-ca.ts';

const DAY_MS = 86_400_000;

/** Judged by node:crypto (OpenSSL), which shares no code with what makes the certificates. */
describe('the test authority', () => {
  let ca: TestCa;
  beforeAll(async () => {
    ca = await TestCa.open({ now: systemClock.now });
  });

  it('is a certification authority that may sign leaves only (RFC 5280 section 4.2.1.9)', () => {
    const root = new X509Certificate(ca.certificate);
    expect(root.ca).toBe(true);
    expect(root.checkIssued(root)).toBe(true);
    expect(root.verify(root.publicKey)).toBe(true);
  });

  it('issues a leaf for the names and addresses asked for, and no others', async () => {
    const root = new X509Certificate(ca.certificate);
    const names = ['pcscf.example', 'localhost', '127.0.0.1', '::1'];
    const leaf = new X509Certificate((await ca.issue({ names })).certificate);
    expect(leaf.ca).toBe(false);
    expect(leaf.checkIssued(root) && leaf.verify(root.publicKey)).toBe(true);
    expect(leaf.keyUsage).toEqual(['1.3.6.1.5.5.7.3.1']);
    expect(leaf.checkHost('PCSCF.example')).toBeDefined();
    expect(leaf.checkHost('other.example')).toBeUndefined();
    expect([leaf.checkIP('127.0.0.1'), leaf.checkIP('::1')]).not.toContain(undefined);
    expect(leaf.checkIP('127.0.0.2')).toBeUndefined();
  });

  it('writes the dates asked for, and 90 days unless asked', async () => {
    const now = Math.floor(systemClock.now() / 1000) * 1000;
    const notBefore = now - 3 * DAY_MS;
    const expired = new X509Certificate(
      (await ca.issue({ names: ['a.example'], notBefore, notAfter: now - DAY_MS })).certificate,
    );
    expect([Date.parse(expired.validFrom), Date.parse(expired.validTo)]).toEqual([notBefore, now - DAY_MS]);
    const usual = new X509Certificate((await ca.issue({ names: ['a.example'] })).certificate);
    expect(Date.parse(usual.validFrom)).toBeLessThan(now);
    expect(Math.round((Date.parse(usual.validTo) - now) / DAY_MS)).toBe(90);
  });

  it('certifies a given key, whose pin stays when the certificate is renewed', async () => {
    const key = newTestKey();
    const [first, second] = [
      await ca.issue({ names: ['a.example'], key }),
      await ca.issue({ names: ['a.example'], key }),
    ];
    expect(first.certificate).not.toBe(second.certificate);
    expect([first.pin, second.pin]).toEqual([key.pin, key.pin]);
    expect((await ca.issue({ names: ['a.example'] })).pin).not.toBe(key.pin);
  });

  it('is the same after a restart with the same store, and another without', async () => {
    const store = new MemoryStore();
    const first = await TestCa.open({ now: systemClock.now, store });
    const again = await TestCa.open({ now: systemClock.now, store });
    expect(again.certificate).toBe(first.certificate);
    const leaf = new X509Certificate((await again.issue({ names: ['a.example'] })).certificate);
    expect(leaf.verify(new X509Certificate(first.certificate).publicKey)).toBe(true);
    expect(leaf.verify(new X509Certificate(ca.certificate).publicKey)).toBe(false);
  });
});
