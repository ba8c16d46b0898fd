/** What an operator lets its ACS answer: versions, busy periods, policies by device, shapes, reconfiguration. */
import { afterEach, describe, expect, test } from 'vitest';
import type { AcsSettings } from '../../emulators/carrier/acs/settings.ts';
import { carrierHosts } from '../../emulators/carrier/config.ts';
import { applications, findParm, parseConfigDocument } from '../../stack/rcs/config/index.ts';
import { type Arrival, SmsBearer } from '../../stack/rcs/sms/index.ts';
import { configurationOf } from './acs-client.ts';
import { ALICE, type Bench, OPERATOR_A, openBench } from './bench.ts';

let bench: Bench;
afterEach(() => bench.close());

const open = (acs: Partial<AcsSettings>) => {
  bench = openBench({ a: { acs: { version: 7, validityMs: 86_400_000, ...acs } } });
};
const ask = (query?: string) => configurationOf(bench, ALICE, OPERATOR_A, query);
const parsed = (xml: string) => parseConfigDocument(new TextEncoder().encode(xml));

describe('the answer (docs/rcs-signalling.md 1.4, 1.5)', () => {
  test.each([
    ['wipe', '0'],
    ['wipe-and-stop', '-1'],
    ['disabled', '-2'],
    ['dormant', '-3'],
  ] as const)('%s is VERS %s and nothing else', async (answer, version) => {
    open({ answer });
    const { status, xml } = await ask();
    expect(status).toBe(200);
    expect(findParm(parsed(xml), undefined, 'VERS/version')).toBe(version);
    expect(applications(parsed(xml))).toEqual([]);
  });

  test('forbidden is 403', async () => {
    open({ answer: 'forbidden' });
    expect((await ask()).status).toBe(403);
  });

  test('POLICY/SMS_port says where the network will write to', async () => {
    open({ smsPort: 4_000 });
    expect((await ask()).config).toMatchObject({ smsPort: 4_000 });
  });
});

describe('a busy ACS', () => {
  const plain = () =>
    bench.run(bench.net(ALICE.host).fetch(new Request(`http://${carrierHosts(OPERATOR_A).acs}/`)));

  test('turns away so many requests, and says in seconds when to come back', async () => {
    open({ busy: { requests: 2, retryAfterMs: 90_000, form: 'seconds' } });
    const answers = [await plain(), await plain(), await plain()];
    expect(answers.map(({ status }) => status)).toEqual([503, 503, 200]);
    expect(answers[0]!.headers.get('retry-after')).toBe('90');
  });

  test('turns all away, and says at what date to come back, until it is over', async () => {
    open({ busy: { requests: 'all', retryAfterMs: 90_000, form: 'date' } });
    const answer = await plain();
    const until = Date.parse(answer.headers.get('retry-after')!);
    expect(Math.abs(until - bench.clock.now() - 90_000)).toBeLessThan(2_000);
    bench.a.changeConfiguration({ busy: 'over' }, false);
    expect((await ask()).status).toBe(200);
  });
});

describe('policies by device', () => {
  const policies: AcsSettings['devicePolicies'] = [
    { vendor: 'EMUL', model: 'old', answer: 'forbidden' },
    { profile: 'joyn_blackbird', documentShape: 'flat' },
    { model: 'beta', answer: 'dormant' },
  ];
  test.each([
    ['terminal_vendor=EMUL&terminal_model=old', 403],
    ['terminal_vendor=OTHR&terminal_model=old', 200],
    ['terminal_vendor=EMUL&terminal_model=OLD', 200],
    ['terminal_model=old', 200],
  ])('%s: %i', async (query, status) => {
    open({ devicePolicies: policies });
    expect((await ask(`vers=0&${query}`)).status).toBe(status);
  });

  test('one decides what it names, the carrier the rest', async () => {
    open({ devicePolicies: policies, documentShape: 'nested' });
    const { xml } = await ask('vers=0&terminal_model=beta');
    expect(findParm(parsed(xml), undefined, 'VERS/version')).toBe('-3');
    const joyn = await ask('vers=0&rcs_profile=UP_1.0&rcs_profile=joyn_blackbird');
    expect(applications(parsed(joyn.xml))).toHaveLength(1);
    const other = await ask('vers=0&rcs_profile=UP_2.4');
    expect(applications(parsed(other.xml))).toHaveLength(2);
  });
});

test('both shapes configure the same phone', async () => {
  open({});
  const nested = (await ask()).config!;
  await bench.close();
  open({ documentShape: 'flat' });
  const { im, ...flat } = (await ask()).config!;
  expect(flat).toEqual(nested);
  expect(im).toMatchObject({ messageTechnology: 1 });
});

describe('network-initiated reconfiguration (flow C)', () => {
  function phone(): { readonly sms: SmsBearer; readonly arrivals: Arrival[] } {
    const arrivals: Arrival[] = [];
    const sms = new SmsBearer(
      { clock: bench.clock, network: bench.net(ALICE.host) },
      { smscHost: carrierHosts(OPERATOR_A).smsc },
    );
    sms.watch((arrival) => void arrivals.push(arrival));
    return { sms, arrivals };
  }

  test('tells every RCS subscriber, and has another version to give', async () => {
    open({ smsPort: 4_000 });
    const { sms, arrivals } = phone();
    bench.a.changeConfiguration({ answer: 'configure' }, true);
    await bench.until(() => arrivals.length > 0);
    sms.close();
    expect(arrivals).toMatchObject([{ kind: 'data', port: 4_000 }]);
    const [arrival] = arrivals as [Extract<Arrival, { kind: 'data' }>];
    expect(new TextDecoder().decode(arrival.data)).toBe(`${ALICE.imsi}-rcscfg`);
    expect((await ask('vers=7')).config?.version).toBe(8);
    const accepted = bench.events.filter(({ name }) => name === 'sms-accepted');
    expect(accepted.map(({ data }) => data['recipient'])).toEqual(['+999001000001', '+999001000002']);
  });
});
