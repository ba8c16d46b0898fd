import { afterEach, describe, expect, test } from 'vitest';
import { header, headerValues } from '../../stack/rcs/sip/headers.ts';
import { ALICE, AMY, type Bench, BOB, openBench, type Settings } from '../carrier/bench.ts';
import { cpimOf, type LargePhone, largePhone } from './support/large-phone.ts';

let bench: Bench;
const phones: LargePhone[] = [];
afterEach(async () => {
  for (const phone of phones.splice(0)) phone.close();
  await bench.close();
});

const HOUR = 3_600_000;
const LARGE_MODE: Settings['services'] = {
  chat: true,
  storeAndForwardMs: 24 * HOUR,
  pagerMaxSize: 8_000,
  largeMode: { switchoverSize: 1_300, maxSize: 50_000 },
};
const PAGER_ONLY: Settings['services'] = { chat: true, storeAndForwardMs: 24 * HOUR, pagerMaxSize: 2_000 };
const LONG = 'long text. '.repeat(400);
const TABLET = 'urn:uuid:33333333-3333-4333-8333-333333333333';

async function phone(who: typeof ALICE, instance?: string): Promise<LargePhone> {
  const made = largePhone(bench, who, instance);
  phones.push(made);
  expect((await bench.run(made.bare.register())).status).toBe(200);
  return made;
}

/** The texts of every message that came to a phone, whichever way. */
const textsOf = ({ bare, large }: LargePhone) => [...bare.texts, ...large.map(({ text }) => text)];

const startLines = (host: string) =>
  bench.frames
    .filter(({ from, bytes }) => from.host === host && bytes)
    .map(({ bytes }) => new TextDecoder().decode(bytes).split('\r\n', 1)[0]!);

describe('a message beyond SwitchoverSize (OMA CPM large message mode; docs/rcs-signalling.md 4.4)', () => {
  test('goes by INVITE, MSRP and BYE to the network, and so on to the recipient, its CPIM unchanged', async () => {
    bench = openBench({ a: { services: LARGE_MODE } });
    const [alice, amy] = [await phone(ALICE), await phone(AMY)];
    expect(await bench.run(alice.send(AMY.msisdn, 'Mx-large', LONG))).toMatchObject({ status: 200 });
    expect(await bench.until(() => amy.large.length === 1)).toBe(true);
    expect(amy.large[0]!.octets).toEqual(
      cpimOf('Mx-large', LONG, 'text/plain;charset=UTF-8', ['positive-delivery']),
    );
    await bench.clock.advance(60_000);
    const ends = startLines(ALICE.host).filter((line) => /^(INVITE|ACK|BYE|MSRP)/.test(line));
    expect(ends.map((line) => line.split(' ')[0])).toEqual(['INVITE', 'ACK', 'MSRP', 'MSRP', 'MSRP', 'BYE']);
    expect(startLines(ALICE.host).join()).not.toContain('MESSAGE');
  });

  test('carries the identity that the network asserts, whatever the phone claims', async () => {
    bench = openBench({ a: { services: LARGE_MODE } });
    const [alice, amy] = [await phone(ALICE), await phone(AMY)];
    amy.refuse = 405;
    await bench.run(alice.send(AMY.msisdn, 'Mx-id', LONG));
    await bench.until(() => amy.bare.received.length === 1);
    const [message] = amy.bare.received;
    expect(headerValues(message!, 'P-Asserted-Identity')).toContain(`<tel:${ALICE.msisdn}>`);
    expect(header(message!, 'Contribution-ID')).toBe('9f0d1c52-2a7e-4f52-9d41-0f6a7b8c0002');
  });

  test('goes in a MESSAGE to a device that has no large message mode', async () => {
    bench = openBench({ a: { services: LARGE_MODE } });
    const alice = await phone(ALICE);
    const amy = bench.phone(AMY);
    await bench.run(amy.register());
    await bench.run(alice.send(AMY.msisdn, 'Mx-old', LONG));
    expect(await bench.until(() => amy.received.length === 1)).toBe(true);
    expect(amy.texts).toEqual([LONG]);
  });

  test('waits for a phone that is away, and reaches it in large mode when it is back', async () => {
    bench = openBench({ a: { services: LARGE_MODE } });
    const [alice, amy] = [await phone(ALICE), await phone(AMY)];
    await bench.run(amy.bare.register(0));
    expect((await bench.run(alice.send(AMY.msisdn, 'Mx-later', LONG))).status).toBe(200);
    await bench.clock.advance(HOUR);
    expect(amy.large).toEqual([]);
    await bench.run(amy.bare.register());
    expect(await bench.until(() => amy.large.length === 1)).toBe(true);
    await bench.clock.advance(HOUR);
    expect(textsOf(amy)).toEqual([LONG]);
  });

  test('reaches every device of the recipient once', async () => {
    bench = openBench({ a: { services: LARGE_MODE } });
    const alice = await phone(ALICE);
    const amy = await phone(AMY);
    const tablet = await phone(AMY, TABLET);
    await bench.run(alice.send(AMY.msisdn, 'Mx-both', LONG));
    await bench.clock.advance(HOUR / 60);
    expect([textsOf(amy), textsOf(tablet)]).toEqual([[LONG], [LONG]]);
  });

  test('crosses the border in large mode where the peer has it', async () => {
    bench = openBench({ a: { services: LARGE_MODE }, b: { services: LARGE_MODE } });
    const [alice, bob] = [await phone(ALICE), await phone(BOB)];
    expect((await bench.run(alice.send(BOB.msisdn, 'Mx-abroad', LONG))).status).toBe(200);
    expect(await bench.until(() => bob.large.length === 1)).toBe(true);
    expect(startLines('ibcf.ims.mnc001.mcc999.3gppnetwork.org').join()).not.toContain('MESSAGE');
  });

  test('crosses the border in a MESSAGE to a peer without large mode, if that takes it', async () => {
    bench = openBench({ a: { services: LARGE_MODE }, b: { services: PAGER_ONLY } });
    const [alice, bob] = [await phone(ALICE), await phone(BOB)];
    const short = 'x'.repeat(1_400);
    expect((await bench.run(alice.send(BOB.msisdn, 'Mx-fits', short))).status).toBe(200);
    expect(await bench.until(() => bob.bare.received.length === 1)).toBe(true);
    expect(bob.bare.texts).toEqual([short]);
  });

  test('is refused when the peer takes it in no way: the sender learns why in the answer to its last chunk', async () => {
    bench = openBench({ a: { services: LARGE_MODE }, b: { services: PAGER_ONLY } });
    const [alice, bob] = [await phone(ALICE), await phone(BOB)];
    expect(await bench.run(alice.send(BOB.msisdn, 'Mx-big', LONG))).toMatchObject({ status: 413 });
    await bench.clock.advance(HOUR);
    expect(textsOf(bob)).toEqual([]);
  });

  test('is refused before it is sent when the answer says that it is too large (a=max-size)', async () => {
    bench = openBench({ a: { services: LARGE_MODE } });
    const alice = await phone(ALICE);
    await phone(AMY);
    expect((await bench.run(alice.send(AMY.msisdn, 'Mx-huge', 'x'.repeat(60_000)))).status).toBe(413);
    expect(startLines(ALICE.host).filter((line) => line.startsWith('MSRP'))).toEqual([]);
  });

  test.each([
    ['a carrier without MSRP', { services: PAGER_ONLY }, false],
    [
      'MSRP in clear where media go over TLS only',
      { services: LARGE_MODE, media: 'tls-only' } as Settings,
      false,
    ],
    ['MSRP over TLS where the phones were told TCP', { services: LARGE_MODE }, true],
  ])('%s: 488', async (_, a, secure) => {
    bench = openBench({ a });
    const alice = await phone(ALICE);
    await phone(AMY);
    expect((await bench.run(alice.send(AMY.msisdn, 'Mx-none', LONG, { secure }))).status).toBe(488);
  });

  test('goes over TLS at a carrier that has media over TLS only', async () => {
    bench = openBench({ a: { services: LARGE_MODE, media: 'tls-only' } });
    const alice = await phone(ALICE);
    const amy = bench.phone(AMY);
    await bench.run(amy.register());
    expect((await bench.run(alice.send(AMY.msisdn, 'Mx-tls', LONG, { secure: true }))).status).toBe(200);
    expect(bench.frames.some(({ protocol, to }) => protocol === 'tcp' && to.port === 2855)).toBe(false);
  });

  test('a connection that breaks while it is sent loses nothing: the same message again is delivered once', async () => {
    bench = openBench({ a: { services: LARGE_MODE } });
    const [alice, amy] = [await phone(ALICE), await phone(AMY)];
    const sent = alice.send(AMY.msisdn, 'Mx-again', LONG);
    await bench.until(() => startLines(ALICE.host).some((line) => line.startsWith('MSRP')));
    bench.access(ALICE.host).cut();
    expect(await bench.run(sent, 300_000)).toMatchObject({ status: 408, local: true });
    bench.access(ALICE.host).heal();
    expect((await bench.run(alice.send(AMY.msisdn, 'Mx-again', LONG))).status).toBe(200);
    await bench.clock.advance(HOUR);
    expect(textsOf(amy)).toEqual([LONG]);
  });

  test('what was accepted survives the end of the carrier', async () => {
    bench = openBench({ a: { services: LARGE_MODE } });
    const [alice, amy] = [await phone(ALICE), await phone(AMY)];
    await bench.run(amy.bare.register(0));
    await bench.run(alice.send(AMY.msisdn, 'Mx-kept', LONG));
    bench.restart('A');
    await bench.clock.advance(1_000);
    await bench.run(amy.bare.register());
    expect(await bench.until(() => amy.large.length === 1)).toBe(true);
  });
});
