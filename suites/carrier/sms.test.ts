import { afterEach, describe, expect, test } from 'vitest';
import type { Subscriber } from '../../emulators/carrier/config.ts';
import { carrierHosts } from '../../emulators/carrier/config.ts';
import { header } from '../../stack/rcs/sip/headers.ts';
import { SmsBearer } from '../../stack/rcs/sms/sms-bearer.ts';
import {
  ALICE,
  type Bench,
  BOB,
  OPERATOR_A,
  OPERATOR_B,
  openBench,
  type Settings,
  SMS_ANN,
  SMS_BEN,
} from './bench.ts';

let bench: Bench;
const bearers: SmsBearer[] = [];
afterEach(() => {
  for (const bearer of bearers.splice(0)) bearer.close();
  return bench.close();
});

interface Handset {
  readonly bearer: SmsBearer;
  readonly inbox: string[];
  readonly delivered: string[];
}

function handset(who: Subscriber, operator: typeof OPERATOR_A): Handset {
  const bearer = new SmsBearer(
    { clock: bench.clock, network: bench.net(who.host) },
    { smscHost: carrierHosts(operator).smsc },
  );
  const inbox: string[] = [];
  const delivered: string[] = [];
  bearer.onText = (from, text) => void inbox.push(`${from}: ${text}`);
  bearer.onDelivered = (_, id) => void delivered.push(id);
  bearers.push(bearer);
  return { bearer, inbox, delivered };
}

describe('the service centre (3GPP TS 23.040)', () => {
  test.each([
    ['in the same network', SMS_ANN, OPERATOR_A],
    ['in another network', SMS_BEN, OPERATOR_B],
  ] as const)('a text to a phone %s arrives whole, and is reported', async (_, to, operator) => {
    bench = openBench();
    const alice = handset(ALICE, OPERATOR_A);
    const other = handset(to, operator);
    const long = 'a long text, '.repeat(30);
    expect(await bench.run(alice.bearer.send(to.msisdn, 'hi €', 'one'))).toBe('acked');
    expect(await bench.run(alice.bearer.send(to.msisdn, long, 'two'))).toBe('acked');
    await bench.clock.advance(30_000);
    expect(other.inbox).toEqual([`${ALICE.msisdn}: hi €`, `${ALICE.msisdn}: ${long}`]);
    expect(alice.delivered).toEqual(['one', 'two']);
  });

  test('a phone without coverage gets its texts in order when it says that memory is available', async () => {
    bench = openBench();
    const alice = handset(ALICE, OPERATOR_A);
    const ben = handset(SMS_BEN, OPERATOR_B);
    bench.access(SMS_BEN.host).cut();
    for (const words of ['one', 'two', 'three'])
      await bench.run(alice.bearer.send(SMS_BEN.msisdn, words, words));
    await bench.clock.advance(3_600_000);
    expect(ben.inbox).toEqual([]);
    bench.access(SMS_BEN.host).heal();
    ben.bearer.coverageBack();
    expect(await bench.until(() => ben.inbox.length === 3, 10_000)).toBe(true);
    expect(ben.inbox.map((line) => line.split(': ')[1])).toEqual(['one', 'two', 'three']);
    await bench.clock.advance(3_600_000);
    expect(ben.inbox).toHaveLength(3);
    expect(alice.delivered).toEqual(['one', 'two', 'three']);
  });

  test('and within two minutes even if it says nothing', async () => {
    bench = openBench();
    const alice = handset(ALICE, OPERATOR_A);
    const ann = handset(SMS_ANN, OPERATOR_A);
    bench.access(SMS_ANN.host).cut();
    await bench.run(alice.bearer.send(SMS_ANN.msisdn, 'still there?', 'x'));
    await bench.clock.advance(6 * 3_600_000);
    bench.access(SMS_ANN.host).heal();
    expect(await bench.until(() => ann.inbox.length === 1, 121_000)).toBe(true);
  });

  test('texts between carriers wait while the interconnect is cut', async () => {
    bench = openBench();
    const alice = handset(ALICE, OPERATOR_A);
    const ben = handset(SMS_BEN, OPERATOR_B);
    bench.interconnect.cut();
    await bench.run(alice.bearer.send(SMS_BEN.msisdn, 'one', 'one'));
    await bench.clock.advance(600_000);
    bench.interconnect.heal();
    await bench.clock.advance(180_000);
    expect(ben.inbox).toEqual([`${ALICE.msisdn}: one`]);
    expect(alice.delivered).toEqual(['one']);
  });

  test('a number that nobody serves is refused at once', async () => {
    bench = openBench();
    expect(await bench.run(handset(ALICE, OPERATOR_A).bearer.send('+4915100000', 'hello?', 'x'))).toBe(
      'error',
    );
  });

  test('loses nothing and doubles nothing over links that lose one packet in five', async () => {
    const lossy = { latencyMs: 30, jitterMs: 20, loss: 0.2 };
    bench = openBench({ accessLink: lossy, interconnectLink: lossy });
    const alice = handset(ALICE, OPERATOR_A);
    const ben = handset(SMS_BEN, OPERATOR_B);
    for (let i = 0; i < 20; i += 1) await bench.run(alice.bearer.send(SMS_BEN.msisdn, `n${i}`, `n${i}`));
    await bench.clock.advance(3_600_000);
    expect(ben.inbox).toEqual(Array.from({ length: 20 }, (_, i) => `${ALICE.msisdn}: n${i}`));
  });
});

describe('interworking RCS to SMS', () => {
  const OFF: Settings = { interworking: { sms: false } };

  async function aliceOnRcs(settings: { a?: Settings; b?: Settings } = {}) {
    bench = openBench(settings);
    const alice = bench.phone(ALICE);
    expect((await bench.run(alice.register())).status).toBe(200);
    return alice;
  }

  test.each([
    ['the own network', SMS_ANN, OPERATOR_A, {}],
    ["the peer's network, which does it", SMS_BEN, OPERATOR_B, { a: OFF }],
    ["the peer's network, which does not, so that the own one does", SMS_BEN, OPERATOR_B, { b: OFF }],
  ] as const)(
    'text for someone without RCS in %s becomes SMS, and its sender is told',
    async (_, to, operator, settings) => {
      const alice = await aliceOnRcs(settings);
      const other = handset(to, operator);
      expect((await bench.run(alice.text(to.msisdn, 'Mx-1', 'by SMS'))).status).toBe(202);
      await bench.clock.advance(30_000);
      expect(other.inbox).toEqual([`${ALICE.msisdn}: by SMS`]);
      expect(alice.texts).toEqual([
        expect.stringContaining('<message-id>Mx-1</message-id>'),
        expect.stringContaining('<delivery-notification><status><delivered/>'),
      ]);
      expect(alice.texts[0]).toContain('<processing-notification><status><interworking/>');
    },
  );

  test.each(['message/mls', 'Message/MLS-RCS-Server', 'message/mls-rcs-client;x=y', 'message/mls-ft'])(
    'a body of type %s never becomes SMS: 488, with a reason',
    async (contentType) => {
      const alice = await aliceOnRcs();
      const ann = handset(SMS_ANN, OPERATOR_A);
      const ben = handset(SMS_BEN, OPERATOR_B);
      for (const to of [SMS_ANN, SMS_BEN]) {
        const answer = await bench.run(alice.text(to.msisdn, `Mx-${to.msisdn}`, 'AAECAwQ=', { contentType }));
        expect(answer.status).toBe(488);
        expect(header(answer, 'Warning')).toContain('never interworked');
      }
      await bench.clock.advance(3_600_000);
      expect([ann.inbox, ben.inbox]).toEqual([[], []]);
      expect(bench.frames.filter((f) => f.to.port === 29_118)).toEqual([]);
    },
  );

  test('404 where nobody interworks, and for what is no text', async () => {
    const alice = await aliceOnRcs({ a: OFF, b: OFF });
    expect((await bench.run(alice.text(SMS_ANN.msisdn, 'Mx-1', 'hello'))).status).toBe(404);
    expect((await bench.run(alice.text(SMS_BEN.msisdn, 'Mx-2', 'hello'))).status).toBe(404);
    await bench.close();
    const other = await aliceOnRcs();
    const geo = await bench.run(
      other.text(SMS_ANN.msisdn, 'Mx-3', '<x/>', { contentType: 'application/vnd.gsma.rcspushlocation+xml' }),
    );
    expect(geo.status).toBe(404);
  });

  test('a message for an RCS user whose phone is off is stored, never sent as SMS', async () => {
    const alice = await aliceOnRcs();
    const bob = bench.phone(BOB);
    await bench.run(bob.register());
    await bench.run(bob.register(0));
    const bobSms = handset(BOB, OPERATOR_B);
    expect((await bench.run(alice.text(BOB.msisdn, 'Mx-1', 'later'))).status).toBe(202);
    await bench.clock.advance(3_600_000);
    expect(bobSms.inbox).toEqual([]);
    await bench.run(bob.register());
    expect(await bench.until(() => bob.texts.includes('later'), 10_000)).toBe(true);
  });
});
