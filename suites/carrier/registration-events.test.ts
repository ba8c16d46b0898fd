import { afterEach, describe, expect, test } from 'vitest';
import { homeDomain } from '../../emulators/carrier/config.ts';
import { readReginfo } from '../../stack/rcs/event-packages/reginfo.ts';
import { header } from '../../stack/rcs/sip/headers.ts';
import { ALICE, AMY, type Bench, OPERATOR_A, openBench } from './bench.ts';

let bench: Bench;
afterEach(() => bench.close());

const DOMAIN = homeDomain(OPERATOR_A);
const ONE = 'urn:uuid:11111111-1111-4111-8111-111111111111';
const SUPPORTED = [{ name: 'Supported', value: 'path, gruu, outbound' }];

/** Alice's phone with a subscription to `whose` registrations; what it was told, in order. */
async function watching(whose = ALICE.msisdn) {
  const phone = bench.phone(ALICE, { instance: ONE });
  await bench.run(phone.register(3_600, { headers: SUPPORTED }));
  const identity = `sip:${whose}@${DOMAIN}`;
  const answer = await bench.run(
    phone.request('SUBSCRIBE', identity, [
      { name: 'Event', value: 'reg' },
      { name: 'Expires', value: '3600' },
      { name: 'Contact', value: phone.contact },
      { name: 'Accept', value: 'application/reginfo+xml' },
    ]),
  );
  await bench.clock.advance(1_000);
  const told = () =>
    phone.received
      .filter(({ method }) => method === 'NOTIFY')
      .map((request) => ({
        state: header(request, 'Subscription-State'),
        reginfo: readReginfo(request.body),
      }));
  return { phone, answer, told };
}

describe('the reg event package (RFC 3680, TS 24.229 5.4.2.1)', () => {
  test('tells a phone of its registration, with its GRUUs (RFC 5628), under both identities', async () => {
    bench = openBench();
    const { answer, told } = await watching();
    expect(answer.status).toBe(200);
    const [first] = told();
    expect(first!.reginfo.registrations.map(({ aor, state }) => [aor, state])).toEqual([
      [`sip:${ALICE.msisdn}@${DOMAIN}`, 'active'],
      [`tel:${ALICE.msisdn}`, 'active'],
    ]);
    const [contact] = first!.reginfo.registrations[0]!.contacts;
    expect(contact).toMatchObject({ state: 'active', event: 'registered' });
    expect(contact!.params?.get('+sip.instance')).toBe(`<${ONE}>`);
    expect(contact!.publicGruu).toBe(`sip:${ALICE.msisdn}@${DOMAIN};gr=${ONE}`);
  });

  test.each([
    ['deactivated', undefined],
    ['rejected', undefined],
    ['probation', 60],
  ] as const)('tells that the network ended it: %s', async (event, retryAfter) => {
    bench = openBench();
    const { phone, told } = await watching();
    expect(bench.a.deregister(ALICE.msisdn, event)).toBe(1);
    await bench.clock.advance(1_000);
    const { reginfo } = told().at(-1)!;
    expect(reginfo.version).toBe(1);
    expect(reginfo.registrations[0]).toMatchObject({ state: 'terminated' });
    const [contact] = reginfo.registrations[0]!.contacts;
    expect([contact!.state, contact!.event, contact!.retryAfter]).toEqual(['terminated', event, retryAfter]);
    const refused = await bench.run(phone.options(AMY.msisdn));
    expect([refused.status, refused.reason]).toEqual([403, 'User not registered']);
  });

  test('tells of a device that came, and nothing twice', async () => {
    bench = openBench();
    const { told } = await watching();
    const second = bench.phone(ALICE, { instance: ONE.replace(/1/g, '2'), transport: 'tcp' });
    await bench.run(second.register(3_600, { headers: SUPPORTED, callId: 'second' }));
    await bench.clock.advance(1_000);
    await bench.run(second.register(0, { headers: SUPPORTED, callId: 'second' }));
    await bench.clock.advance(1_000);
    const events = told().map(({ reginfo }) =>
      reginfo.registrations[0]!.contacts.map(({ event }) => event).sort(),
    );
    expect(events).toEqual([['registered'], ['registered', 'registered'], ['registered', 'unregistered']]);
  });

  test("is nobody else's business", async () => {
    bench = openBench();
    const { answer, told } = await watching(AMY.msisdn);
    expect([answer.status, told()]).toEqual([403, []]);
  });

  test('ends without a word when the last registration has run out', async () => {
    bench = openBench();
    const { phone, told } = await watching();
    const before = told().length;
    phone.vanish();
    await bench.clock.advance(3_700_000);
    const silent = bench.frames.filter(
      (frame) => frame.bytes !== undefined && Buffer.from(frame.bytes).toString().startsWith('NOTIFY'),
    );
    // The one NOTIFY there was, on both hops.
    expect([before, silent.length]).toEqual([1, 2]);
  });

  test('a number without registration ends nothing', () => {
    bench = openBench();
    expect(bench.a.deregister(AMY.msisdn, 'rejected')).toBe(0);
  });
});
