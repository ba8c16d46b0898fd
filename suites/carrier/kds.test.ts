import fc from 'fast-check';
import { afterEach, describe, expect, test } from 'vitest';
import { carrierHosts, type Subscriber } from '../../emulators/carrier/config.ts';
import { KeyPackageStore } from '../../emulators/carrier/kds/key-package-store.ts';
import { MemoryStore } from '../../emulators/network/memory-store.ts';
import { SeededRandom } from '../../emulators/network/seeded-random.ts';
import { createNobleProvider } from '../../stack/crypto/index.ts';
import { credentialFor } from '../../stack/e2ee/identity.ts';
import { createKeyPackage, encodeKeyPackage } from '../../stack/mls/index.ts';
import { configurationOf } from './acs-client.ts';
import { ALICE, AMY, type Bench, BOB, OPERATOR_A, OPERATOR_B, openBench } from './bench.ts';

let bench: Bench;
afterEach(() => bench?.close());

const context = {
  suiteProvider: createNobleProvider(),
  random: new SeededRandom('packages'),
  now: () => 1_767_225_600,
};

function keyPackage(msisdn: string, lastResort = false): string {
  const suite = context.suiteProvider.suite(1);
  const { keyPackage } = createKeyPackage(context, {
    cipherSuite: 1,
    credential: credentialFor(msisdn),
    signatureKeyPair: suite.generateSignatureKeyPair(context.random),
    lifetime: { notBefore: 1_767_000_000n, notAfter: 1_773_000_000n },
    keyPackageExtensions: lastResort ? [{ type: 0x000a, data: new Uint8Array(0) }] : [],
  });
  return Buffer.from(encodeKeyPackage(keyPackage)).toString('base64');
}

/** The KDS as a subscriber's phone reaches it, with the token of its configuration. */
async function kdsOf(who: Subscriber, operator: { mcc: string; mnc: string }) {
  const { config } = await configurationOf(bench, who, operator);
  const call = (method: string, path: string, body?: unknown, token = config?.e2ee?.kdsToken ?? 'none') =>
    bench.run(
      bench.net(who.host).fetch(
        new Request(`https://${carrierHosts(operator).kds}${path}`, {
          method,
          headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
          ...(body !== undefined && { body: JSON.stringify(body) }),
        }),
      ),
    );
  const claim = async (target: string) => {
    const answer = await call('POST', '/mls/v1/keypackages/claim', { target_msisdn: `tel:${target}` });
    return { status: answer.status, ...((await answer.json()) as { key_packages?: Claimed[] }) };
  };
  const publish = (msisdn: string, device: string, key_packages: string[], last_resort?: string) =>
    call('POST', '/mls/v1/keypackages', { msisdn: `tel:${msisdn}`, device, key_packages, last_resort });
  return { call, claim, publish };
}

interface Claimed {
  readonly device: string;
  readonly key_package: string;
  readonly is_last_resort: boolean;
}

describe('the KDS (RCC.16 section 5, docs/rcc16.md 2.6)', () => {
  test('gives one package of each device for a claim, each one-time package once, then the last resort', async () => {
    bench = openBench();
    const amy = await kdsOf(AMY, OPERATOR_A);
    const phone = [keyPackage(AMY.msisdn), keyPackage(AMY.msisdn)];
    const tablet = [keyPackage(AMY.msisdn)];
    const [last1, last2] = [keyPackage(AMY.msisdn, true), keyPackage(AMY.msisdn, true)];
    expect((await amy.publish(AMY.msisdn, 'phone', phone, last1)).status).toBe(200);
    expect((await amy.publish(AMY.msisdn, 'tablet', tablet, last2)).status).toBe(200);
    const alice = await kdsOf(ALICE, OPERATOR_A);
    const claims = [
      await alice.claim(AMY.msisdn),
      await alice.claim(AMY.msisdn),
      await alice.claim(AMY.msisdn),
    ];
    expect(claims.map((c) => c.key_packages)).toEqual([
      [
        { device: 'phone', key_package: phone[0], is_last_resort: false },
        { device: 'tablet', key_package: tablet[0], is_last_resort: false },
      ],
      [
        { device: 'phone', key_package: phone[1], is_last_resort: false },
        { device: 'tablet', key_package: last2, is_last_resort: true },
      ],
      [
        { device: 'phone', key_package: last1, is_last_resort: true },
        { device: 'tablet', key_package: last2, is_last_resort: true },
      ],
    ]);
  });

  test('claims that race from both networks never share a one-time package', async () => {
    bench = openBench();
    const amy = await kdsOf(AMY, OPERATOR_A);
    const published = Array.from({ length: 10 }, () => keyPackage(AMY.msisdn));
    await amy.publish(AMY.msisdn, 'phone', published, keyPackage(AMY.msisdn, true));
    const claimants = [await kdsOf(ALICE, OPERATOR_A), await kdsOf(BOB, OPERATOR_B)];
    const pending = Array.from({ length: 12 }, (_, i) => claimants[i % 2]!.claim(AMY.msisdn));
    const given = (await Promise.all(pending)).flatMap((c) => c.key_packages ?? []);
    const oneTime = given.filter((p) => !p.is_last_resort).map((p) => p.key_package);
    expect(oneTime.sort()).toEqual([...published].sort());
    expect(given).toHaveLength(12);
  });

  test('any interleaving of publications and claims gives a one-time package at most once', () => {
    const step = fc.oneof(
      fc.record({ claim: fc.constantFrom('x', 'y') }),
      fc.record({
        user: fc.constantFrom('x', 'y'),
        device: fc.constantFrom('d', 'e'),
        ids: fc.array(fc.nat(20)),
      }),
    );
    fc.assert(
      fc.property(fc.array(step), (steps) => {
        const store = new KeyPackageStore(new MemoryStore());
        const given: string[] = [];
        for (const each of steps) {
          if ('claim' in each) {
            for (const { device, keyPackage } of store.claim(each.claim) ?? []) {
              given.push(`${each.claim} ${device} ${keyPackage.join()}`);
            }
          } else
            store.publish(
              each.user,
              each.device,
              each.ids.map((id) => Uint8Array.of(id)),
              undefined,
            );
        }
        expect(new Set(given).size, 'every package given is another one').toBe(given.length);
      }),
    );
  });

  test('404 for someone who never published, an empty list for an empty pool without last resort', async () => {
    bench = openBench();
    const alice = await kdsOf(ALICE, OPERATOR_A);
    expect((await alice.claim(AMY.msisdn)).status).toBe(404);
    const amy = await kdsOf(AMY, OPERATOR_A);
    await amy.publish(AMY.msisdn, 'phone', [keyPackage(AMY.msisdn)]);
    expect((await alice.claim(AMY.msisdn)).key_packages).toHaveLength(1);
    expect(await alice.claim(AMY.msisdn)).toEqual({ status: 200, key_packages: [] });
    expect((await alice.claim(BOB.msisdn)).status).toBe(404);
  });

  test('refuses with 400 and a reason what is no KeyPackage of that subscriber', async () => {
    bench = openBench();
    const amy = await kdsOf(AMY, OPERATOR_A);
    const refusal = async (packages: string[], last?: string) => {
      const answer = await amy.publish(AMY.msisdn, 'phone', packages, last);
      return `${answer.status} ${((await answer.json()) as { error: string }).error}`;
    };
    const good = keyPackage(AMY.msisdn);
    expect(await refusal(['AAAA'])).toMatch(/^400 key_packages\[0\]: no KeyPackage/);
    expect(await refusal([good, `${good}!`])).toBe('400 key_packages[1]: no Base64');
    expect(await refusal([Buffer.from(`${atob(good)}x`, 'latin1').toString('base64')])).toMatch(
      /the end of the input/,
    );
    expect(await refusal([keyPackage(ALICE.msisdn)])).toBe(
      `400 key_packages[0]: the credential's identity is not tel:${AMY.msisdn}`,
    );
    expect(await refusal([], good)).toMatch(/^400 last_resort: a last resort without/);
    expect(await refusal([keyPackage(AMY.msisdn, true)])).toMatch(
      /^400 key_packages\[0\]: a one-time KeyPackage with/,
    );
    expect((await amy.call('POST', '/mls/v1/keypackages', { msisdn: 'tel:+1' })).status).toBe(400);
  });

  test('takes a KeyPackage in its MLSMessage wrapping too, and gives it out bare', async () => {
    bench = openBench();
    const amy = await kdsOf(AMY, OPERATOR_A);
    const bare = keyPackage(AMY.msisdn);
    const wrapped = Buffer.concat([Buffer.from([0, 1, 0, 5]), Buffer.from(bare, 'base64')]).toString(
      'base64',
    );
    expect((await amy.publish(AMY.msisdn, 'phone', [wrapped])).status).toBe(200);
    expect((await amy.claim(AMY.msisdn)).key_packages?.[0]?.key_package).toBe(bare);
  });

  test('knows its own subscribers and nobody else', async () => {
    bench = openBench();
    const alice = await kdsOf(ALICE, OPERATOR_A);
    const bob = await kdsOf(BOB, OPERATOR_B);
    expect((await alice.call('GET', '/mls/v1/supported-ciphersuites', undefined, 'made-up')).status).toBe(
      401,
    );
    expect(await (await alice.call('GET', '/mls/v1/supported-ciphersuites')).json()).toEqual({
      ciphersuites: [1, 2],
    });
    expect((await alice.publish(AMY.msisdn, 'phone', [keyPackage(AMY.msisdn)])).status).toBe(403);
    const token = (await configurationOf(bench, BOB, OPERATOR_B)).config!.e2ee!.kdsToken;
    expect((await alice.call('GET', '/mls/v1/supported-ciphersuites', undefined, token)).status).toBe(401);
    expect(
      (await bob.call('POST', '/mls/v1/federation/claim', { target_msisdn: `tel:${BOB.msisdn}` })).status,
    ).toBe(401);
  });

  test('says 502 or 504, never 404, when the peer cannot be asked', async () => {
    bench = openBench({ b: { e2ee: { enabled: false } } });
    const alice = await kdsOf(ALICE, OPERATOR_A);
    expect((await alice.claim(BOB.msisdn)).status).toBe(502);
    bench.interconnect.cut();
    expect((await alice.claim(BOB.msisdn)).status).toBe(504);
    bench.interconnect.heal();
    await bench.clock.advance(60_000);
  });
});
