/** The provisioning manager against an ACS that answers as a test says (docs/rcs-signalling.md 1.2 to 1.5). */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MemoryStore } from '../../emulators/network/memory-store.ts';
import {
  cookie,
  data,
  document,
  openProvisioning,
  PHONE,
  type ProvisioningBench,
  type Scripted,
  status,
  text,
  versOnly,
} from './provisioning-bench.ts';

const HOUR_S = 3_600;
/** Another document each time it is asked for. */
const onBearer = (...answers: Scripted[]): Scripted[] => answers.flatMap((answer) => [cookie(), answer]);

/** A manager that has document 7 in use. */
async function inService(...script: Scripted[]): Promise<ProvisioningBench> {
  const bench = openProvisioning([...onBearer(document()), ...script]);
  expect(await bench.run()).toMatchObject({ kind: 'configured', changed: true, config: { version: 7 } });
  bench.asks.length = 0;
  return bench;
}

const hours = (bench: ProvisioningBench, count: number) => bench.clock.advance(count * HOUR_S * 1_000);

describe("on the operator's bearer (flow A)", () => {
  it('a plain request earns the cookie of the https one, which begins with version 0', async () => {
    const bench = openProvisioning(onBearer(document()));
    await bench.run();
    expect(bench.asks).toMatchObject([
      { scheme: 'http', query: {}, cookie: null },
      { scheme: 'https', cookie: 'acs=4f1c', query: { vers: 0, imsi: PHONE.imsi, rcsProfiles: ['UP_3.0'] } },
    ]);
  });

  it('neither token nor number ever goes out there (hazard R72)', async () => {
    const bench = openProvisioning([document({ token: 'tk-1' })], { bearer: 'other' });
    await bench.run();
    bench.bearer = 'operator';
    bench.script.push(...onBearer(versOnly(7)));
    await bench.run();
    for (const { query } of bench.asks.slice(1)) {
      expect(Object.keys(query)).not.toEqual(expect.arrayContaining(['token']));
      expect(query).not.toHaveProperty('msisdn');
      expect(query).not.toHaveProperty('smsPort');
    }
  });

  it('no document is taken from a plain http answer', async () => {
    const bench = openProvisioning([document(), document(), document(), document(), document()]);
    expect(await bench.run()).toMatchObject({ kind: 'unavailable' });
  });

  it('511 means that the bearer tells nothing: the number is proved by SMS', async () => {
    const bench = openProvisioning([
      status(511),
      ({ url }) => {
        queueMicrotask(() => bench.sms(data('731902', Number(new URL(url).searchParams.get('SMS_port')))));
        return cookie();
      },
      document(),
    ]);
    expect(await bench.run()).toMatchObject({ kind: 'configured' });
  });
});

describe('on any other access (flow B)', () => {
  const sendsPassword =
    (bench: () => ProvisioningBench, arrival: (port: number) => ReturnType<typeof data>): Scripted =>
    ({ url }) => {
      const port = Number(new URL(url).searchParams.get('SMS_port'));
      queueMicrotask(() => bench().sms(arrival(port)));
      return cookie();
    };

  it('asks with an empty token, answers with the password and the same cookie, keeps the token', async () => {
    const bench: ProvisioningBench = openProvisioning(
      [
        sendsPassword(
          () => bench,
          (port) => data('731902', port),
        ),
        document({ token: 'tk-1' }),
        versOnly(7),
      ],
      { bearer: 'other' },
    );
    expect(await bench.run()).toMatchObject({ kind: 'configured' });
    await bench.run();
    const [first, second, third] = bench.asks;
    expect(first).toMatchObject({ scheme: 'https', query: { vers: 0, msisdn: PHONE.msisdn, token: '' } });
    expect(first!.query.smsPort).toBeGreaterThanOrEqual(10_000);
    expect(first!.query.smsPort).toBeLessThanOrEqual(40_000);
    expect(second).toMatchObject({ query: { otp: '731902' }, cookie: 'acs=4f1c' });
    expect(third!.query).toMatchObject({ vers: 7, token: 'tk-1' });
  });

  it('takes a readable password although it asked for a binary one (hazard R74)', async () => {
    const bench: ProvisioningBench = openProvisioning(
      [
        sendsPassword(
          () => bench,
          () => text('Your messaging code is 4711.'),
        ),
        document(),
      ],
      { bearer: 'other' },
    );
    await bench.run();
    expect(bench.asks[1]!.query).toEqual({ otp: '4711' });
  });

  it('hears no password on another port, waits 100 s, then asks for a readable one (hazard R74)', async () => {
    const bench: ProvisioningBench = openProvisioning(
      [
        sendsPassword(
          () => bench,
          (port) => data('731902', port + 1),
        ),
        sendsPassword(
          () => bench,
          () => text('code 731903'),
        ),
        document(),
      ],
      { bearer: 'other' },
    );
    expect(await bench.run()).toMatchObject({ kind: 'configured' });
    expect(bench.asks.map(({ at, query }) => [at, query.smsPort === 0, query.otp])).toEqual([
      [0, false, undefined],
      [100, true, undefined],
      [100, false, '731903'],
    ]);
  });

  it('gives up after four passwords that never came', async () => {
    const bench = openProvisioning([cookie(), cookie(), cookie(), cookie(), cookie()], { bearer: 'other' });
    expect(await bench.run()).toEqual({ kind: 'unavailable', why: 'no one-time password came' });
    expect(bench.asks).toHaveLength(4);
  });

  it('511 discards the token, and ends in the password phase', async () => {
    const bench: ProvisioningBench = openProvisioning([document({ token: 'old' })], { bearer: 'other' });
    await bench.run();
    bench.script.push(
      status(511),
      sendsPassword(
        () => bench,
        (port) => data('1234', port),
      ),
      document({ token: 'new' }),
    );
    await bench.run();
    expect(bench.asks.map(({ query }) => query.token)).toEqual(['', 'old', '', undefined]);
  });

  it('511 without end ends: four messages at most, and the document in use stays (hazard R71)', async () => {
    const bench: ProvisioningBench = openProvisioning([document()], { bearer: 'other' });
    await bench.run();
    for (let i = 0; i < 20; i += 1)
      bench.script.push(
        sendsPassword(
          () => bench,
          (port) => (port ? data('0000', port) : text('0000')),
        ),
        status(511),
      );
    expect(await bench.run()).toMatchObject({ kind: 'configured', changed: false });
    expect(bench.asks.filter(({ query }) => query.otp !== undefined)).toHaveLength(4);
  });

  it('a token that has run out is not sent', async () => {
    const bench = openProvisioning([document({ token: 'short', tokenValiditySeconds: 60 })], {
      bearer: 'other',
    });
    await bench.run();
    await bench.clock.advance(61_000);
    bench.script.push(versOnly(7));
    await bench.run();
    expect(bench.asks.at(-1)!.query.token).toBe('');
  });

  it('403 asks the owner for the number, five times', async () => {
    const refused: string[] = [];
    const bench = openProvisioning(
      Array.from({ length: 9 }, () => status(403)),
      {
        bearer: 'other',
        askNumber: async (number) => `${refused.push(number) && '+99990010000'}${refused.length + 1}`,
      },
    );
    expect(await bench.run()).toMatchObject({ kind: 'disabled' });
    expect(refused).toHaveLength(5);
    expect(bench.asks.at(-1)!.query.msisdn).toBe('+999900100006');
  });
});

describe('what the ACS answers (docs/rcs-signalling.md 1.4)', () => {
  it('403 on the bearer: RCS is off, and nobody asks again', async () => {
    const bench = openProvisioning([status(403)]);
    expect(await bench.run()).toMatchObject({ kind: 'disabled' });
    await hours(bench, 48);
    expect(bench.asks).toHaveLength(1);
  });

  it.each([
    ['seconds', () => '40'],
    ['a date', (now: number) => new Date(now + 40_000).toUTCString()],
  ])('503 at first boot waits for Retry-After in %s', async (_, retryAfter) => {
    const bench: ProvisioningBench = openProvisioning([
      () => status(503, { 'retry-after': retryAfter(bench.clock.now()) }),
      ...onBearer(document()),
    ]);
    expect(await bench.run()).toMatchObject({ kind: 'configured' });
    expect(bench.asks.map(({ at }) => at)).toEqual([0, 40, 40]);
  });

  it('503 later keeps document and service, and asks again after Retry-After (hazard R70, C38)', async () => {
    const bench = await inService(
      status(503, { 'retry-after': '7200' }),
      ...onBearer(document({ version: 8 })),
    );
    expect(await bench.run('network')).toMatchObject({
      kind: 'configured',
      changed: false,
      config: { version: 7 },
    });
    expect(bench.asks).toHaveLength(1);
    await hours(bench, 2);
    expect(bench.background).toMatchObject([{ kind: 'configured', config: { version: 8 } }]);
  });

  it('an ACS that is busy for hours lets the first boot go on without it, and is asked again', async () => {
    const bench = openProvisioning([status(503, { 'retry-after': '7200' }), ...onBearer(document())]);
    expect(await bench.run()).toMatchObject({ kind: 'unavailable' });
    await hours(bench, 2);
    expect(bench.background).toMatchObject([{ kind: 'configured', changed: true }]);
  });

  it.each([
    ['404', () => status(404)],
    ['500', () => status(500)],
    ['an error of the network', () => new Error('unreachable')],
    ['no XML', () => new Response('no xml')],
    ['a document without VERS', () => new Response('<wap-provisioningdoc/>')],
    ['a mebibyte', () => new Response('x'.repeat(1 << 20))],
    ['an entity bomb', () => new Response('<!DOCTYPE d [<!ENTITY a "aaaa">]><d>&a;</d>')],
  ])('%s is tried five times with growing pauses; the document in use stays', async (_, answer) => {
    const bench = await inService(...[1, 2, 3, 4, 5, 6].flatMap(() => [cookie(), answer()]));
    const began = bench.clock.elapsed() / 1_000;
    expect(await bench.run('validity')).toMatchObject({ kind: 'configured', config: { version: 7 } });
    const tries = bench.asks.filter(({ scheme }) => scheme === 'https').map(({ at }) => at - began);
    expect(tries).toEqual([0, 10, 40, 90, 160]);
  });
});

describe('VERS (docs/rcs-signalling.md 1.5, C37)', () => {
  it('alone keeps the document, and begins its validity anew (hazard R69)', async () => {
    const bench = await inService(...onBearer(versOnly(7, 2 * HOUR_S)), ...onBearer(versOnly(7)));
    expect(await bench.run()).toMatchObject({ kind: 'configured', changed: false, config: { version: 7 } });
    expect(bench.asks.at(-1)!.query.vers).toBe(7);
    await hours(bench, 1.9);
    expect(bench.background).toEqual([]);
    await hours(bench, 0.2);
    expect(bench.background).toMatchObject([{ kind: 'configured', changed: false }]);
  });

  it('above 0 is used, and asked for again when its validity is over', async () => {
    const bench = await inService(...onBearer(document({ version: 8, homeDomain: 'new.example' })));
    await hours(bench, 24.1);
    expect(bench.background).toMatchObject([
      { kind: 'configured', changed: true, config: { version: 8, homeDomain: 'new.example' } },
    ]);
  });

  it('with the same settings under another number is no change', async () => {
    const bench = await inService(...onBearer(document({ version: 8 })));
    expect(await bench.run()).toMatchObject({ changed: false, config: { version: 8 } });
  });

  // What is stored afterwards shows in the `vers` of the next query, if there is one.
  it.each([
    [0, 'network', 0],
    [-1, 'network', undefined],
    [-1, 'user', undefined],
    [-2, 'network', undefined],
    [-2, 'user', 0],
    [-3, 'network', -3],
    [-3, 'user', 7],
  ] as const)(
    '%i takes RCS away; a query at the word of the %s has vers %s',
    async (version, trigger, vers) => {
      const bench = await inService(...onBearer(versOnly(version)), ...onBearer(document()));
      expect(await bench.run('network')).toMatchObject({ kind: 'disabled' });
      bench.asks.length = 0;
      expect(await bench.run(trigger)).toMatchObject({
        kind: vers === undefined ? 'disabled' : 'configured',
      });
      expect(bench.asks.at(-1)?.query.vers).toBe(vers);
    },
  );

  it('-3 goes on asking at its validity; VERS alone brings the kept document back', async () => {
    const bench = await inService(...onBearer(versOnly(-3, HOUR_S), versOnly(7)));
    await bench.run('network');
    await hours(bench, 1.1);
    expect(bench.background).toMatchObject([{ kind: 'configured', config: { version: 7 } }]);
  });

  it.each([0, -1, -2])('%i asks for nothing by itself', async (version) => {
    const bench = await inService(...onBearer(versOnly(version, HOUR_S)));
    await bench.run('network');
    bench.asks.length = 0;
    await hours(bench, 100);
    expect(bench.asks).toEqual([]);
  });

  it('-1 survives a restart, and ends with another SIM', async () => {
    const store = new MemoryStore();
    await openProvisioning(onBearer(versOnly(-1)), { store }).run();
    const restarted = openProvisioning(onBearer(document()), { store });
    expect(await restarted.run()).toMatchObject({ kind: 'disabled' });
    expect(restarted.asks).toEqual([]);
    const swapped = openProvisioning(onBearer(document()), { store, imsi: '999001000000002' });
    expect(await swapped.run()).toMatchObject({ kind: 'configured' });
  });

  it('a document that lasts longer than any timer is asked for in its time', async () => {
    const days = 60;
    const bench = openProvisioning([
      ...onBearer(document({ validitySeconds: days * 24 * HOUR_S })),
      ...onBearer(versOnly(7)),
    ]);
    await bench.run();
    await hours(bench, days * 24 - 1);
    expect(bench.background).toEqual([]);
    await hours(bench, 2);
    expect(bench.background).toHaveLength(1);
  });
});

describe('who makes it ask', () => {
  it('the network, by `<IMSI>-rcscfg` (flow C)', async () => {
    const bench = await inService(...onBearer(document({ version: 8 })));
    bench.sms(data(`${PHONE.imsi}-rcscfg`, 37_273));
    await bench.clock.advance(0);
    expect(bench.background).toMatchObject([{ kind: 'configured', config: { version: 8 } }]);
    expect(bench.asks.at(-1)!.query.vers).toBe(7);
  });

  it.each([
    ['for another SIM', data('999001000000002-rcscfg', 37_273)],
    ['as readable text', text(`${PHONE.imsi}-rcscfg`)],
    ['with more behind it', data(`${PHONE.imsi}-rcscfg2`, 37_273)],
  ])('nobody, by such a message %s', async (_, arrival) => {
    const bench = await inService();
    bench.sms(arrival);
    await bench.clock.advance(0);
    expect(bench.asks).toEqual([]);
  });

  it('a message that comes during a run is answered by one more run', async () => {
    const bench: ProvisioningBench = openProvisioning([
      () => {
        bench.sms(data(`${PHONE.imsi}-rcscfg`, 1));
        bench.sms(data(`${PHONE.imsi}-rcscfg`, 1));
        return cookie();
      },
      document(),
      ...onBearer(versOnly(7)),
    ]);
    await bench.run();
    await bench.clock.advance(1_000);
    expect(bench.background).toHaveLength(1);
    expect(bench.asks).toHaveLength(4);
  });

  it('a registration that met 403, twice and again after one that succeeded', async () => {
    const bench = await inService(...onBearer(versOnly(7), versOnly(7), versOnly(7)));
    expect(await bench.manager.registrationRefused()).toMatchObject({ kind: 'configured' });
    expect(await bench.manager.registrationRefused()).toMatchObject({ kind: 'configured' });
    expect(await bench.manager.registrationRefused()).toBeUndefined();
    bench.manager.registered();
    expect(await bench.manager.registrationRefused()).toMatchObject({ kind: 'configured' });
  });
});

it('a closed manager waits for nothing and asks for nothing', async () => {
  const bench = openProvisioning([status(503, { 'retry-after': '60' })]);
  const outcome = bench.manager.run('boot');
  await bench.clock.advance(1_000);
  bench.manager.close();
  expect(await outcome).toEqual({ kind: 'unavailable', why: 'the client was closed' });
  expect(bench.clock.pendingTimers).toBe(0);
});

it('whatever an ACS answers, a run ends, with at most 40 requests, and leaves no timer but its own', async () => {
  const answer = fc.constantFrom<() => Scripted>(
    () => cookie(),
    () => document(),
    () => document({ token: 't' }),
    () => status(403),
    () => status(404),
    () => status(503, { 'retry-after': '5' }),
    () => status(503),
    () => status(511),
    () => new Error('reset'),
    () => new Response('no xml'),
    ...[7, 0, -1, -2, -3].map((version) => () => versOnly(version)),
  );
  await fc.assert(
    fc.asyncProperty(
      fc.array(answer, { maxLength: 60 }),
      fc.constantFrom('operator', 'other'),
      async (answers, bearer) => {
        const bench = openProvisioning(
          answers.map((make) => make()),
          { bearer },
        );
        const { kind } = await bench.run();
        expect(['configured', 'disabled', 'unavailable']).toContain(kind);
        expect(bench.asks.length).toBeLessThanOrEqual(40);
        expect(bench.clock.pendingTimers).toBeLessThanOrEqual(1);
        bench.manager.close();
        expect(bench.clock.pendingTimers).toBe(0);
      },
    ),
  );
});
