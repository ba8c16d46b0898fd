import { describe, expect, it } from 'vitest';
import { SeededRandom } from '../../emulators/network/seeded-random.ts';
import { CryptoEngine } from '../../stack/client/crypto-engine.ts';
import { createNativeProvider } from '../../stack/crypto/index.ts';

const ALICE = '+999900100001';
const BOB = '+999900200002';
const utf8 = (text: string) => new TextEncoder().encode(text);
const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);

function engineOf(msisdn: string) {
  return new CryptoEngine(
    { suiteProvider: createNativeProvider(), random: new SeededRandom(msisdn), now: () => 1_767_225_600 },
    { msisdn, cipherSuites: [2] },
  );
}

function conversation() {
  const alice = engineOf(ALICE);
  const bob = engineOf(BOB);
  const { oneTime } = bob.makeKeyPackages(2);
  const welcome = alice.start(BOB, [oneTime[0]!]);
  bob.acceptWelcome(ALICE, welcome);
  const seal = (messageId: string, body: string) =>
    alice.seal(BOB, { messageId, contentType: 'text/plain;charset=UTF-8', body: utf8(body) });
  return { alice, bob, welcome, oneTime, seal };
}

describe('a one-to-one conversation in the shapes of RCC.16', () => {
  it('both members agree on tree hash, epoch authenticator, exporter and roster', () => {
    const { alice, bob } = conversation();
    expect(bob.agreements()).toEqual(alice.agreements());
    expect(alice.agreements()[0]).toMatchObject({ era: 1, roster: [ALICE, BOB] });
  });

  it('opens five messages in a row, whose generations count on (hazard E3)', () => {
    const { bob, seal } = conversation();
    for (let i = 0; i < 5; i += 1) {
      const id = `Mx${i}`;
      const opened = bob.open(ALICE, { messageId: id, message: seal(id, `text ${i}`).message });
      expect(opened && text(opened.body)).toBe(`text ${i}`);
    }
  });

  it('refuses a message whose envelope has another id than the one it is bound to (hazard E2, R37)', () => {
    const { bob, seal } = conversation();
    expect(() =>
      bob.open(ALICE, { messageId: 'MxRewritten', message: seal('MxOriginal', 'x').message }),
    ).toThrow(/found message id MxOriginal, expected MxRewritten/);
  });

  it('refuses the same message twice', () => {
    const { bob, seal } = conversation();
    const { message } = seal('Mx1', 'once');
    bob.open(ALICE, { messageId: 'Mx1', message });
    expect(() => bob.open(ALICE, { messageId: 'Mx1', message })).toThrow();
  });

  it('refuses a Welcome twice, and one that names another sender than it came from', () => {
    const { bob, welcome, alice } = conversation();
    expect(() => bob.acceptWelcome(ALICE, welcome)).toThrow();
    const carol = engineOf('+999900300003');
    const forCarol = alice.start('+999900300003', [carol.makeKeyPackages(1).oneTime[0]!]);
    expect(() => carol.acceptWelcome(BOB, forCarol)).toThrow(/Welcome roster/);
  });

  it("refuses a KeyPackage that is not the peer's", () => {
    const alice = engineOf(ALICE);
    const mallory = engineOf('+999900400004');
    expect(() => alice.start(BOB, [mallory.makeKeyPackages(1).oneTime[0]!])).toThrow(
      /found \+999900400004, expected \+999900200002/,
    );
  });

  it('holds no group for a peer it never met, and says so', () => {
    expect(engineOf(ALICE).hasGroup(BOB)).toBe(false);
    expect(() =>
      engineOf(ALICE).seal(BOB, { messageId: 'Mx', contentType: 'text/plain', body: utf8('x') }),
    ).toThrow(/no group/);
  });
});

describe('signed receipts (RCC.16 7.6.2)', () => {
  it('are verified as those of the other member', () => {
    const { alice, bob } = conversation();
    const receipt = { ownId: 'MxReceipt', status: 'delivered', reportedId: 'MxMessage' } as const;
    const { signature, era } = bob.signReceipt(ALICE, receipt);
    expect(alice.verifyReceipt(BOB, signature)).toEqual({ ...receipt, era });
  });

  it('are refused when a bit of the signature is flipped', () => {
    const { alice, bob } = conversation();
    const { signature } = bob.signReceipt(ALICE, { ownId: 'MxR', status: 'delivered', reportedId: 'MxM' });
    for (const at of [60, signature.length - 1]) {
      const forged = signature.slice();
      forged[at]! ^= 1;
      expect(() => alice.verifyReceipt(BOB, forged)).toThrow();
    }
  });

  it('are refused from somebody who is not in the conversation', () => {
    const { alice, bob } = conversation();
    const { signature } = bob.signReceipt(ALICE, { ownId: 'MxR', status: 'delivered', reportedId: 'MxM' });
    expect(() => alice.verifyReceipt('+999900300003', signature)).toThrow(/another group/);
  });
});
