import { afterEach, describe, expect, test } from 'vitest';
import { SERVED_METHODS } from '../../emulators/carrier/edge/edge.ts';
import { header, headerValues } from '../../stack/rcs/sip/headers.ts';
import { contactTagNames } from './bare-phone.ts';
import { ALICE, AMY, type Bench, BOB, openBench, SMS_ANN } from './bench.ts';

let bench: Bench;
afterEach(() => bench.close());

describe('the registrar (RFC 3261 10.3)', () => {
  test.each(['tls', 'tcp', 'udp'] as const)(
    'registers over %s after one SHA-256 challenge',
    async (transport) => {
      bench = openBench();
      const phone = bench.phone(ALICE, { transport });
      const answer = await bench.run(phone.register());
      expect(answer.status).toBe(200);
      expect(headerValues(answer, 'P-Associated-URI')).toEqual([
        `<sip:${ALICE.msisdn}@ims.mnc001.mcc999.3gppnetwork.org>`,
        `<tel:${ALICE.msisdn}>`,
      ]);
      expect(header(answer, 'Service-Route')).toBe('<sip:orig@ims.mnc001.mcc999.3gppnetwork.org;lr>');
      expect(header(answer, 'Path')).toContain('pcscf.ims.mnc001');
      expect(header(answer, 'Contact')).toContain('expires=3600');
    },
  );

  test('challenges with SHA-256 and qop auth, and with a new nonce each time', async () => {
    bench = openBench();
    const phone = bench.phone(ALICE);
    const contact = { name: 'Contact', value: phone.contact };
    const to = { name: 'To', value: `<sip:${ALICE.msisdn}@ims.mnc001.mcc999.3gppnetwork.org>` };
    const ask = () =>
      bench.run(phone.request('REGISTER', 'sip:ims.mnc001.mcc999.3gppnetwork.org', [contact, to]));
    const [one, two] = [await ask(), await ask()].map((answer) => header(answer, 'WWW-Authenticate') ?? '');
    expect(one).toMatch(/^Digest .*algorithm=SHA-256/);
    expect(one).toMatch(/qop="auth"/);
    expect(/nonce="([^"]+)"/.exec(one!)?.[1]).not.toBe(/nonce="([^"]+)"/.exec(two!)?.[1]);
  });

  test('a right answer to a challenge counts once: repeated, it is stale', async () => {
    bench = openBench();
    const phone = bench.phone(ALICE);
    await bench.run(phone.register());
    const sent = bench.frames
      .filter((f) => f.from.host === ALICE.host)
      .map((f) => Buffer.from(f.bytes ?? []).toString());
    const replayed = /Authorization: (.*response="[0-9a-f]{64}".*)\r\n/.exec(sent.join(''))![1]!;
    const to = { name: 'To', value: `<sip:${ALICE.msisdn}@ims.mnc001.mcc999.3gppnetwork.org>` };
    const again = [{ name: 'Contact', value: phone.contact }, to, { name: 'Authorization', value: replayed }];
    const answer = await bench.run(phone.request('REGISTER', 'sip:ims.mnc001.mcc999.3gppnetwork.org', again));
    expect(answer.status).toBe(401);
    expect(header(answer, 'WWW-Authenticate')).toMatch(/stale=true/i);
  });

  test('answers 400 to a Contact that is no address, and to * without Expires 0', async () => {
    bench = openBench();
    const phone = bench.phone(ALICE);
    expect((await bench.run(phone.register(3_600, { contact: 'nonsense' }))).status).toBe(400);
    expect((await bench.run(phone.register(3_600, { contact: '*' }))).status).toBe(400);
  });

  test('answers 403 to a wrong password', async () => {
    bench = openBench();
    expect((await bench.run(bench.phone(ALICE, { password: 'guessed' }).register())).status).toBe(403);
  });

  test('answers 403 when the private identity is not that of the public one', async () => {
    bench = openBench();
    const answer = await bench.run(
      bench.phone(ALICE).register(3_600, { to: `sip:${AMY.msisdn}@ims.mnc001.mcc999.3gppnetwork.org` }),
    );
    expect(answer.status).toBe(403);
  });

  test('answers 404 to a number that it does not have, 403 to a subscriber without RCS', async () => {
    bench = openBench();
    const stranger = { ...ALICE, msisdn: '+999001999999' };
    expect((await bench.run(bench.phone(stranger).register())).status).toBe(404);
    expect((await bench.run(bench.phone(SMS_ANN).register())).status).toBe(403);
  });

  test('answers 423 with Min-Expires to a registration of a few seconds', async () => {
    bench = openBench();
    const answer = await bench.run(bench.phone(ALICE).register(5));
    expect(answer.status).toBe(423);
    expect(header(answer, 'Min-Expires')).toBe('60');
  });

  test('grants no longer than configured', async () => {
    bench = openBench({ a: { signalling: { transports: ['tls'], expiresMs: 600_000 } } });
    expect(header(await bench.run(bench.phone(ALICE).register(600_000)), 'Contact')).toContain('expires=600');
  });

  test('ends a registration when its time is up', async () => {
    bench = openBench();
    const phone = bench.phone(ALICE);
    await bench.run(phone.register(120));
    expect((await bench.run(phone.options(ALICE.msisdn))).status).toBe(200);
    await bench.clock.advance(121_000);
    const answer = await bench.run(phone.options(ALICE.msisdn));
    expect([answer.status, answer.reason]).toEqual([403, 'User not registered']);
  });

  test('ends a registration when asked with expires=0', async () => {
    bench = openBench();
    const phone = bench.phone(ALICE);
    await bench.run(phone.register());
    const answer = await bench.run(phone.register(0));
    expect(answer.status).toBe(200);
    expect(header(answer, 'Contact')).toBeUndefined();
  });

  test('lists every device of the subscriber in its 200', async () => {
    bench = openBench();
    await bench.run(
      bench.phone(ALICE, { instance: 'urn:uuid:11111111-1111-4111-8111-111111111111' }).register(),
    );
    const second = bench.phone(ALICE, {
      instance: 'urn:uuid:22222222-2222-4222-8222-222222222222',
      transport: 'tcp',
    });
    expect(headerValues(await bench.run(second.register()), 'Contact')).toHaveLength(2);
  });

  test('a UP 3.0 carrier without E2EE takes the MLS tags out of what it grants, one of UP 2.4 leaves them', async () => {
    bench = openBench({
      a: { e2ee: { enabled: false } },
      b: { universalProfile: '2.4', e2ee: { enabled: false } },
    });
    const granted = contactTagNames(await bench.run(bench.phone(ALICE).register()));
    expect(granted).toContain('+g.3gpp.icsi-ref');
    expect(granted.filter((name) => name.includes('mls'))).toEqual([]);
    const untouched = contactTagNames(await bench.run(bench.phone(BOB).register()));
    expect(untouched).toContain('+g.gsma.rcs.mls.mls-kds');
  });
});

describe('the proxy (RFC 3261 16)', () => {
  test.each([
    ['405 with Allow for what it does not serve', 405, 'INFO', []],
    ['483 when the hops are used up', 483, 'MESSAGE', [{ name: 'Max-Forwards', value: '0' }]],
    [
      '400 for a message/cpim body that is none',
      400,
      'MESSAGE',
      [{ name: 'Content-Type', value: 'message/cpim' }],
    ],
  ])('answers %s', async (_, status, method, headers) => {
    bench = openBench();
    const phone = bench.phone(ALICE);
    await bench.run(phone.register());
    const body = new TextEncoder().encode('not a header');
    const answer = await bench.run(phone.request(method, `tel:${AMY.msisdn}`, headers, body));
    expect(answer.status).toBe(status);
    if (status === 405) expect(header(answer, 'Allow')).toBe(SERVED_METHODS);
  });

  test('answers an OPTIONS about itself', async () => {
    bench = openBench();
    const phone = bench.phone(ALICE);
    await bench.run(phone.register());
    const answer = await bench.run(phone.request('OPTIONS', 'sip:ims.mnc001.mcc999.3gppnetwork.org', []));
    expect([answer.status, header(answer, 'Allow')]).toEqual([200, 'OPTIONS, MESSAGE']);
  });
});

describe('transports', () => {
  test('a carrier that is TLS only refuses TCP and hears no UDP', async () => {
    bench = openBench({ a: { signalling: { transports: ['tls'], expiresMs: 3_600_000 } } });
    const tcp = await bench.run(bench.phone(ALICE, { transport: 'tcp' }).register());
    expect([tcp.status, tcp.local]).toEqual([503, true]);
    const udp = await bench.run(bench.phone(AMY, { transport: 'udp' }).register());
    expect([udp.status, udp.local]).toEqual([408, true]);
    expect((await bench.run(bench.phone(AMY, { transport: 'tls' }).register())).status).toBe(200);
    expect(bench.frames.filter((f) => f.from.host.includes('mnc001') && f.protocol === 'udp')).toEqual([]);
  });
});
