import { X509Certificate } from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import { systemClock } from '../../emulators/network/sockets/system-clock.ts';
import { SocketCertificates } from '../../harness/world/socket-certificates.ts';

const HOST = 'pcscf.example';
const VALID = {
  names: [HOST],
  notBefore: 0,
  notAfter: Number.MAX_SAFE_INTEGER,
  issuer: 'Parley test CA',
  spkiSha256: '',
};

describe('certificates of a world on sockets are what its carriers wish for', () => {
  let certificates: SocketCertificates;
  let root: X509Certificate;
  beforeAll(async () => {
    certificates = await SocketCertificates.open(systemClock.now);
    root = new X509Certificate(certificates.authority.certificate);
  });

  it('valid unless told otherwise, for the name of the host and for its key', async () => {
    const shown = await certificates.credentialsOf({ name: HOST });
    const leaf = new X509Certificate(shown.certificate);
    expect([leaf.verify(root.publicKey), leaf.checkHost(HOST)]).toEqual([true, HOST]);
    expect(shown.pin).toBe(certificates.pinOf(HOST));
    expect(await certificates.credentialsOf({ name: HOST })).toBe(shown);
  });

  it('with names, dates and issuer of the wish', async () => {
    const wish = { ...VALID, names: ['old.example'], notAfter: systemClock.now() - 1_000 };
    const leaf = new X509Certificate(
      (await certificates.credentialsOf({ name: HOST, certificate: wish })).certificate,
    );
    expect([leaf.checkHost(HOST), leaf.checkHost('old.example')]).toEqual([undefined, 'old.example']);
    expect(Date.parse(leaf.validTo)).toBeLessThan(systemClock.now());
    const foreign = { ...VALID, issuer: 'Somebody else CA' };
    const other = await certificates.credentialsOf({ name: HOST, certificate: foreign });
    expect(new X509Certificate(other.certificate).verify(root.publicKey)).toBe(false);
    const lasting = await certificates.credentialsOf({ name: HOST, certificate: VALID });
    expect(new X509Certificate(lasting.certificate).validTo).toContain('9999');
  });

  it('for the key that the wish names by its pin: a rotated one is another', async () => {
    const rotated = certificates.pinOf(HOST, 1);
    expect(rotated).not.toBe(certificates.pinOf(HOST));
    const shown = await certificates.credentialsOf({
      name: HOST,
      certificate: { ...VALID, spkiSha256: rotated },
    });
    expect(shown.pin).toBe(rotated);
  });
});
