import { afterEach, describe, expect, test } from 'vitest';
import { headerValues } from '../../stack/rcs/sip/headers.ts';
import { contactTagNames } from './bare-phone.ts';
import { ALICE, AMY, type Bench, BOB, openBench, SMS_ANN, SMS_BEN } from './bench.ts';

let bench: Bench;
afterEach(() => bench.close());

describe('OPTIONS (RCS signalling 3.1)', () => {
  test.each([
    ['in the same network', AMY],
    ['in another network', BOB],
  ])('a registered phone %s answers for itself, and learns who asks', async (_, peer) => {
    bench = openBench();
    const alice = bench.phone(ALICE);
    const other = bench.phone(peer, {
      tags: '+g.3gpp.iari-ref="urn%3Aurn-7%3A3gpp-application.ims.iari.rcs.geopush"',
    });
    await bench.run(alice.register());
    await bench.run(other.register());
    const answer = await bench.run(alice.options(peer.msisdn));
    expect(answer.status).toBe(200);
    expect(contactTagNames(answer)).toEqual(['+g.3gpp.iari-ref']);
    expect(headerValues(other.received[0]!, 'P-Asserted-Identity')[1]).toBe(`<tel:${ALICE.msisdn}>`);
    expect(headerValues(other.received[0]!, 'Contact')[0]).toContain('mls-kds');
    expect(headerValues(answer, 'Via')).toEqual([]);
  });

  test.each([
    ['de-registered', async (phone: ReturnType<Bench['phone']>) => void (await bench.run(phone.register(0)))],
    ['silent', async (phone: ReturnType<Bench['phone']>) => void (phone.answers = () => 0)],
    ['gone', async (phone: ReturnType<Bench['phone']>) => phone.vanish()],
  ])('for a %s phone the network answers 200 with automata and its last known tags', async (_, leave) => {
    bench = openBench();
    const alice = bench.phone(ALICE);
    const amy = bench.phone(AMY);
    await bench.run(alice.register());
    await bench.run(amy.register());
    await leave(amy);
    const answer = await bench.run(alice.options(AMY.msisdn));
    expect(answer.status).toBe(200);
    expect(contactTagNames(answer)).toEqual([
      'automata',
      '+g.3gpp.icsi-ref',
      '+g.gsma.rcs.mls.mls-version',
      '+g.gsma.rcs.mls.mls-kds',
    ]);
  });

  test.each([
    ['who never registered', AMY.msisdn],
    ['without RCS', SMS_ANN.msisdn],
    ['without RCS in another network', SMS_BEN.msisdn],
    ['whom nobody knows', '+4915100000'],
  ])('404 for someone %s', async (_, number) => {
    bench = openBench();
    const alice = bench.phone(ALICE);
    await bench.run(alice.register());
    expect((await bench.run(alice.options(number))).status).toBe(404);
  });

  test('504, which says nothing about the peer, when its network cannot be reached', async () => {
    bench = openBench();
    const alice = bench.phone(ALICE);
    await bench.run(alice.register());
    bench.interconnect.cut();
    expect((await bench.run(alice.options(BOB.msisdn))).status).toBe(504);
  });
});
