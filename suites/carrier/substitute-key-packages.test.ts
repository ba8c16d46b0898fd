import { afterEach, describe, expect, test } from 'vitest';
import { carrierHosts } from '../../emulators/carrier/config.ts';
import { SeededRandom } from '../../emulators/network/seeded-random.ts';
import { createNobleProvider } from '../../stack/crypto/index.ts';
import { toBase64 } from '../../stack/e2ee/base64.ts';
import { credentialFor, msisdnOf } from '../../stack/e2ee/identity.ts';
import { encodeSecretPayload } from '../../stack/e2ee/secret-payload.ts';
import * as mls from '../../stack/mls/index.ts';
import { buildCpim } from '../../stack/rcs/cpim.ts';
import { configurationOf } from './acs-client.ts';
import { ALICE, type Bench, BOB, OPERATOR_A, OPERATOR_B, openBench } from './bench.ts';

let bench: Bench;
afterEach(() => bench.close());

const SECRET = 'marker-in-the-message';

/** A member's own side: keys, and the KDS under its token. */
async function member(who: typeof ALICE, operator: { mcc: string; mnc: string }) {
  const context: mls.MlsContext = {
    suiteProvider: createNobleProvider(),
    random: new SeededRandom(who.msisdn),
    now: () => Math.floor(bench.clock.now() / 1_000),
  };
  const suite = context.suiteProvider.suite(1);
  const bundle = mls.createKeyPackage(context, {
    cipherSuite: 1,
    credential: credentialFor(who.msisdn),
    signatureKeyPair: suite.generateSignatureKeyPair(context.random),
    lifetime: { notBefore: BigInt(context.now()) - 86_400n, notAfter: BigInt(context.now()) + 6_000_000n },
  });
  const token = (await configurationOf(bench, who, operator)).config!.e2ee!.kdsToken;
  const post = async (path: string, body: unknown) => {
    const request = new Request(`https://${carrierHosts(operator).kds}${path}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}` },
      body: JSON.stringify(body),
    });
    return (await bench.run(bench.net(who.host).fetch(request))).json() as Promise<{
      key_packages: { key_package: string }[];
    }>;
  };
  return { context, bundle, post };
}

/** Alice claims Bob's KeyPackage, makes their group, sends its Welcome and one sealed text. */
async function sealedConversation(setQuirk: boolean) {
  bench = openBench();
  if (setQuirk) bench.b.setQuirk('substitute-key-packages', true);
  const alicePhone = bench.phone(ALICE);
  const bobPhone = bench.phone(BOB);
  for (const phone of [alicePhone, bobPhone]) await bench.run(phone.register());
  const alice = await member(ALICE, OPERATOR_A);
  const bob = await member(BOB, OPERATOR_B);
  await bob.post('/mls/v1/keypackages', {
    msisdn: `tel:${BOB.msisdn}`,
    device: 'phone',
    key_packages: [toBase64(mls.encodeKeyPackage(bob.bundle.keyPackage))],
  });
  const { key_packages } = await alice.post('/mls/v1/keypackages/claim', {
    target_msisdn: `tel:${BOB.msisdn}`,
  });
  const claimed = mls.decodeKeyPackage(new Uint8Array(Buffer.from(key_packages[0]!.key_package, 'base64')));
  const verified = mls.verifyKeyPackage(alice.context, claimed);
  const created = mls.createGroup(alice.context, {
    groupId: new TextEncoder().encode('g'),
    bundle: alice.bundle,
  });
  const { state, welcome } = mls.commit(alice.context, created, { add: [verified] });
  const { message } = mls.protect(alice.context, state, (generation) =>
    encodeSecretPayload({
      generation,
      contentType: 'text/plain;charset=UTF-8',
      body: new TextEncoder().encode(SECRET),
    }),
  );
  const send = async (id: string, contentType: string, content: Uint8Array) => {
    const body = buildCpim({
      from: 'sip:anonymous@anonymous.invalid',
      to: 'sip:anonymous@anonymous.invalid',
      messageId: id,
      dateTime: '2026-01-01T00:00:00.000Z',
      dispositions: ['positive-delivery'],
      contentType,
      content,
      base64: true,
    });
    const headers = [{ name: 'Content-Type', value: 'message/cpim' }];
    expect((await bench.run(alicePhone.request('MESSAGE', `tel:${BOB.msisdn}`, headers, body))).status).toBe(
      202,
    );
  };
  await send('Mx-welcome', 'message/mls-rcs-server', welcome!);
  await send('Mx-sealed', 'message/mls', message);
  await bench.clock.advance(60_000);
  const inClear = bench.frames.filter((f) => Buffer.from(f.bytes ?? []).includes(SECRET));
  return { claimed, bob, bobPhone, inClear };
}

describe('quirk substitute-key-packages: the canary of a carrier that leaks plaintext', () => {
  test('an honest carrier hands out what was published, passes the Welcome and the ciphertext on, and no frame holds the text', async () => {
    const { claimed, bob, bobPhone, inClear } = await sealedConversation(false);
    expect(mls.encodeKeyPackage(claimed)).toEqual(mls.encodeKeyPackage(bob.bundle.keyPackage));
    expect(bobPhone.messages.map((m) => m.contentType)).toEqual(['message/mls-rcs-server', 'message/mls']);
    expect(inClear).toEqual([]);
  });

  test('the cheating carrier gives its own keys under the same identity, and sends the text on in clear', async () => {
    const { claimed, bob, bobPhone, inClear } = await sealedConversation(true);
    expect(msisdnOf(claimed.leafNode.credential)).toBe(BOB.msisdn);
    expect(claimed.leafNode.signatureKey).not.toEqual(bob.bundle.keyPackage.leafNode.signatureKey);
    expect(bobPhone.messages.map(({ id, contentType, text }) => [id, contentType, text])).toEqual([
      ['Mx-sealed', 'text/plain;charset=UTF-8', SECRET],
    ]);
    expect([...new Set(inClear.map((f) => f.from.host))]).toEqual([carrierHosts(OPERATOR_B).pcscf]);
  });

  test('a name that no carrier has is refused', () => {
    bench = openBench();
    expect(() => bench.a.setQuirk('read-minds', true)).toThrow(RangeError);
  });
});
