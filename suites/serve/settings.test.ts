import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { phoneLine } from '../../harness/phone/phone-line.ts';
import { servedAccounts } from '../../harness/serve/accounts.ts';
import { servingAddresses } from '../../harness/serve/addresses.ts';
import { carrierFiles } from '../../harness/serve/carrier-files.ts';
import { changes } from '../../harness/serve/changes.ts';
import { planOf, portPlan, portsNeeded } from '../../harness/serve/port-plan.ts';
import { withoutSipSecrets } from '../../harness/serve/redact-sip.ts';
import { servedCarriers } from '../../harness/serve/served-carriers.ts';
import { MatrixError } from '../../matrix/index.ts';
import { carrierFile, folder } from './support/served.ts';

const place = { ports: portPlan(3, undefined), address: '127.0.0.1', firstBearer: 1 };

describe('accounts', () => {
  test('are two ready-made ones a carrier, each with a number, a bearer and identities of its own', () => {
    const all = servedAccounts([undefined, undefined]).flat();
    expect(all.map(({ name, msisdn }) => `${name} ${msisdn}`)).toEqual([
      'alice +999900100001',
      'bob +999900100002',
      'carol +999900200001',
      'dave +999900200002',
    ]);
    for (const field of ['bearer', 'privateIdentity', 'publicIdentity', 'imsi'] as const)
      expect(new Set(all.map((account) => account[field])).size).toBe(4);
    expect(all[0]!.bearer).toBe('127.80.0.1');
  });

  test('are what the carrier file says', () => {
    const into = folder();
    const path = carrierFile(
      into,
      'mine',
      'accounts:',
      '  - { name: zoe, msisdn: "+4915112345678", imsi: "262011234567890", password: "s3cret" }',
      '  - { name: sam, rcs: false }',
    );
    const [carrier] = servedCarriers(carrierFiles([path]), place);
    expect(carrier!.config.subscribers).toMatchObject([
      { msisdn: '+4915112345678', imsi: '262011234567890', password: 's3cret', rcs: true },
      { msisdn: '+999900100002', password: 'parley-sam', rcs: false },
    ]);
  });

  test('with a number outside the range of their carrier are found by the others', () => {
    const into = folder();
    const path = carrierFile(into, 'mine', 'accounts: [{ name: zoe, msisdn: "+4915112345678" }]');
    const [, other] = servedCarriers(carrierFiles([path, 'lab']), place);
    expect(other!.config.peers.map(({ label, numberPrefix }) => `${label} ${numberPrefix}`)).toEqual([
      'A +4915112345678',
      'A +9999001',
    ]);
  });

  test('that are wrong are told with file, line and field', () => {
    const path = carrierFile(
      folder(),
      'mine',
      'accounts: [{ name: zoe, msisdn: "0151" }]',
      'limits: { flowrate: 1 }',
    );
    expect(() => carrierFiles([path])).toThrow(MatrixError);
    expect(() => carrierFiles([path])).toThrow(/mine\.yaml:13:\d+ accounts\[0\]\.msisdn: .*E\.164/);
    expect(() => carrierFiles([path])).toThrow(/limits\.flowrate: unknown field; did you mean "flowRate"\?/);
  });
});

describe('ports', () => {
  test.each([
    ['well-known', portPlan(5, undefined)],
    ['from a base', portPlan(5, 15_060)],
    [
      'free ones',
      planOf(
        5,
        Array.from({ length: portsNeeded(5) }, (_, i) => 40_000 + i),
      ),
    ],
  ])('%s: no two listeners of any carriers share one', (_, { carriers, status }) => {
    const used = carriers.flatMap(({ sip, ...others }) => [
      ...new Set(Object.values(sip)),
      ...Object.values(others),
    ]);
    expect(new Set([...used, status]).size).toBe(used.length + 1);
    expect(carriers.every(({ sip }) => sip.udp === sip.tcp)).toBe(true);
  });

  test('of phones are none that stands for a part of the core', () => {
    expect(() => portPlan(1, 5_058)).toThrow(/SIP would be at port 5064/);
  });

  test('of the first carrier are those of SIP', () => {
    expect(portPlan(1, undefined).carriers[0]!.sip).toEqual({
      udp: 5060,
      tcp: 5060,
      tls: 5061,
      ws: 5066,
      wss: 7443,
    });
  });
});

test('addresses: loopback is local, a wildcard needs one that phones are told', () => {
  expect(servingAddresses('127.0.0.1,::1', undefined)).toMatchObject({ address: '127.0.0.1', isLocal: true });
  expect(servingAddresses('0.0.0.0', '10.0.0.1')).toMatchObject({ address: '10.0.0.1', isLocal: false });
  expect(() => servingAddresses('127.0.0.1,127.0.0.2', undefined)).toThrow(/one IPv4 and one IPv6/);
});

test('a reload tells each field and account that changed, and which wait for a new start', () => {
  const sides = (...lines: string[]) => {
    const file = carrierFiles([carrierFile(folder(), 'mine', ...lines)])[0]!;
    return { file, accounts: servedAccounts([file.accounts])[0]! };
  };
  const before = sides('accounts: [{ name: a, password: x }, { name: b }]');
  const later = sides('accounts: [{ name: a, password: y }, { name: c }]');
  const after = {
    ...later,
    file: {
      ...later.file,
      e2ee: { enabled: false },
      services: { ...later.file.services, pagerMaxSize: 900 },
    },
  };
  expect(changes('carrier A', before, before, [])).toEqual([]);
  expect(changes('carrier A', before, after, ['e2ee'])).toEqual([
    'carrier A: e2ee.enabled: true -> false (after a new start)',
    'carrier A: services.pagerMaxSize: 65536 -> 900',
    'carrier A: account + c (+999900100002)',
    'carrier A: account - b (+999900100002)',
    'carrier A: account a: password',
  ]);
});

test('digest responses do not reach a recording, however the header is written', () => {
  const masked = (text: string) => (withoutSipSecrets({ bytes: { text } }).bytes as { text: string }).text;
  const secret = 'a1b2'.repeat(8);
  for (const header of [
    `Authorization: Digest username="u", response="${secret}", nc=1`,
    `authorization : Digest username="u",\r\n response="${secret}"`,
    `Proxy-Authorization: Digest response="${secret}"`,
  ]) {
    const text = `REGISTER sip:a SIP/2.0\r\n${header}\r\nTo: <sip:b>\r\n\r\n`;
    expect(masked(text)).toBe(text.replace(secret, '*'.repeat(32)));
  }
  expect(masked('MESSAGE tel:1 SIP/2.0\r\n\r\nresponse="kept"')).toContain('response="kept"');
});

describe('what is typed on a phone', () => {
  const read = (line: string, peer?: string) =>
    phoneLine(line, peer, (name) => (name === 'bob' ? '+999900100002' : undefined));

  test.each([
    ['+999900100002 hello  there', undefined, { do: 'send', to: '+999900100002', text: 'hello  there' }],
    ['/to bob', undefined, { do: 'talk', to: '+999900100002' }],
    ['just text', '+999900100009', { do: 'send', to: '+999900100009', text: 'just text' }],
    ['/can +999900100002', undefined, { do: 'ask', peer: '+999900100002' }],
    ['/quit', undefined, { do: 'quit' }],
    ['  ', undefined, { do: 'nothing' }],
  ])('%j', (line, peer, expected) => expect(read(line, peer)).toEqual(expected));

  test.each(['just text', '/to nobody', '/jump', '+999900100002'])('%j is a mistake that is told', (line) => {
    expect(read(line).do).toBe('mistake');
  });

  test('anything else is a command, a text or a mistake, never an error', () => {
    fc.assert(
      fc.property(fc.string(), fc.option(fc.constant('+999900100002'), { nil: undefined }), (line, peer) => {
        expect(read(line, peer).do).toMatch(/^(send|talk|ask|quit|help|nothing|mistake)$/);
      }),
    );
  });
});
