import { describe, expect, it } from 'vitest';
import { SeededRandom } from '../../emulators/network/seeded-random.ts';
import { CryptoEngine } from '../../stack/client/crypto-engine.ts';
import type { Rcc16Part } from '../../stack/client/mls-engine.ts';
import { parleyEngine } from '../../stack/client/parley-engine.ts';
import { createNativeProvider } from '../../stack/crypto/index.ts';

const ALICE = '+999900100001';
const BOB = '+999900200002';
const utf8 = (text: string) => new TextEncoder().encode(text);
const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);

function engineOf(msisdn: string, lacks: readonly Rcc16Part[] = []) {
  const random = new SeededRandom(msisdn);
  const now = () => 1_767_225_600;
  const mls = parleyEngine({ suites: createNativeProvider(), random, now });
  return new CryptoEngine(mls, { msisdn, cipherSuites: [2], random, now, lacks });
}

async function conversation(lacks: readonly Rcc16Part[] = []) {
  const alice = engineOf(ALICE);
  const bob = engineOf(BOB, lacks);
  const { oneTime } = await bob.makeKeyPackages(2);
  const welcome = await alice.start(BOB, [oneTime[0]!]);
  await bob.acceptWelcome(ALICE, welcome);
  const seal = async (messageId: string, body: string) =>
    alice.seal(BOB, { messageId, contentType: 'text/plain;charset=UTF-8', body: utf8(body) });
  return { alice, bob, welcome, oneTime, seal };
}

describe('a one-to-one conversation in the shapes of RCC.16', () => {
  it('both members agree on tree hash, epoch authenticator, exporter and roster', async () => {
    const { alice, bob } = await conversation();
    expect(bob.agreements()).toEqual(alice.agreements());
    expect(alice.agreements()[0]).toMatchObject({ era: 1, roster: [ALICE, BOB] });
  });

  it('opens five messages in a row, whose generations count on (hazard E3)', async () => {
    const { bob, seal } = await conversation();
    for (let i = 0; i < 5; i += 1) {
      const id = `Mx${i}`;
      const opened = await bob.open(ALICE, { messageId: id, message: (await seal(id, `text ${i}`)).message });
      expect(opened && text(opened.body)).toBe(`text ${i}`);
    }
  });

  it('refuses a message whose envelope has another id than the one it is bound to (hazard E2, R37)', async () => {
    const { bob, seal } = await conversation();
    const { message } = await seal('MxOriginal', 'x');
    expect(() => bob.open(ALICE, { messageId: 'MxRewritten', message })).toThrow(
      /found message id MxOriginal, expected MxRewritten/,
    );
  });

  it('refuses the same message twice', async () => {
    const { bob, seal } = await conversation();
    const { message } = await seal('Mx1', 'once');
    await bob.open(ALICE, { messageId: 'Mx1', message });
    expect(() => bob.open(ALICE, { messageId: 'Mx1', message })).toThrow();
  });

  it('refuses a Welcome twice, and one that names another sender than it came from', async () => {
    const { bob, welcome, alice } = await conversation();
    expect(() => bob.acceptWelcome(ALICE, welcome)).toThrow();
    const carol = engineOf('+999900300003');
    const { oneTime } = await carol.makeKeyPackages(1);
    const forCarol = await alice.start('+999900300003', [oneTime[0]!]);
    expect(() => carol.acceptWelcome(BOB, forCarol)).toThrow(/Welcome roster/);
  });

  it("refuses a KeyPackage that is not the peer's", async () => {
    const alice = engineOf(ALICE);
    const mallory = engineOf('+999900400004');
    const { oneTime } = await mallory.makeKeyPackages(1);
    await expect(alice.start(BOB, [oneTime[0]!])).rejects.toThrow(
      /found \+999900400004, expected \+999900200002/,
    );
  });

  it('holds no group for a peer it never met, and says so', async () => {
    expect(engineOf(ALICE).hasGroup(BOB)).toBe(false);
    expect(() =>
      engineOf(ALICE).seal(BOB, { messageId: 'Mx', contentType: 'text/plain', body: utf8('x') }),
    ).toThrow(/no group/);
  });
});

describe('signed receipts (RCC.16 7.6.2)', () => {
  it('are verified as those of the other member', async () => {
    const { alice, bob } = await conversation();
    const receipt = { ownId: 'MxReceipt', status: 'delivered', reportedId: 'MxMessage' } as const;
    const { signature, era } = await bob.signReceipt(ALICE, receipt);
    expect(await alice.verifyReceipt(BOB, signature)).toEqual({ ...receipt, era });
  });

  it('are refused when a bit of the signature is flipped', async () => {
    const { alice, bob } = await conversation();
    const { signature } = await bob.signReceipt(ALICE, {
      ownId: 'MxR',
      status: 'delivered',
      reportedId: 'MxM',
    });
    for (const at of [60, signature.length - 1]) {
      const forged = signature.slice();
      forged[at]! ^= 1;
      expect(() => alice.verifyReceipt(BOB, forged)).toThrow();
    }
  });

  it('are refused from somebody who is not in the conversation', async () => {
    const { alice, bob } = await conversation();
    const { signature } = await bob.signReceipt(ALICE, {
      ownId: 'MxR',
      status: 'delivered',
      reportedId: 'MxM',
    });
    expect(() => alice.verifyReceipt('+999900300003', signature)).toThrow(/another group/);
  });
});

describe('a member that lacks parts of RCC.16', () => {
  it('makes the group do without them: no signed receipts, and era 1 with no extension that says so', async () => {
    const { alice, bob, seal } = await conversation(['era', 'signed-receipts']);
    expect([alice.signsReceipts(BOB), bob.signsReceipts(ALICE)]).toEqual([false, false]);
    expect(bob.agreements()).toEqual(alice.agreements());
    expect((await seal('Mx1', 'hello')).era).toBe(1);
  });

  it('does not take the rest from the conversation', async () => {
    const { alice, bob, seal } = await conversation(['padding']);
    expect([alice.signsReceipts(BOB), bob.signsReceipts(ALICE)]).toEqual([true, true]);
    const { message } = await seal('Mx1', 'hello');
    expect(text((await bob.open(ALICE, { messageId: 'Mx1', message }))!.body)).toBe('hello');
  });
});
