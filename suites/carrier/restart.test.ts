import { afterEach, describe, expect, test } from 'vitest';
import { carrierHosts, type Subscriber } from '../../emulators/carrier/config.ts';
import { SeededRandom } from '../../emulators/network/seeded-random.ts';
import { createNobleProvider } from '../../stack/crypto/index.ts';
import { credentialFor } from '../../stack/e2ee/identity.ts';
import { createKeyPackage, encodeKeyPackage } from '../../stack/mls/index.ts';
import { header } from '../../stack/rcs/sip/headers.ts';
import { SmsBearer } from '../../stack/rcs/sms/sms-bearer.ts';
import { configurationOf } from './acs-client.ts';
import type { BarePhone } from './bare-phone.ts';
import { ALICE, AMY, type Bench, BOB, OPERATOR_A, openBench, SMS_ANN, SMS_BEN } from './bench.ts';

let bench: Bench;
afterEach(() => bench.close());

async function registered(who: Subscriber, transport: 'udp' | 'tls' = 'udp'): Promise<BarePhone> {
  const phone = bench.phone(who, { transport });
  expect((await bench.run(phone.register())).status).toBe(200);
  return phone;
}

describe('a carrier that starts again on what it stored', () => {
  test('delivers what waited for a phone, in order, as soon as the phone is back', async () => {
    bench = openBench();
    const alice = await registered(ALICE);
    const amy = await registered(AMY, 'tls');
    amy.vanish();
    for (const id of ['Mx-1', 'Mx-2', 'Mx-3'])
      expect((await bench.run(alice.text(AMY.msisdn, id, id))).status).toBe(202);
    await bench.clock.advance(20_000);
    bench.restart('A');
    amy.comeBack();
    await bench.run(amy.register());
    await bench.clock.advance(20_000);
    expect(amy.texts).toEqual(['Mx-1', 'Mx-2', 'Mx-3']);
  });

  test('takes a message sent again by someone who missed the 202 as the one it has', async () => {
    bench = openBench();
    const [alice, amy] = [await registered(ALICE), await registered(AMY)];
    expect((await bench.run(alice.text(AMY.msisdn, 'Mx-same', 'once'))).status).toBe(202);
    bench.restart('A');
    expect((await bench.run(alice.text(AMY.msisdn, 'Mx-same', 'once'))).status).toBe(202);
    await bench.clock.advance(60_000);
    expect(amy.texts).toEqual(['once']);
  });

  test('sends the very same request when it does not know that it was answered: the phone sees it once', async () => {
    bench = openBench();
    const [alice, amy] = [await registered(ALICE), await registered(AMY)];
    let crashes = 1;
    amy.answers = () => {
      if (crashes-- > 0) bench.restart('A');
      return 200;
    };
    await bench.run(alice.text(AMY.msisdn, 'Mx-crash', 'once'));
    await bench.clock.advance(60_000);
    expect(amy.texts).toEqual(['once']);
    const deliveries = bench.frames
      .filter((frame) => frame.to.host === AMY.host)
      .map((frame) => new TextDecoder().decode(frame.bytes))
      .filter((text) => text.startsWith('MESSAGE'));
    expect(deliveries.length).toBeGreaterThan(1);
    expect(new Set(deliveries).size, 'octet for octet').toBe(1);
  });

  test('keeps the Call-ID towards a phone that comes back on another stream', async () => {
    bench = openBench();
    const alice = await registered(ALICE);
    const amy = await registered(AMY, 'tls');
    amy.answers = () => 0;
    await bench.run(alice.text(AMY.msisdn, 'Mx-stream', 'twice'));
    const attempts: (string | undefined)[] = [];
    amy.answers = (request) => {
      attempts.push(header(request, 'Call-ID'));
      return attempts.length === 1 ? 0 : 200;
    };
    bench.restart('A');
    amy.comeBack();
    await bench.run(amy.register());
    await bench.clock.advance(1_000);
    bench.restart('A');
    amy.comeBack();
    await bench.run(amy.register());
    await bench.clock.advance(60_000);
    expect(attempts).toHaveLength(2);
    expect(new Set(attempts).size).toBe(1);
    expect(amy.texts).toEqual(['twice']);
  });

  test('reaches phones on UDP without a new registration, and not those whose stream is gone', async () => {
    bench = openBench();
    const [alice, amy] = [await registered(ALICE), await registered(AMY, 'tls')];
    bench.restart('A');
    await bench.clock.advance(1_000);
    const refused = await bench.run(amy.text(ALICE.msisdn, 'Mx-no', 'not registered'));
    expect([refused.status, refused.reason]).toEqual([403, 'User not registered']);
    await bench.run(amy.register());
    expect((await bench.run(amy.text(ALICE.msisdn, 'Mx-yes', 'over the old flow'))).status).toBe(202);
    await bench.clock.advance(10_000);
    expect(alice.texts).toEqual(['over the old flow']);
  });

  test('lets a registration on UDP end at its time, and knows the device afterwards', async () => {
    bench = openBench({ a: { signalling: { transports: ['udp'], expiresMs: 600_000 } } });
    const [alice, amy] = [await registered(ALICE), await registered(AMY)];
    await bench.clock.advance(500_000);
    await bench.run(alice.register());
    bench.restart('A');
    await bench.clock.advance(200_000);
    expect((await bench.run(alice.text(AMY.msisdn, 'Mx-late', 'stored'))).status).toBe(202);
    await bench.clock.advance(10_000);
    expect(amy.texts).toEqual([]);
    bench.restart('A');
    await bench.run(amy.register());
    await bench.clock.advance(10_000);
    expect(amy.texts).toEqual(['stored']);
  });

  test('delivers to the device that has not got it yet, and to no other', async () => {
    bench = openBench();
    const [alice, amy] = [await registered(ALICE), await registered(AMY)];
    const tablet = bench.phone(AMY, {
      instance: 'urn:uuid:33333333-3333-4333-8333-333333333333',
      transport: 'tls',
    });
    await bench.run(tablet.register());
    tablet.answers = () => 0;
    await bench.run(alice.text(AMY.msisdn, 'Mx-both', 'both'));
    await bench.clock.advance(5_000);
    bench.restart('A');
    tablet.answers = () => 200;
    tablet.comeBack();
    await bench.run(tablet.register());
    await bench.clock.advance(60_000);
    expect([amy.texts, tablet.texts]).toEqual([['both'], ['both']]);
  });

  test('hands over what it accepted for a peer that was away, with the Call-ID of its first attempt', async () => {
    bench = openBench();
    const [alice, bob] = [await registered(ALICE), await registered(BOB)];
    bench.interconnect.cut();
    expect((await bench.run(alice.text(BOB.msisdn, 'Mx-border', 'abroad'))).status).toBe(202);
    bench.restart('A');
    bench.interconnect.heal();
    await bench.clock.advance(120_000);
    expect(bob.texts).toEqual(['abroad']);
    bench.restart('A');
    await bench.clock.advance(120_000);
    expect(bob.texts).toEqual(['abroad']);
  });

  test('forgets nothing that it was asked to report: a text that left as SMS is reported as delivered', async () => {
    bench = openBench();
    const alice = await registered(ALICE);
    const answer = await bench.run(alice.text(SMS_BEN.msisdn, 'Mx-sms', 'as SMS'));
    expect(answer.status).toBe(202);
    bench.restart('A');
    bench.restart('B');
    const inbox: string[] = [];
    const bearer = new SmsBearer(
      { clock: bench.clock, network: bench.net(SMS_BEN.host) },
      { smscHost: 'smsc.mnc002.mcc999.3gppnetwork.org' },
    );
    bearer.onText = (_from, text) => void inbox.push(text);
    await bench.clock.advance(200_000);
    bearer.close();
    expect(inbox).toEqual(['as SMS']);
    const reports = alice.messages.filter((m) => m.text.includes('<delivered/>'));
    expect(reports).toHaveLength(1);
  });

  test('keeps short messages for a phone without coverage', async () => {
    bench = openBench();
    const bearer = new SmsBearer(
      { clock: bench.clock, network: bench.net(ALICE.host) },
      { smscHost: carrierHosts(OPERATOR_A).smsc },
    );
    expect(await bench.run(bearer.send(SMS_ANN.msisdn, 'kept', 'one'))).toBe('acked');
    await bench.clock.advance(60_000);
    bench.restart('A');
    const ann = new SmsBearer(
      { clock: bench.clock, network: bench.net(SMS_ANN.host) },
      { smscHost: carrierHosts(OPERATOR_A).smsc },
    );
    const inbox: string[] = [];
    ann.onText = (_from, text) => void inbox.push(text);
    await bench.clock.advance(300_000);
    bearer.close();
    ann.close();
    expect(inbox).toEqual(['kept']);
  });

  test('never hands out a one-time KeyPackage again, and knows the tokens that it gave', async () => {
    bench = openBench();
    const { config } = await configurationOf(bench, AMY, OPERATOR_A);
    const { kdsUri, kdsToken } = config!.e2ee!;
    const call = (path: string, body: object) =>
      bench.run(
        bench.net(AMY.host).fetch(
          new Request(`${kdsUri}/mls/v1/${path}`, {
            method: 'POST',
            headers: { authorization: `Bearer ${kdsToken}`, 'content-type': 'application/json' },
            body: JSON.stringify(body),
          }),
        ),
      );
    const packages = keyPackages(AMY.msisdn, 3);
    const upload = { msisdn: `tel:${AMY.msisdn}`, device: 'd', key_packages: packages };
    expect(await (await call('keypackages', upload)).json()).toEqual({ stored: 3 });
    const claim = async () => {
      const answer = await call('keypackages/claim', { target_msisdn: `tel:${AMY.msisdn}` });
      const given = (await answer.json()) as { key_packages: { key_package: string }[] };
      return given.key_packages.map(({ key_package }) => key_package);
    };
    const given = await claim();
    bench.restart('A');
    given.push(...(await claim()));
    bench.restart('A');
    expect(await (await call('keypackages', upload)).json()).toEqual({ stored: 1 });
    given.push(...(await claim()), ...(await claim()));
    expect(given).toHaveLength(3);
    expect(new Set(given)).toEqual(new Set(packages));
    expect((await configurationOf(bench, AMY, OPERATOR_A)).config!.e2ee!.kdsToken).toBe(kdsToken);
  });
});

function keyPackages(msisdn: string, count: number): string[] {
  const random = new SeededRandom('restart');
  const provider = createNobleProvider();
  const suite = provider.suite(2);
  return Array.from({ length: count }, (_, i) => {
    const own = random.fork(`${i}`);
    const bundle = createKeyPackage(
      { suiteProvider: provider, random: own, now: () => 1_767_225_600 },
      {
        cipherSuite: 2,
        credential: credentialFor(msisdn),
        signatureKeyPair: suite.generateSignatureKeyPair(own),
        lifetime: { notBefore: 1_767_000_000n, notAfter: 1_777_000_000n },
      },
    );
    return Buffer.from(encodeKeyPackage(bundle.keyPackage)).toString('base64');
  });
}
