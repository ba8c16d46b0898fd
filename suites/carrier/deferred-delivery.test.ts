import { afterEach, describe, expect, test } from 'vitest';
import { parseImdns, writeImdn } from '../../stack/rcs/imdn.ts';
import type { BarePhone } from './bare-phone.ts';
import { ALICE, AMY, type Bench, openBench, type Settings } from './bench.ts';

let bench: Bench;
afterEach(() => bench.close());

const HOUR = 3_600_000;
const TABLET = 'urn:uuid:33333333-3333-4333-8333-333333333333';

const services = (more: Partial<NonNullable<Settings['services']>> = {}) => ({
  a: { services: { chat: true, storeAndForwardMs: 24 * HOUR, pagerMaxSize: 8_000, ...more } },
});

async function registered(...who: (typeof ALICE)[]): Promise<BarePhone[]> {
  const phones = who.map((one) => bench.phone(one));
  for (const phone of phones) expect((await bench.run(phone.register())).status).toBe(200);
  return phones;
}

async function second(who: typeof AMY): Promise<BarePhone> {
  const tablet = bench.phone(who, { instance: TABLET, transport: 'tcp' });
  await bench.run(tablet.register());
  return tablet;
}

const receipts = (phone: BarePhone) =>
  phone.messages.flatMap(({ contentType, text }) =>
    parseImdns(contentType, new TextEncoder().encode(text)).map(
      ({ messageId, status }) => `${messageId} ${status}`,
    ),
  );
const report = (from: BarePhone, to: string, id: string, about: string, status: 'delivered' | 'displayed') =>
  bench.run(
    from.text(
      to,
      id,
      new TextDecoder().decode(
        writeImdn({
          messageId: about,
          dateTime: '2026-01-01T00:00:00.000Z',
          kind: status === 'displayed' ? 'display' : 'delivery',
          status,
        }),
      ),
      { contentType: 'message/imdn+xml', dispositions: [] },
    ),
  );

describe('limits of deferred delivery (docs/rcs-signalling.md 4.6)', () => {
  test('more messages than the mailbox holds are answered 480, and fit again once it is empty', async () => {
    bench = openBench(services({ mailbox: { messages: 2, octets: 100_000 } }));
    const [alice, amy] = (await registered(ALICE, AMY)) as [BarePhone, BarePhone];
    await bench.run(amy.register(0));
    const statuses: number[] = [];
    for (const id of ['Mx-1', 'Mx-2', 'Mx-3'])
      statuses.push((await bench.run(alice.text(AMY.msisdn, id, id))).status);
    expect(statuses).toEqual([202, 202, 480]);
    await bench.run(amy.register());
    await bench.until(() => amy.texts.length === 2);
    await bench.run(amy.register(0));
    expect((await bench.run(alice.text(AMY.msisdn, 'Mx-3', 'Mx-3'))).status).toBe(202);
  });

  test('more octets are answered 480, and 413 to what never fits', async () => {
    bench = openBench(services({ mailbox: { messages: 100, octets: 3_000 } }));
    const [alice, amy] = (await registered(ALICE, AMY)) as [BarePhone, BarePhone];
    await bench.run(amy.register(0));
    const send = async (id: string, length: number) =>
      (await bench.run(alice.text(AMY.msisdn, id, 'x'.repeat(length)))).status;
    expect([await send('Mx-1', 2_000), await send('Mx-2', 2_000), await send('Mx-3', 4_000)]).toEqual([
      202, 480, 413,
    ]);
  });

  test('a phone that is there gets all, whatever its mailbox holds', async () => {
    bench = openBench(services({ mailbox: { messages: 0, octets: 0 } }));
    const [alice, amy] = (await registered(ALICE, AMY)) as [BarePhone, BarePhone];
    expect((await bench.run(alice.text(AMY.msisdn, 'Mx-1', 'now'))).status).toBe(202);
    expect(await bench.until(() => amy.texts.length === 1)).toBe(true);
  });

  test.each([
    ['Message-Expires', '60'],
    ['Expires', '60'],
  ])('%s of the sender ends the waiting sooner than the carrier would', async (name, value) => {
    bench = openBench(services());
    const [alice, amy] = (await registered(ALICE, AMY)) as [BarePhone, BarePhone];
    await bench.run(amy.register(0));
    const dispositions = ['negative-delivery'];
    await bench.run(alice.text(AMY.msisdn, 'Mx-short', 'soon', { dispositions, headers: [{ name, value }] }));
    await bench.clock.advance(59_000);
    expect(receipts(alice)).toEqual([]);
    await bench.clock.advance(10_000);
    expect(receipts(alice)).toEqual(['Mx-short failed']);
    await bench.run(amy.register());
    await bench.clock.advance(HOUR);
    expect(amy.texts).toEqual([]);
  });

  test('a carrier may end the waiting without a word', async () => {
    bench = openBench(services({ reportExpiry: false, storeAndForwardMs: HOUR }));
    const [alice, amy] = (await registered(ALICE, AMY)) as [BarePhone, BarePhone];
    await bench.run(amy.register(0));
    await bench.run(alice.text(AMY.msisdn, 'Mx-1', 'x', { dispositions: ['negative-delivery'] }));
    await bench.clock.advance(2 * HOUR);
    expect(receipts(alice)).toEqual([]);
    expect(bench.events.filter(({ name }) => name === 'undeliverable')).toHaveLength(1);
  });
});

describe('several devices of one subscriber', () => {
  test('a device that was away gets what another one took meanwhile', async () => {
    bench = openBench(services());
    const [alice, amy] = (await registered(ALICE, AMY)) as [BarePhone, BarePhone];
    const tablet = await second(AMY);
    await bench.run(tablet.register(0));
    await bench.run(alice.text(AMY.msisdn, 'Mx-1', 'hello'));
    await bench.clock.advance(HOUR);
    expect([amy.texts, tablet.texts]).toEqual([['hello'], []]);
    // Another device took it at once: it was never kept back from its recipient.
    expect(bench.events.filter(({ name }) => name === 'stored')).toEqual([]);
    await bench.run(tablet.register());
    await bench.clock.advance(60_000);
    expect([amy.texts, tablet.texts]).toEqual([['hello'], ['hello']]);
  });

  test('the first report of a kind passes on, later ones of the same kind do not', async () => {
    bench = openBench(services());
    const [alice, amy] = (await registered(ALICE, AMY)) as [BarePhone, BarePhone];
    const tablet = await second(AMY);
    await bench.run(alice.text(AMY.msisdn, 'Mx-1', 'hello'));
    await bench.clock.advance(1_000);
    await report(amy, ALICE.msisdn, 'Mx-r1', 'Mx-1', 'delivered');
    await report(tablet, ALICE.msisdn, 'Mx-r2', 'Mx-1', 'delivered');
    await report(tablet, ALICE.msisdn, 'Mx-r3', 'Mx-1', 'displayed');
    await bench.clock.advance(60_000);
    expect(receipts(alice)).toEqual(['Mx-1 delivered', 'Mx-1 displayed']);
  });

  test.each([
    [true, ['Mx-1 displayed']],
    [false, []],
  ])('read-state sync %s: the other devices are told what was read on one', async (readStateSync, told) => {
    bench = openBench(services({ readStateSync }));
    const [alice, amy] = (await registered(ALICE, AMY)) as [BarePhone, BarePhone];
    const tablet = await second(AMY);
    await bench.run(alice.text(AMY.msisdn, 'Mx-1', 'hello'));
    await bench.clock.advance(1_000);
    await report(amy, ALICE.msisdn, 'Mx-r1', 'Mx-1', 'displayed');
    await bench.clock.advance(60_000);
    expect([receipts(alice), receipts(amy), receipts(tablet)]).toEqual([['Mx-1 displayed'], [], told]);
  });
});
