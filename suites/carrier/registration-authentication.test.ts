import { afterEach, describe, expect, test } from 'vitest';
import type { CarrierConfig } from '../../emulators/carrier/config.ts';
import { homeDomain, privateIdentity } from '../../emulators/carrier/config.ts';
import { Nonces } from '../../emulators/carrier/registrar/nonces.ts';
import { EmulatedSim } from '../../emulators/devices/sim.ts';
import { SeededRandom } from '../../emulators/network/seeded-random.ts';
import { VirtualClock } from '../../emulators/network/virtual-clock.ts';
import type { Sim } from '../../stack/platform.ts';
import { authenticatedRequest } from '../../stack/rcs/sip/authenticated-request.ts';
import { parseAuthenticationInfo } from '../../stack/rcs/sip/digest.ts';
import { DigestClient } from '../../stack/rcs/sip/digest-client.ts';
import { header, headerValues } from '../../stack/rcs/sip/headers.ts';
import { ALICE, AMY, type Bench, OPERATOR_A, openBench, SMS_ANN } from './bench.ts';

let bench: Bench;
afterEach(() => bench.close());

const KEY = { k: new Uint8Array(16).fill(1), opc: new Uint8Array(16).fill(2) };
const REALM = homeDomain(OPERATOR_A);

function open(signalling: Partial<CarrierConfig['signalling']>, withSim = true): Bench {
  return openBench({
    a: {
      signalling: { transports: ['tls', 'tcp', 'udp'], expiresMs: 3_600_000, ...signalling },
      subscribers: [{ ...ALICE, ...(withSim && { sim: KEY }) }, AMY, SMS_ANN],
    },
  });
}

const challenges = (answer: Parameters<typeof headerValues>[0], name = 'WWW-Authenticate') =>
  headerValues(answer, name).map((value) => /algorithm=([^,]+)/.exec(value)?.[1]);

describe('what a carrier offers (RFC 8760 2.4)', () => {
  test.each([
    [['digest-md5'], ['MD5']],
    [
      ['digest-sha512-256', 'digest-sha256', 'digest-md5'],
      ['SHA-512-256', 'SHA-256', 'MD5'],
    ],
    [
      ['aka', 'digest-sha256'],
      ['AKAv1-MD5', 'SHA-256'],
    ],
  ] as const)('%j: each in a header of its own, the preferred one first', async (auth, algorithms) => {
    bench = open({ auth });
    const phone = bench.phone(ALICE, { password: 'guessed' });
    const answer = await bench.run(phone.register(3_600, { authorization: '' }));
    // The bare phone answers the first with a password; a challenge to a SIM it leaves alone.
    const first = await bench.run(
      phone.request('REGISTER', `sip:${REALM}`, [
        { name: 'To', value: `<sip:${ALICE.msisdn}@${REALM}>` },
        { name: 'Contact', value: phone.contact },
      ]),
    );
    expect([401, 403]).toContain(answer.status);
    expect([first.status, challenges(first)]).toEqual([401, algorithms]);
  });

  test('no challenge to a SIM for a subscriber who has none', async () => {
    bench = open({ auth: ['aka', 'digest-sha256'] }, false);
    expect((await bench.run(bench.phone(ALICE).register())).status).toBe(200);
  });

  test('403 where only a SIM would do', async () => {
    bench = open({ auth: ['aka'] }, false);
    expect((await bench.run(bench.phone(ALICE).register())).status).toBe(403);
  });

  test.each(['digest-md5', 'digest-sha256', 'digest-sha512-256'] as const)(
    'lets in with %s',
    async (auth) => {
      bench = open({ auth: [auth] });
      expect((await bench.run(bench.phone(ALICE).register())).status).toBe(200);
    },
  );

  test('a first REGISTER without the private identity is challenged, or refused by a strict core (hazard R01)', async () => {
    bench = open({});
    expect((await bench.run(bench.phone(ALICE).register(600, { authorization: '' }))).status).toBe(200);
    await bench.close();
    bench = open({ strictImpi: true });
    expect((await bench.run(bench.phone(ALICE).register(600, { authorization: '' }))).status).toBe(403);
    expect((await bench.run(bench.phone(ALICE).register(600))).status).toBe(200);
  });

  test('proves that it knows the password too, and tells the next nonce where it is asked to', async () => {
    bench = open({ nextNonce: true });
    const answer = await bench.run(bench.phone(ALICE).register());
    const info = parseAuthenticationInfo(header(answer, 'Authentication-Info')!);
    expect(info).toMatchObject({ qop: 'auth', rspauth: expect.stringMatching(/^[0-9a-f]{64}$/) });
    expect(info?.nextnonce).toMatch(/^[0-9a-f]{52}$/);
  });
});

describe('a carrier that asks with every request (RFC 3261 22.3)', () => {
  test('407 to OPTIONS; with the answer it is served, and the answer counts once', async () => {
    bench = open({ challengeRequests: true });
    const phone = bench.phone(ALICE);
    await bench.run(phone.register());
    const digest = new DigestClient(
      { username: privateIdentity(OPERATOR_A, ALICE), password: ALICE.password },
      new SeededRandom('proxy'),
    );
    const ask = (authorization?: string) =>
      phone.request('OPTIONS', `sip:${REALM}`, [
        ...(authorization === undefined ? [] : [{ name: 'Proxy-Authorization', value: authorization }]),
      ]);
    const plain = await bench.run(ask());
    expect([plain.status, challenges(plain, 'Proxy-Authenticate')]).toEqual([407, ['SHA-256']]);
    const headers = [{ name: 'CSeq', value: '1 OPTIONS' }];
    const request = {
      kind: 'request',
      method: 'OPTIONS',
      uri: `sip:${REALM}`,
      headers,
      body: new Uint8Array(0),
    };
    const { result, sent } = await bench.run(
      authenticatedRequest(request as never, digest, (one) => ask(header(one, 'Proxy-Authorization'))),
    );
    expect(result.status).toBe(200);
    expect(header(result, 'Proxy-Authentication-Info')).toContain('rspauth=');
    const again = await bench.run(ask(header(sent, 'Proxy-Authorization')));
    expect([again.status, header(again, 'Proxy-Authenticate')]).toEqual([
      407,
      expect.stringContaining('stale=true'),
    ]);
  });
});

describe('a carrier that asks the SIM (RFC 3310, TS 33.102)', () => {
  let calls = 0;
  async function register(sim: Sim) {
    const phone = bench.phone(ALICE);
    const digest = new DigestClient(
      { username: privateIdentity(OPERATOR_A, ALICE), sim },
      new SeededRandom('sim'),
    );
    const uri = `sip:${REALM}`;
    const headers = [
      { name: 'CSeq', value: '1 REGISTER' },
      { name: 'To', value: `<sip:${ALICE.msisdn}@${REALM}>` },
      { name: 'Call-ID', value: `with-a-sim-${++calls}` },
      { name: 'Contact', value: phone.contact },
    ];
    const request = { kind: 'request' as const, method: 'REGISTER', uri, headers, body: new Uint8Array(0) };
    let rounds = 0;
    const { result, why } = await bench.run(
      authenticatedRequest(request, digest, (one) => {
        rounds += 1;
        return phone.request('REGISTER', uri, one.headers);
      }),
    );
    return { status: result.status, rounds, why, answer: result };
  }

  test('lets in the card with the key, and proves itself by RES', async () => {
    bench = open({ auth: ['aka'] });
    const { status, rounds, answer } = await register(new EmulatedSim(KEY));
    expect([status, rounds]).toEqual([200, 2]);
    expect(header(answer, 'Authentication-Info')).toContain('rspauth=');
  });

  test('follows a card that is ahead (6.3.5): one more round', async () => {
    bench = open({ auth: ['aka'] });
    const sim = new EmulatedSim(KEY);
    for (let i = 0; i < 33; i += 1) expect((await register(sim)).status).toBe(200);
    bench.restart('A');
    await bench.clock.advance(1_000);
    expect(await register(sim)).toMatchObject({ status: 200, rounds: 3 });
  });

  test('refuses a card with another key, which takes it for no network of its own', async () => {
    bench = open({ auth: ['aka'] });
    const stranger = new EmulatedSim({ ...KEY, k: new Uint8Array(16).fill(3) });
    expect(await register(stranger)).toMatchObject({ status: 403, rounds: 2 });
  });

  test('refuses a card that answers wrongly', async () => {
    bench = open({ auth: ['aka'] });
    const sim = new EmulatedSim(KEY);
    const liar: Sim = {
      authenticate: (rand, autn) => {
        const answer = sim.authenticate(rand, autn);
        return answer.kind === 'authenticated' ? { ...answer, res: new Uint8Array(8) } : answer;
      },
    };
    expect(await register(liar)).toMatchObject({ status: 403 });
  });

  test('refuses AUTS that is not of the card', async () => {
    bench = open({ auth: ['aka'] });
    const liar: Sim = { authenticate: () => ({ kind: 'out-of-step', auts: new Uint8Array(14) }) };
    expect(await register(liar)).toMatchObject({ status: 403, rounds: 2 });
  });
});

describe('nonces', () => {
  test('are those of this server, not too old, and each count is good once', async () => {
    bench = openBench();
    const clock = new VirtualClock();
    const nonces = new Nonces(clock, new SeededRandom('nonces'), 60_000);
    const nonce = nonces.issue();
    expect(nonces.issue()).not.toBe(nonce);
    expect([1, 1, 3, 2, 4].map((count) => nonces.accept(nonce, count))).toEqual([
      true,
      false,
      true,
      false,
      true,
    ]);
    expect(nonces.accept(`${nonce.slice(0, -1)}${nonce.endsWith('0') ? '1' : '0'}`, 1)).toBe(false);
    expect(nonces.accept('', 1)).toBe(false);
    await clock.advance(60_000);
    expect(nonces.accept(nonce, 5)).toBe(false);
  });

  test('challenges cost no memory; of answers only so many are remembered, and older ones are stale', async () => {
    bench = openBench();
    const clock = new VirtualClock();
    const nonces = new Nonces(clock, new SeededRandom('nonces'), 3_600_000, 2);
    const list: string[] = [];
    for (let i = 0; i < 3; i += 1) {
      await clock.advance(1);
      list.push(nonces.issue());
      expect(nonces.accept(list[i]!, 1)).toBe(true);
    }
    expect(list.map((nonce) => nonces.accept(nonce, 2))).toEqual([false, true, true]);
  });
});
