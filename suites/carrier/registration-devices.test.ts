import { afterEach, describe, expect, test } from 'vitest';
import { homeDomain } from '../../emulators/carrier/config.ts';
import { header, headerValues } from '../../stack/rcs/sip/headers.ts';
import { parseNameAddr } from '../../stack/rcs/sip/name-addr.ts';
import { CHAT_TAG } from './bare-phone.ts';
import { ALICE, AMY, type Bench, BOB, OPERATOR_A, openBench } from './bench.ts';

let bench: Bench;
afterEach(() => bench.close());

const DOMAIN = homeDomain(OPERATOR_A);
const ONE = 'urn:uuid:11111111-1111-4111-8111-111111111111';
const TWO = 'urn:uuid:22222222-2222-4222-8222-222222222222';
const SUPPORTED = [{ name: 'Supported', value: 'path, gruu, outbound' }];

/** Two devices of Amy, the first over TLS and the second over TCP. */
async function twoDevices(tags: [string, string] = [CHAT_TAG, CHAT_TAG]) {
  const first = bench.phone(AMY, { instance: ONE, tags: tags[0] });
  const second = bench.phone(AMY, { instance: TWO, tags: tags[1], transport: 'tcp' });
  await bench.run(first.register(3_600, { headers: SUPPORTED, callId: 'one' }));
  const listed = await bench.run(second.register(3_600, { headers: SUPPORTED, callId: 'two' }));
  const contacts = headerValues(listed, 'Contact').map((value) => parseNameAddr(value).params);
  return { first, second, listed, contacts };
}

describe('GRUU (RFC 5627)', () => {
  test('a phone that supports it gets a public and a temporary one for each device', async () => {
    bench = openBench();
    const { contacts } = await twoDevices();
    expect(contacts.map((params) => params.get('pub-gruu'))).toEqual([
      `sip:${AMY.msisdn}@${DOMAIN};gr=${ONE}`,
      `sip:${AMY.msisdn}@${DOMAIN};gr=${TWO}`,
    ]);
    for (const params of contacts) expect(params.get('temp-gruu')).toMatch(/^sip:tgruu\.[0-9a-f]{32}@.*;gr$/);
  });

  test('a phone that does not, gets none (5.3)', async () => {
    bench = openBench();
    const answer = await bench.run(bench.phone(AMY, { instance: ONE }).register());
    expect(header(answer, 'Contact')).not.toContain('gruu');
  });

  test.each(['pub-gruu', 'temp-gruu'])('a request to a %s reaches that device only', async (kind) => {
    bench = openBench();
    const { first, second, contacts } = await twoDevices();
    const alice = bench.phone(ALICE);
    await bench.run(alice.register());
    const uri = contacts[0]!.get(kind)!;
    expect((await bench.run(alice.request('OPTIONS', uri, []))).status).toBe(200);
    expect([first.received.length, second.received.length]).toEqual([1, 0]);
  });

  test('each registration gets another temporary one, and the older ones stay valid while it lasts (5.4)', async () => {
    bench = openBench();
    const phone = bench.phone(AMY, { instance: ONE });
    const granted = async (expires: number, callId = 'one') => {
      const answer = await bench.run(phone.register(expires, { headers: SUPPORTED, callId }));
      return headerValues(answer, 'Contact').map(
        (value) => parseNameAddr(value).params.get('temp-gruu')!,
      )[0]!;
    };
    const alice = bench.phone(ALICE);
    await bench.run(alice.register());
    const statusOf = async (uri: string) => (await bench.run(alice.request('OPTIONS', uri, []))).status;
    const [older, newer] = [await granted(3_600), await granted(3_600)];
    expect(older).not.toBe(newer);
    expect([await statusOf(older), await statusOf(newer)]).toEqual([200, 200]);
    const other = await granted(3_600, 'two');
    expect([await statusOf(older), await statusOf(other)]).toEqual([404, 200]);
    await granted(0, 'two');
    expect(await statusOf(other)).toBe(404);
  });

  test.each([
    ['of a device that never registered', `sip:${AMY.msisdn}@${DOMAIN};gr=${TWO}`],
    ['that nobody was given', `sip:tgruu.${'0'.repeat(32)}@${DOMAIN};gr`],
  ])('one %s is answered 404', async (_, uri) => {
    bench = openBench();
    await bench.run(bench.phone(AMY, { instance: ONE }).register(3_600, { headers: SUPPORTED }));
    const alice = bench.phone(ALICE);
    await bench.run(alice.register());
    expect((await bench.run(alice.request('OPTIONS', uri, []))).status).toBe(404);
  });

  test('a message to a device that is away waits for that very device', async () => {
    bench = openBench();
    const { first, second, contacts } = await twoDevices();
    await bench.run(first.register(0, { callId: 'one' }));
    const alice = bench.phone(ALICE);
    await bench.run(alice.register());
    const body = `From: <sip:a@a>\r\nTo: <sip:b@b>\r\nNS: imdn <urn:ietf:params:imdn>\r\nimdn.Message-ID: m1\r\n\r\nContent-Type: text/plain\r\n\r\nhello`;
    const answer = await bench.run(
      alice.request(
        'MESSAGE',
        contacts[0]!.get('pub-gruu')!,
        [{ name: 'Content-Type', value: 'message/cpim' }],
        new TextEncoder().encode(body),
      ),
    );
    expect(answer.status).toBe(202);
    await bench.clock.advance(10_000);
    await bench.run(second.register(3_600, { headers: SUPPORTED, callId: 'two' }));
    await bench.clock.advance(10_000);
    expect(second.texts).toEqual([]);
    await bench.run(first.register(3_600, { headers: SUPPORTED, callId: 'one' }));
    await bench.until(() => first.texts.length > 0);
    expect(first.texts).toEqual(['hello']);
  });
});

describe('outbound (RFC 5626)', () => {
  test('is granted with Require, Flow-Timer and ob in Path', async () => {
    bench = openBench();
    const answer = await bench.run(bench.phone(AMY).register(3_600, { headers: SUPPORTED }));
    expect(header(answer, 'Require')).toBe('outbound');
    expect(header(answer, 'Flow-Timer')).toBe('120');
    expect(header(answer, 'Path')).toMatch(/^<sip:t\d+\.[0-9a-f]{20}@pcscf\..*;lr;ob>$/);
  });

  test('a new flow with the same instance and reg-id replaces the old one, another reg-id stands beside it (4.2, 6)', async () => {
    bench = openBench();
    const tags = `${CHAT_TAG}`;
    const register = async (regId: string, callId: string) => {
      const phone = bench.phone(AMY, { instance: ONE, tags });
      const contact = `${phone.contact};+sip.instance="<${ONE}>";reg-id=${regId};${tags};expires=600`;
      return bench.run(phone.register(600, { headers: SUPPORTED, contact, callId }));
    };
    await register('1', 'one');
    expect(headerValues(await register('2', 'two'), 'Contact')).toHaveLength(2);
    expect(headerValues(await register('1', 'three'), 'Contact')).toHaveLength(2);
  });

  test('a reinstalled phone replaces what it left behind (hazard R12)', async () => {
    bench = openBench();
    await bench.run(
      bench.phone(AMY, { instance: ONE }).register(3_600, { headers: SUPPORTED, callId: 'one' }),
    );
    const again = bench.phone(AMY, { instance: ONE });
    const answer = await bench.run(again.register(3_600, { callId: 'two' }));
    expect(headerValues(answer, 'Contact')).toHaveLength(1);
  });

  test('a request by a flow token that was not made here is refused (5.3.1)', async () => {
    bench = openBench();
    const phone = bench.phone(ALICE);
    const path = header(await bench.run(phone.register(3_600, { headers: SUPPORTED })), 'Path')!;
    const forged = path.replace(/t\d+\.[0-9a-f]{4}/, 't1.0000');
    const status = async (route: string) =>
      (await bench.run(phone.request('OPTIONS', `sip:${DOMAIN}`, [{ name: 'Route', value: route }]))).status;
    expect([await status(path), await status(forged)]).toEqual([200, 403]);
  });

  test('a request by the token of a flow that is gone is answered 430 (5.3.1)', async () => {
    bench = openBench();
    const phone = bench.phone(ALICE);
    const path = header(await bench.run(phone.register(3_600, { headers: SUPPORTED })), 'Path')!;
    phone.comeBack();
    await bench.clock.advance(1_000);
    await bench.run(phone.register(3_600, { headers: SUPPORTED }));
    const answer = await bench.run(
      phone.request('OPTIONS', `sip:${DOMAIN}`, [{ name: 'Route', value: path }]),
    );
    expect([answer.status, answer.reason]).toEqual([430, 'Flow Failed']);
  });
});

describe('caller preferences (RFC 3841)', () => {
  const BOT = '+g.gsma.rcs.botversion="#=1"';
  const ask = async (headers: { name: string; value: string }[]) => {
    bench = openBench();
    const { first, second } = await twoDevices([`${CHAT_TAG};${BOT}`, CHAT_TAG]);
    const alice = bench.phone(ALICE);
    await bench.run(alice.register());
    const answer = await bench.run(alice.options(AMY.msisdn, headers));
    return { status: answer.status, asked: [first.received.length, second.received.length] };
  };

  test('every device is asked when the caller wants none in particular', async () => {
    expect(await ask([])).toEqual({ status: 200, asked: [1, 1] });
  });

  test.each([
    ['a tag with require and explicit', `*;${BOT};require;explicit`, [1, 0]],
    [
      'a tag in other case and encoding (hazard R14)',
      '*;+G.GSMA.RCS.BOTVERSION="%23=1";require;explicit',
      [1, 0],
    ],
    ['an instance', `*;+sip.instance="<${TWO}>";require`, [0, 1]],
    ['a tag that is only preferred', `*;${BOT}`, [1, 1]],
    ['a tag that no device contradicts', `*;${BOT};require`, [1, 1]],
  ])('Accept-Contact with %s', async (_, value, asked) => {
    expect(await ask([{ name: 'Accept-Contact', value }])).toEqual({ status: 200, asked });
  });

  test('Reject-Contact keeps those out that have the tag', async () => {
    expect(await ask([{ name: 'Reject-Contact', value: `*;${BOT}` }])).toEqual({
      status: 200,
      asked: [0, 1],
    });
  });

  test('480 when no device is wanted', async () => {
    const value = '*;+g.example.unheard-of;require;explicit';
    expect(await ask([{ name: 'Accept-Contact', value }])).toEqual({ status: 480, asked: [0, 0] });
  });

  test('of several answers the best is passed on, whoever is first (RFC 3261 16.7, hazard R06)', async () => {
    bench = openBench();
    const { first, second } = await twoDevices();
    second.answers = () => 486;
    const alice = bench.phone(ALICE);
    await bench.run(alice.register());
    expect((await bench.run(alice.options(AMY.msisdn))).status).toBe(200);
    first.answers = () => 405;
    expect((await bench.run(alice.options(AMY.msisdn))).status).toBe(486);
  });
});

describe('identity at the edge (RFC 3325)', () => {
  const sentBy = async (headers: { name: string; value: string }[]) => {
    bench = openBench();
    const [alice, amy] = [bench.phone(ALICE), bench.phone(AMY)];
    await bench.run(alice.register());
    await bench.run(amy.register());
    await bench.run(alice.options(AMY.msisdn, headers));
    return amy.received[0]!;
  };
  const SIP = `<sip:${ALICE.msisdn}@${DOMAIN}>`;
  const TEL = `<tel:${ALICE.msisdn}>`;

  test.each([
    ['nothing preferred', [], `${SIP}, ${TEL}`],
    ['the tel form preferred', [{ name: 'P-Preferred-Identity', value: TEL }], `${TEL}, ${SIP}`],
    [
      'somebody else preferred',
      [{ name: 'P-Preferred-Identity', value: `<tel:${BOB.msisdn}>` }],
      `${SIP}, ${TEL}`,
    ],
    [
      'somebody else asserted',
      [{ name: 'P-Asserted-Identity', value: `<tel:${BOB.msisdn}>` }],
      `${SIP}, ${TEL}`,
    ],
  ])('%s: the network says who it is', async (_, headers, expected) => {
    const received = await sentBy(headers);
    expect(headerValues(received, 'P-Asserted-Identity').join(', ')).toBe(expected);
    expect(header(received, 'P-Preferred-Identity')).toBeUndefined();
  });

  test("what is the network's own, and where the caller is, does not reach the phone", async () => {
    const received = await sentBy([
      { name: 'P-Charging-Vector', value: 'icid-value=1' },
      { name: 'P-Access-Network-Info', value: 'IEEE-802.11;i-wlan-node-id=001122334455' },
    ]);
    expect(received.headers.map(({ name }) => name).filter((name) => /charging|access/i.test(name))).toEqual(
      [],
    );
  });

  test('an identity that is to stay private stays with the network (7)', async () => {
    expect(header(await sentBy([{ name: 'Privacy', value: 'id' }]), 'P-Asserted-Identity')).toBeUndefined();
  });
});

describe('a phone on UDP (RFC 3261 18.1.1)', () => {
  test.each([
    ['its requests are too large', '', 'x'.repeat(1_400)],
    ['its REGISTER is', `;+g.example="${'x'.repeat(1_200)}"`, ''],
  ])('is one phone over UDP and TCP when %s', async (_, tag, filling) => {
    bench = openBench();
    const phone = bench.phone(ALICE, { transport: 'udp', tags: CHAT_TAG + tag });
    expect((await bench.run(phone.register())).status).toBe(200);
    const subject = { name: 'Subject', value: filling };
    const answer = await bench.run(
      phone.request('OPTIONS', `sip:${DOMAIN}`, filling === '' ? [] : [subject]),
    );
    expect(answer.status).toBe(200);
    const transports = bench.frames
      .filter((frame) => frame.from.host === ALICE.host && frame.bytes !== undefined)
      .map((frame) => frame.protocol);
    expect(new Set(transports)).toEqual(new Set(['udp', 'tcp']));
  });
});
