/** The ACS where no bearer tells who asks: one-time passwords, tokens, 511, 503 (docs/rcs-signalling.md 1.2 to 1.4). */
import { afterEach, describe, expect, test } from 'vitest';
import type { AcsSettings } from '../../emulators/carrier/acs/settings.ts';
import { carrierHosts } from '../../emulators/carrier/config.ts';
import { configToken, findParm, parseConfigDocument } from '../../stack/rcs/config/index.ts';
import { type Arrival, SmsBearer } from '../../stack/rcs/sms/index.ts';
import { ALICE, AMY, type Bench, OPERATOR_A, openBench, SMS_ANN } from './bench.ts';

const HOST = carrierHosts(OPERATOR_A).acs;
const ON_WIFI = { ...ALICE, bearer: 'other' as const };

/** Alice's phone on Wi-Fi, by hand. */
function wifiPhone(acs: Partial<AcsSettings> = {}) {
  const bench = openBench({
    a: {
      acs: { version: 7, validityMs: 86_400_000, ...acs },
      subscribers: [ON_WIFI, { ...AMY, bearer: 'other' }, SMS_ANN],
    },
  });
  const net = bench.net(ALICE.host);
  const arrivals: Arrival[] = [];
  const sms = new SmsBearer(
    { clock: bench.clock, network: net },
    { smscHost: carrierHosts(OPERATOR_A).smsc },
  );
  sms.watch((arrival) => void arrivals.push(arrival));
  opened = { bench, sms };
  const get = (query: string, cookie?: string) =>
    bench.run(
      net.fetch(
        new Request(`https://${HOST}/?${query}`, cookie === undefined ? {} : { headers: { cookie } }),
      ),
    );
  /** Asks with an empty token; the cookie, and the password once it has come. */
  const begin = async (port: number, more = 'vers=0') => {
    const before = arrivals.length;
    const response = await get(`${more}&msisdn=${encodeURIComponent(ALICE.msisdn)}&SMS_port=${port}&token=`);
    const cookie = response.headers.get('set-cookie')?.split(';')[0];
    await bench.until(() => arrivals.length > before, 5_000);
    return { response, cookie, arrival: arrivals[before] };
  };
  const configured = async (more?: string) => {
    const { cookie, arrival } = await begin(12_345, more);
    return documentOf(await get(`OTP=${passwordOf(arrival)}`, cookie));
  };
  return { bench, net, arrivals, get, begin, configured };
}

let opened: { readonly bench: Bench; readonly sms: SmsBearer };
afterEach(async () => {
  opened.sms.close();
  await opened.bench.close();
});

const passwordOf = (arrival: Arrival | undefined): string =>
  arrival?.kind === 'data'
    ? new TextDecoder().decode(arrival.data)
    : (/\d{4,8}/.exec(arrival?.text ?? '')?.[0] ?? '');
const documentOf = async (response: Response) => {
  expect(response.status).toBe(200);
  return parseConfigDocument(new Uint8Array(await response.arrayBuffer()));
};
const another = (password: string) => password.replace(/^./, (digit) => String((Number(digit) + 1) % 10));

describe('a one-time password (flow B)', () => {
  test('goes as data to SMS_port, and with its cookie earns the document with a token', async () => {
    const { begin, get } = wifiPhone();
    const { response, cookie, arrival } = await begin(12_345);
    expect(response.status).toBe(200);
    expect(await response.text()).toBe('');
    expect(arrival).toMatchObject({ kind: 'data', port: 12_345 });
    expect(passwordOf(arrival)).toMatch(/^\d{6}$/);
    const document = await documentOf(await get(`OTP=${passwordOf(arrival)}`, cookie));
    expect(findParm(document, 'ap2001', 'UserPwd')).toBe(ALICE.password);
    expect(configToken(document)).toMatchObject({ validitySeconds: 30 * 86_400 });
  });

  test('is readable for SMS_port 0', async () => {
    const { begin } = wifiPhone({ otp: { digits: 8 } });
    expect((await begin(0)).arrival).toMatchObject({
      kind: 'text',
      text: expect.stringMatching(/\b\d{8}\b/),
    });
  });

  test.each([
    ['text', { kind: 'text' }],
    ['wrong-port', { kind: 'data', port: 37_273 }],
  ] as const)('goes another way where the network delivers %s (hazard R74)', async (delivery, arrival) => {
    const { begin } = wifiPhone({ otp: { delivery } });
    expect((await begin(12_345)).arrival).toMatchObject(arrival);
  });

  test('is worth nothing without its cookie, and only once with it', async () => {
    const { begin, get } = wifiPhone();
    const { cookie, arrival } = await begin(12_345);
    const otp = `OTP=${passwordOf(arrival)}`;
    expect((await get(otp)).status).toBe(511);
    expect((await get(otp, 'acs=00000000000000000000000000000000')).status).toBe(511);
    expect((await get(otp, cookie)).status).toBe(200);
    expect((await get(otp, cookie)).status).toBe(511);
  });

  test('may be mistyped, but not three times', async () => {
    const { begin, get } = wifiPhone();
    const right = async (wrongBefore: number) => {
      const { cookie, arrival } = await begin(12_345);
      const password = passwordOf(arrival);
      for (let i = 0; i < wrongBefore; i += 1)
        expect((await get(`OTP=${another(password)}`, cookie)).status).toBe(511);
      return (await get(`OTP=${password}`, cookie)).status;
    };
    expect(await right(2)).toBe(200);
    expect(await right(3)).toBe(511);
  });

  test('of another length, or empty, is as wrong as any', async () => {
    const { begin, get } = wifiPhone();
    const { cookie, arrival } = await begin(12_345);
    expect((await get('OTP=', cookie)).status).toBe(511);
    expect((await get(`OTP=${passwordOf(arrival)}0`, cookie)).status).toBe(511);
  });

  test('runs out', async () => {
    const { bench, begin, get } = wifiPhone({ otp: { lifetimeMs: 60_000 } });
    const { cookie, arrival } = await begin(12_345);
    await bench.clock.advance(61_000);
    expect((await get(`OTP=${passwordOf(arrival)}`, cookie)).status).toBe(511);
  });

  test('is sent to a number so many times an hour, then 503 says when again (hazard R71)', async () => {
    const { bench, begin } = wifiPhone({ otp: { messagesPerHour: 2 } });
    await begin(12_345);
    await begin(12_345);
    const { response, arrival } = await begin(12_345);
    expect(arrival).toBeUndefined();
    expect(response.status).toBe(503);
    const wait = Number(response.headers.get('retry-after'));
    expect(wait).toBeGreaterThan(3_500);
    await bench.clock.advance(wait * 1_000);
    expect((await begin(12_345)).response.status).toBe(200);
  });

  test('goes to nobody for a number that is no RCS subscriber of ours: 403', async () => {
    const { bench, get } = wifiPhone();
    for (const number of [SMS_ANN.msisdn, '+999002000001', 'x', ''])
      expect((await get(`vers=0&msisdn=${encodeURIComponent(number)}&SMS_port=0&token=`)).status).toBe(403);
    expect(bench.events.filter(({ name }) => name === 'otp-sent')).toEqual([]);
  });
});

describe('a token', () => {
  const withToken = (token: string, number = ALICE.msisdn, vers = 0) =>
    `vers=${vers}&msisdn=${encodeURIComponent(number)}&SMS_port=0&token=${token}`;

  test('spares the next password, and comes anew with each document', async () => {
    const { configured, get, arrivals } = wifiPhone();
    const first = configToken(await configured())!.value;
    const second = configToken(await documentOf(await get(withToken(first))))!.value;
    expect(second).not.toBe(first);
    const unchanged = await documentOf(await get(withToken(second, ALICE.msisdn, 7)));
    expect(findParm(unchanged, undefined, 'AppID')).toBeUndefined();
    expect(configToken(unchanged)).toBeDefined();
    expect(arrivals).toHaveLength(1);
  });

  test('of another number, an unknown one, or one that has run out: 511, and no SMS', async () => {
    const { bench, configured, get, arrivals } = wifiPhone({ tokenLifetimeMs: 3_600_000 });
    const { value } = configToken(await configured())!;
    expect((await get(withToken(value, AMY.msisdn))).status).toBe(511);
    expect((await get(withToken('00'))).status).toBe(511);
    expect((await get(withToken(value))).status).toBe(200);
    await bench.clock.advance(3_600_001);
    expect((await get(withToken(value))).status).toBe(511);
    expect(arrivals).toHaveLength(1);
  });

  test('is kept by nobody: four hold at a time', async () => {
    const { configured, get, bench } = wifiPhone();
    const first = configToken(await configured())!.value;
    for (let i = 0; i < 3; i += 1) await get(withToken(first));
    expect((await get(withToken(first))).status).toBe(200);
    expect((await get(withToken(first))).status).toBe(511);
    expect(JSON.stringify(bench.events)).not.toContain(first);
  });
});

describe('the bearer', () => {
  test('of another operator or of none tells nothing: 511 to the plain request', async () => {
    const { bench, net } = wifiPhone();
    expect((await bench.run(net.fetch(new Request(`http://${HOST}/`)))).status).toBe(511);
  });

  test("tells nothing where the operator's network adds no identity", async () => {
    const { bench } = wifiPhone({ headerEnrichment: false });
    const net = bench.net(AMY.host);
    expect((await bench.run(net.fetch(new Request(`http://${HOST}/`)))).status).toBe(511);
  });
});

describe('limits', () => {
  test.each([
    ['414 beyond 4096 characters of query', 414, `vers=0&x=${'y'.repeat(4_096)}`, undefined],
    [
      '431 for more than 16 cookies',
      431,
      'vers=0',
      Array.from({ length: 17 }, (_, i) => `c${i}=1`).join('; '),
    ],
    ['431 beyond 4096 characters of cookies', 431, 'vers=0', `c=${'1'.repeat(4_096)}`],
    ['400 for a parameter twice', 400, 'vers=0&vers=1', undefined],
    ['400 for more than 128 parameters', 400, 'a&'.repeat(200), undefined],
    ['403 for a msisdn of another case', 403, 'vers=0&MSISDN=%2B999001000001', undefined],
  ])('%s', async (_, expected, query, cookie) => {
    const { get } = wifiPhone();
    expect((await get(query, cookie)).status).toBe(expected);
  });

  test('parameters that nobody knows are ignored', async () => {
    const { configured } = wifiPhone();
    const document = await configured('vers=0&Channel_ID=x&default_vvm_app=1&VERS=9&__proto__=1');
    expect(findParm(document, undefined, 'VERS/version')).toBe('7');
  });
});
