import { afterEach, describe, expect, test } from 'vitest';
import { SeededRandom } from '../../emulators/network/seeded-random.ts';
import { keepAliveWait, registrationWait } from '../../stack/client/registration-waits.ts';
import { writeReginfo } from '../../stack/rcs/event-packages/reginfo.ts';
import { authenticationInfo, parseDigestHeader, writeChallenge } from '../../stack/rcs/sip/digest.ts';
import { header, headerValues } from '../../stack/rcs/sip/headers.ts';
import { type FakeHome, fakeHome, granted, HOME, PROXIES, type Script } from './fake-registrar.ts';

let home: FakeHome;
afterEach(() => home.close());

function open(script: Script): FakeHome {
  home = fakeHome((request, proxy) => (request.method === 'SUBSCRIBE' ? [489] : script(request, proxy)));
  return home;
}

const challenge = (nonce: string, stale = false) => [
  {
    name: 'WWW-Authenticate',
    value: writeChallenge({ realm: HOME, nonce, algorithm: 'SHA-256', qop: 'auth', stale }),
  },
];

describe('a REGISTER (docs/rcs-signalling.md 2.2)', () => {
  test('goes to the home domain without user part, and names the private identity before it is asked (C01, C02)', async () => {
    const { ims, run, registers } = open((request) => granted(request));
    expect(await run(ims.register([]))).toMatchObject({ kind: 'registered' });
    const [first] = registers();
    expect(first!.request.uri).toBe(`sip:${HOME}`);
    expect(parseDigestHeader(header(first!.request, 'Authorization')!)).toEqual({
      ...{ username: `999@${HOME}`, realm: HOME, nonce: '', uri: `sip:${HOME}`, response: '' },
    });
    expect(headerValues(first!.request, 'Supported')).toEqual(['path', 'gruu', 'outbound']);
    expect(header(first!.request, 'Via')).toMatch(/;keep(;|$)/);
  });

  test('is refreshed before it ends, in the same call, with the nonce it has (C06)', async () => {
    const { ims, run, registers, clock } = open((request) => {
      const given = parseDigestHeader(header(request, 'Authorization')!);
      return given?.nonce === '' ? [401, { headers: challenge('n1') }] : granted(request, 3_600);
    });
    await run(ims.register([]));
    await clock.advance(3_001_000);
    const all = registers();
    expect(all.map(({ cseq }) => cseq)).toEqual([1, 2, 3]);
    expect(new Set(all.map(({ request }) => header(request, 'Call-ID'))).size).toBe(1);
    expect(Math.floor(all[2]!.at)).toBe(3_000);
    expect(parseDigestHeader(header(all[2]!.request, 'Authorization')!)).toMatchObject({
      nonce: 'n1',
      nc: '00000002',
    });
  });

  test('asks again with Min-Expires after 423, once (C05)', async () => {
    const { ims, run, registers } = open(() => [
      423,
      { headers: [{ name: 'Min-Expires', value: '700000' }] },
    ]);
    expect(await run(ims.register([]))).toMatchObject({ kind: 'refused', status: 423 });
    const asked = registers().map(({ request }) => /expires=(\d+)/.exec(header(request, 'Contact')!)?.[1]);
    expect(asked).toEqual(['600000', '700000']);
  });

  test.each([403, 404, 494])('is not sent again after %i', async (status) => {
    const { ims, run, registers } = open(() => [status]);
    expect(await run(ims.register([]))).toMatchObject({ kind: 'refused', status });
    expect(registers()).toHaveLength(1);
  });

  test('gives up after a second 401 without stale', async () => {
    let nonce = 0;
    const { ims, run, registers } = open(() => [401, { headers: challenge(`n${++nonce}`) }]);
    expect(await run(ims.register([]))).toMatchObject({ kind: 'refused', status: 401 });
    expect(registers()).toHaveLength(2);
  });

  test('agrees on TLS after 494, for it has it already (RFC 3329 2.3.1)', async () => {
    const { ims, run, registers } = open((request) =>
      header(request, 'Security-Verify') === undefined
        ? [
            494,
            {
              headers: [{ name: 'Security-Server', value: 'ipsec-3gpp;alg=hmac-sha-1-96;q=0.2, tls;q=0.1' }],
            },
          ]
        : granted(request),
    );
    expect(await run(ims.register([]))).toMatchObject({ kind: 'registered' });
    expect(header(registers()[1]!.request, 'Security-Client')).toBe('tls');
  });

  test.each([
    ['pcscf2.home.example', 'of the configuration', 'registered'],
    ['evil.example', 'of somebody else', 'refused'],
  ])('follows a 302 to %s, a host %s: %s', async (host, _, kind) => {
    const { ims, run, registers } = open((request, proxy) =>
      proxy === PROXIES[0]
        ? [302, { headers: [{ name: 'Contact', value: `<sip:${host}:5061;transport=tls>` }] }]
        : granted(request),
    );
    expect(await run(ims.register([]))).toMatchObject({ kind });
    expect(registers()).toHaveLength(kind === 'registered' ? 2 : 1);
  });

  test('does not trust a network that cannot prove itself (RFC 7616 3.5)', async () => {
    const { ims, run } = open((request) => {
      const given = parseDigestHeader(header(request, 'Authorization')!)!;
      if (given.nonce === '') return [401, { headers: challenge('n1') }];
      const info = authenticationInfo(given, { password: 'guessed' })!;
      return granted(request, 3_600, [{ name: 'Authentication-Info', value: info }]);
    });
    expect(await run(ims.register([]))).toMatchObject({ kind: 'refused', status: 200 });
  });
});

describe('a P-CSCF that is no help', () => {
  test.each([408, 500, 503, 504])('%i: the next one is asked, and stays', async (status) => {
    const { ims, run, registers, received } = open((request, proxy) =>
      proxy === PROXIES[0] ? [status] : request.method === 'REGISTER' ? granted(request) : [200],
    );
    expect(await run(ims.register([]))).toMatchObject({ kind: 'registered' });
    expect(registers().map(({ proxy }) => proxy)).toEqual(PROXIES);
    await run(ims.request('OPTIONS', '+999900200002', []));
    expect(received.at(-1)?.proxy).toBe(PROXIES[1]);
  });

  test('503 of all with Retry-After: the soonest of them counts', async () => {
    const { ims, run } = open((_, proxy) => [
      503,
      { headers: [{ name: 'Retry-After', value: proxy === PROXIES[0] ? '300' : '120' }] },
    ]);
    expect(await run(ims.register([]))).toEqual({
      ...{ kind: 'unreachable', reason: '503 Service Unavailable', retryAfterMs: 120_000 },
    });
  });

  test('trouble at a refresh does not end what is still granted (hazard R09)', async () => {
    let trouble = false;
    const { ims, run, clock, losses, registers } = open((request) => (trouble ? [503] : granted(request)));
    await run(ims.register([]));
    trouble = true;
    await clock.advance(3_100_000);
    expect([ims.isRegistered, losses]).toEqual([true, []]);
    trouble = false;
    await clock.advance(400_000);
    expect(registers().at(-1)!.at).toBeGreaterThan(3_100);
    await clock.advance(1_000_000);
    expect([ims.isRegistered, losses]).toEqual([true, []]);
  });

  test('trouble to the end of it does', async () => {
    let trouble = false;
    const { ims, run, clock, losses } = open((request) => (trouble ? [503] : granted(request)));
    await run(ims.register([]));
    trouble = true;
    await clock.advance(3_700_000);
    expect([ims.isRegistered, losses]).toEqual([false, [{ why: '503 Service Unavailable', again: 'later' }]]);
  });
});

describe('a registered phone', () => {
  const SERVICE_ROUTE = { name: 'Service-Route', value: `<sip:orig@scscf.${HOME};lr>` };

  test('goes by its Service-Route and under the identity that the network gave it (C07; RFC 7315 4.1)', async () => {
    const identity = {
      name: 'P-Associated-URI',
      value: '<sip:+999900100009@given.example>, <tel:+999900100009>',
    };
    const { ims, run, received } = open((request) =>
      request.method === 'REGISTER' ? granted(request, 3_600, [SERVICE_ROUTE, identity]) : [200],
    );
    await run(ims.register([]));
    await run(ims.request('OPTIONS', '+999900200002', []));
    const { request } = received.at(-1)!;
    expect(headerValues(request, 'Route')).toEqual([
      `<sip:${PROXIES[0]}:5061;lr;transport=tls>`,
      SERVICE_ROUTE.value,
    ]);
    expect(header(request, 'P-Preferred-Identity')).toBe('<sip:+999900100009@given.example>');
  });

  test('answers 407 to a MESSAGE with the same message, one CSeq on', async () => {
    const { ims, run, received } = open((request) => {
      if (request.method === 'REGISTER') return granted(request);
      if (header(request, 'Proxy-Authorization') !== undefined) return [202];
      const value = writeChallenge({ realm: HOME, nonce: 'n', algorithm: 'MD5', qop: 'auth' });
      return [407, { headers: [{ name: 'Proxy-Authenticate', value }] }];
    });
    await run(ims.register([]));
    const answer = await run(ims.request('MESSAGE', '+999900200002', [], new Uint8Array([65])));
    expect(answer.status).toBe(202);
    const sent = received.filter(({ request }) => request.method === 'MESSAGE').map(({ request }) => request);
    expect(sent.map((request) => header(request, 'CSeq'))).toEqual(['1 MESSAGE', '2 MESSAGE']);
    expect(sent[0]!.body).toEqual(sent[1]!.body);
    expect(header(sent[0]!, 'Call-ID')).toBe(header(sent[1]!, 'Call-ID'));
  });

  test('registers again when the network has forgotten it, and only then (hazard R03)', async () => {
    const phrases = ['Forbidden', 'Blocked by callee', 'Service not authorised', 'User not registered'];
    for (const reason of phrases) {
      let told = false;
      const { ims, run, registers, close } = open((request) => {
        if (request.method === 'REGISTER') return granted(request);
        if (told) return [200];
        told = true;
        return [403, { reason }];
      });
      await run(ims.register([]));
      const { status } = await run(ims.request('MESSAGE', '+999900200002', []));
      const forgotten = reason === 'User not registered';
      expect([reason, status, registers().length]).toEqual([
        reason,
        forgotten ? 200 : 403,
        forgotten ? 2 : 1,
      ]);
      close();
    }
  });

  test('keeps its flow alive within Flow-Timer, and sees that it is dead by silence (RFC 5626 4.4.1, hazard R10)', async () => {
    const timer = { name: 'Flow-Timer', value: '120' };
    const { ims, run, clock, access, losses } = open((request) => granted(request, 3_600, [timer]));
    await run(ims.register([]));
    await clock.advance(1_000_000);
    expect([ims.isRegistered, losses]).toEqual([true, []]);
    access.cut();
    await clock.advance(131_000);
    expect(losses).toEqual([{ why: 'the connection to the network failed', again: 'later' }]);
    expect(ims.isRegistered).toBe(false);
    access.heal();
  });

  test('sees at once when the network closes its flow', async () => {
    const { ims, run, clock, endpoints, losses } = open((request) => granted(request));
    await run(ims.register([]));
    for (const endpoint of endpoints.values()) endpoint.close();
    await clock.advance(1_000);
    expect(losses).toMatchObject([{ again: 'later' }]);
  });
});

describe('a network that ends the registration (RFC 3680, TS 24.229 5.1.1.7)', () => {
  test.each([
    ['deactivated', undefined, { again: 'now' }],
    ['rejected', undefined, { again: 'never' }],
    ['probation', 90, { again: 'later', retryAfterMs: 90_000 }],
  ] as const)('%s', async (event, retryAfter, loss) => {
    home = fakeHome((request) =>
      request.method === 'SUBSCRIBE'
        ? [
            200,
            {
              headers: [
                { name: 'Expires', value: '3600' },
                { name: 'Contact', value: `<sip:${PROXIES[0]}:5061;transport=tls>` },
              ],
            },
          ]
        : granted(request),
    );
    const { ims, run, clock, received, endpoints, losses } = home;
    await run(ims.register([]));
    await clock.advance(1_000);
    const { request, incoming } = received.find((one) => one.request.method === 'SUBSCRIBE')!;
    expect([header(request, 'Event'), header(request, 'Accept')]).toEqual(['reg', 'application/reginfo+xml']);
    const instance = '<urn:uuid:0f6e6d2a-6a51-4e0b-9d0e-6a0f1c7b0001>';
    const ended = (of: string) => ({
      ...{ id: of, state: 'terminated' as const, event, uri: 'sip:ue@phone' },
      ...(retryAfter !== undefined && { retryAfter }),
      params: new Map([['+sip.instance', of]]),
    });
    const notify = (body: Uint8Array) =>
      endpoints.get(PROXIES[0]!)!.request(
        {
          kind: 'request',
          method: 'NOTIFY',
          uri: 'sip:ue@phone.ue.example',
          headers: [
            { name: 'From', value: `${header(request, 'To')};tag=${incoming.localTag}` },
            { name: 'To', value: header(request, 'From')! },
            { name: 'Call-ID', value: header(request, 'Call-ID')! },
            { name: 'CSeq', value: `${++cseq} NOTIFY` },
            { name: 'Contact', value: `<sip:${PROXIES[0]}:5061;transport=tls>` },
            { name: 'Event', value: 'reg' },
            { name: 'Subscription-State', value: 'active;expires=3600' },
            { name: 'Content-Type', value: 'application/reginfo+xml' },
          ],
          body,
        },
        { transport: 'tls', host: 'phone.ue.example', port: 5061, flow: incoming.flow },
      );
    let cseq = 0;
    const document = (contacts: ReturnType<typeof ended>[]) =>
      writeReginfo({
        version: cseq,
        state: 'full',
        registrations: [{ aor: 'a', id: 'r', state: 'terminated', contacts }],
      });
    expect((await run(notify(new TextEncoder().encode('<no reginfo')))).status).toBe(400);
    expect((await run(notify(document([ended('<urn:uuid:another>')])))).status).toBe(200);
    expect(losses).toEqual([]);
    expect((await run(notify(document([ended(instance)])))).status).toBe(200);
    expect(losses).toEqual([{ why: `the network ended the registration: ${event}`, ...loss }]);
    expect(ims.isRegistered).toBe(false);
  });
});

describe('waits (RFC 5626 4.4, 4.5)', () => {
  test('double from 30 s to 30 min, half of each left to chance, and never before Retry-After', () => {
    home = fakeHome(() => undefined);
    const random = new SeededRandom('waits');
    for (let failures = 0; failures < 40; failures += 1) {
      const bound = Math.min(1_800_000, 30_000 * 2 ** failures);
      const wait = registrationWait(random, failures);
      expect(wait).toBeGreaterThanOrEqual(bound / 2);
      expect(wait).toBeLessThanOrEqual(bound);
      expect(registrationWait(random, failures, 60_000)).toBeGreaterThanOrEqual(60_000 + bound / 2);
      expect(keepAliveWait(random, 100)).toBeGreaterThanOrEqual(80_000);
      expect(keepAliveWait(random, 100)).toBeLessThanOrEqual(100_000);
    }
    const spread = new Set(Array.from({ length: 20 }, () => registrationWait(random, 0)));
    expect(spread.size).toBeGreaterThan(15);
  });
});
