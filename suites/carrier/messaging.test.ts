import { afterEach, describe, expect, test } from 'vitest';
import { header, headerValues } from '../../stack/rcs/sip/headers.ts';
import { ALICE, AMY, type Bench, BOB, openBench, type Settings } from './bench.ts';

let bench: Bench;
afterEach(() => bench.close());

const HOUR = 3_600_000;

async function registered(...who: (typeof ALICE)[]) {
  const phones = who.map((one) => bench.phone(one));
  for (const phone of phones) expect((await bench.run(phone.register())).status).toBe(200);
  return phones as [(typeof phones)[0], (typeof phones)[0]];
}

describe('pager mode between registered phones', () => {
  test('is accepted with 202 and delivered with its CPIM unchanged', async () => {
    bench = openBench();
    const [alice, amy] = await registered(ALICE, AMY);
    const answer = await bench.run(alice.text(AMY.msisdn, 'Mx-one', 'Hello'));
    expect(answer.status).toBe(202);
    expect(await bench.until(() => amy.received.length === 1)).toBe(true);
    const sent = bench.frames.find((f) => f.from.host === ALICE.host && text(f.bytes).startsWith('MESSAGE'))!;
    expect(text(amy.received[0]!.body)).toBe(text(sent.bytes).split('\r\n\r\n').slice(1).join('\r\n\r\n'));
  });

  test('carries the identity that the network asserts, whatever the phone claims', async () => {
    bench = openBench();
    const [alice, amy] = await registered(ALICE, AMY);
    const forged = [
      { name: 'P-Asserted-Identity', value: '<tel:+999001000099>' },
      { name: 'P-Asserted-Service', value: 'urn:forged' },
      { name: 'P-Preferred-Identity', value: '<tel:+999001000098>' },
      { name: 'From', value: '<sip:+999001000097@elsewhere.example>;tag=x' },
      { name: 'P-Preferred-Service', value: 'urn:urn-7:3gpp-service.ims.icsi.oma.cpm.msg' },
    ];
    await bench.run(alice.text(AMY.msisdn, 'Mx-id', 'Who am I?', { headers: forged }));
    await bench.until(() => amy.received.length === 1);
    const [message] = amy.received;
    expect(headerValues(message!, 'P-Asserted-Identity')).toEqual([
      `<sip:${ALICE.msisdn}@ims.mnc001.mcc999.3gppnetwork.org>`,
      `<tel:${ALICE.msisdn}>`,
    ]);
    expect(headerValues(message!, 'P-Asserted-Service')).toEqual([
      'urn:urn-7:3gpp-service.ims.icsi.oma.cpm.msg',
    ]);
    expect(header(message!, 'P-Preferred-Identity')).toBeUndefined();
  });

  test('is refused with 403 from a phone that is not registered', async () => {
    bench = openBench();
    const answer = await bench.run(bench.phone(ALICE).text(AMY.msisdn, 'Mx-no', 'Hello'));
    expect([answer.status, answer.reason]).toEqual([403, 'User not registered']);
  });

  test('is refused with 413 above the largest size, with 404 for a number of nobody', async () => {
    bench = openBench({ a: { services: { chat: true, storeAndForwardMs: HOUR, pagerMaxSize: 1_300 } } });
    const [alice] = await registered(ALICE, AMY);
    expect((await bench.run(alice.text(AMY.msisdn, 'Mx-long', 'x'.repeat(1_300)))).status).toBe(413);
    expect((await bench.run(alice.text('+999001999999', 'Mx-none', 'Hello'))).status).toBe(404);
  });

  test('a message sent again with the same imdn.Message-ID is accepted again and delivered once', async () => {
    bench = openBench();
    const [alice, amy] = await registered(ALICE, AMY);
    for (let i = 0; i < 3; i += 1)
      expect((await bench.run(alice.text(AMY.msisdn, 'Mx-same', 'once'))).status).toBe(202);
    await bench.clock.advance(60_000);
    expect(amy.texts).toEqual(['once']);
  });

  test('every device of the recipient gets it once', async () => {
    bench = openBench();
    const [alice] = await registered(ALICE, AMY);
    const tablet = bench.phone(AMY, {
      instance: 'urn:uuid:33333333-3333-4333-8333-333333333333',
      transport: 'tcp',
    });
    await bench.run(tablet.register());
    await bench.run(alice.text(AMY.msisdn, 'Mx-two', 'both'));
    await bench.clock.advance(60_000);
    expect(tablet.texts).toEqual(['both']);
  });
});

describe('store and forward (OMA CPM deferred messaging)', () => {
  test('keeps what comes while the phone is unregistered, and delivers it in order at registration', async () => {
    bench = openBench();
    const [alice, amy] = await registered(ALICE, AMY);
    await bench.run(amy.register(0));
    const sent = ['one', 'two', 'three', 'four'];
    for (const [i, words] of sent.entries()) {
      expect((await bench.run(alice.text(AMY.msisdn, `Mx-${i}`, words))).status).toBe(202);
    }
    await bench.clock.advance(HOUR / 60);
    expect(amy.texts).toEqual([]);
    expect(bench.events.filter((e) => e.name === 'stored').map((e) => e.data['wireId'])).toEqual([
      'Mx-0',
      'Mx-1',
      'Mx-2',
      'Mx-3',
    ]);
    expect(bench.stored.filter(({ key }) => key.startsWith('messages/'))).toHaveLength(4);
    await bench.run(amy.register());
    await bench.until(() => amy.received.length === 4);
    await bench.clock.advance(HOUR);
    expect(amy.texts).toEqual(sent);
    expect(amy.messages[0]!.request.body).toEqual(bench.stored[0]!.bytes);
  });

  test('finds out that a flow is dead, and delivers over the new one without waiting for the old', async () => {
    bench = openBench();
    const [alice, amy] = await registered(ALICE, AMY);
    amy.vanish();
    bench.network.abandonStreams(AMY.host);
    expect((await bench.run(alice.text(AMY.msisdn, 'Mx-1', 'while away'))).status).toBe(202);
    await bench.clock.advance(5_000);
    amy.comeBack();
    await bench.run(amy.register());
    expect(await bench.until(() => amy.received.length === 1, 2_000)).toBe(true);
    await bench.clock.advance(HOUR / 4);
    expect(amy.texts).toEqual(['while away']);
  });

  test('tries again, with growing delays, while a registered phone answers with trouble', async () => {
    bench = openBench();
    const [alice, amy] = await registered(ALICE, AMY);
    const at: number[] = [];
    amy.answers = () => {
      at.push(bench.clock.elapsed());
      return at.length < 6 ? 503 : 200;
    };
    await bench.run(alice.text(AMY.msisdn, 'Mx-1', 'first'));
    await bench.run(alice.text(AMY.msisdn, 'Mx-2', 'second'));
    await bench.clock.advance(10 * 60_000);
    expect(amy.texts).toEqual(['first', 'second']);
    const gaps = at.slice(1, 6).map((t, i) => t - at[i]!);
    expect(gaps).toEqual([...gaps].sort((x, y) => x - y));
    expect(gaps.at(-1)! / gaps[0]!).toBeGreaterThan(8);
  });

  test('numbers each attempt anew: under the same CSeq it would be a merged request (RFC 3261 8.2.2.2)', async () => {
    bench = openBench();
    const [alice, amy] = await registered(ALICE, AMY);
    const attempts: string[] = [];
    amy.answers = (request) => {
      attempts.push(`${header(request, 'Call-ID')} ${header(request, 'CSeq')}`);
      return attempts.length < 3 ? 503 : 200;
    };
    await bench.run(alice.text(AMY.msisdn, 'Mx-again', 'again'));
    await bench.clock.advance(10 * 60_000);
    const callId = header(amy.received.at(-1)!, 'Call-ID')!;
    expect(attempts).toEqual([1, 2, 3].map((number) => `${callId} ${number} MESSAGE`));
  });

  test('a device that is new gets what waits once, under the identity it registered', async () => {
    bench = openBench();
    const [alice, amy] = await registered(ALICE, AMY);
    await bench.run(amy.register(0));
    await bench.run(alice.text(AMY.msisdn, 'Mx-waits', 'waits'));
    const tablet = bench.phone(AMY, {
      instance: 'urn:uuid:33333333-3333-4333-8333-333333333333',
      transport: 'tcp',
    });
    await bench.run(tablet.register());
    await bench.clock.advance(60_000);
    expect(tablet.received.filter(({ method }) => method === 'MESSAGE')).toHaveLength(1);
    expect(header(tablet.received[0]!, 'To')).toBe(`<sip:${AMY.msisdn}@ims.mnc001.mcc999.3gppnetwork.org>`);
  });

  test('gives up when the time is over, and tells a sender who asked for negative-delivery', async () => {
    const services: Settings['services'] = { chat: true, storeAndForwardMs: HOUR, pagerMaxSize: 8_000 };
    bench = openBench({ a: { services } });
    const [alice, amy] = await registered(ALICE, AMY);
    await bench.run(amy.register(0));
    await bench.run(
      alice.text(AMY.msisdn, 'Mx-late', 'too late', { dispositions: ['negative-delivery', 'processing'] }),
    );
    await bench.clock.advance(HOUR - 60_000);
    expect(alice.messages.map((m) => m.text)).toEqual([
      expect.stringContaining('<processing-notification><status><stored/>'),
    ]);
    await bench.run(alice.register());
    await bench.clock.advance(2 * 60_000);
    expect(alice.texts.at(-1)).toContain('<message-id>Mx-late</message-id>');
    expect(alice.texts.at(-1)).toContain('<delivery-notification><status><failed/>');
    await bench.run(amy.register());
    await bench.clock.advance(60_000);
    expect(amy.texts).toEqual([]);
  });

  test('a device that refuses a message for good does not hold up the next one', async () => {
    bench = openBench();
    const [alice, amy] = await registered(ALICE, AMY);
    amy.answers = (request) => (text(request.body).includes('bad') ? 415 : 200);
    await bench.run(alice.text(AMY.msisdn, 'Mx-1', 'bad', { dispositions: ['negative-delivery'] }));
    await bench.run(alice.text(AMY.msisdn, 'Mx-2', 'good'));
    await bench.clock.advance(60_000);
    expect(amy.texts).toEqual(['good']);
    expect(alice.texts).toEqual([expect.stringContaining('<failed/>')]);
  });

  test('of the reports of several devices only the first of a kind passes', async () => {
    bench = openBench();
    const [alice, amy] = await registered(ALICE, AMY);
    const imdn = (kind: string) =>
      `<?xml version="1.0"?><imdn xmlns="urn:ietf:params:xml:ns:imdn"><message-id>Mx-1</message-id><datetime>2026-01-01T00:00:00Z</datetime>${kind}</imdn>`;
    const delivered = imdn('<delivery-notification><status><delivered/></status></delivery-notification>');
    const displayed = imdn('<display-notification><status><displayed/></status></display-notification>');
    const contentType = 'message/imdn+xml';
    for (const [id, body] of [
      ['r1', delivered],
      ['r2', delivered],
      ['r3', displayed],
      ['r4', displayed],
    ] as const) {
      expect(
        (await bench.run(amy.text(ALICE.msisdn, id, body, { contentType, dispositions: [] }))).status,
      ).toBe(202);
    }
    await bench.clock.advance(60_000);
    expect(alice.messages.map((m) => m.id)).toEqual(['r1', 'r3']);
  });
});

describe('nothing that was accepted is lost', () => {
  test.each(['tls', 'udp'] as const)(
    'over a %s access that loses one packet in four, both ways',
    async (transport) => {
      bench = openBench({
        accessLink: { latencyMs: 40, jitterMs: 30, loss: 0.25 },
        interconnectLink: { latencyMs: 20, jitterMs: 10, loss: 0.25 },
      });
      const alice = bench.phone(ALICE, { transport });
      const bob = bench.phone(BOB, { transport });
      for (const phone of [alice, bob]) {
        while ((await bench.run(phone.register())).status !== 200) await bench.clock.advance(1_000);
      }
      const accepted: string[] = [];
      for (let i = 0; i < 30; i += 1) {
        if ((await bench.run(alice.text(BOB.msisdn, `Mx-${i}`, `n${i}`))).status === 202)
          accepted.push(`n${i}`);
      }
      await bench.clock.advance(30 * 60_000);
      expect(accepted.length).toBeGreaterThan(20);
      const got = bob.texts.filter((words) => accepted.includes(words));
      expect([...new Set(got)]).toEqual(accepted);
      if (transport === 'tls') expect(got).toEqual(accepted);
    },
  );
});

function text(bytes: Uint8Array | undefined): string {
  return new TextDecoder().decode(bytes ?? new Uint8Array(0));
}
