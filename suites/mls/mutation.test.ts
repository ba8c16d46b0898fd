/**
 * Mutated messages: bits flipped, bytes cut out, doubled or overwritten, pieces of one message put into another. Only
 * the three error families may come out, whatever is taken leaves a usable state, and the state given in is untouched.
 * PARLEY_MUTATIONS=200000 runs more than the 5,000 of `npm test`.
 */
import { describe, expect, it } from 'vitest';
import { CryptoError } from '../../stack/crypto/index.ts';
import { readFramedContent } from '../../stack/mls/framed-content.ts';
import {
  commit,
  createNewMemberProposal,
  createProposal,
  createUpdateProposal,
  DecodeError,
  decodeKeyPackage,
  decodeState,
  encodeKeyPackage,
  encodeRatchetTree,
  encodeState,
  externalPskProposal,
  type GroupState,
  joinByExternalCommit,
  joinFromWelcome,
  MlsError,
  process,
  protect,
  verifyKeyPackage,
} from '../../stack/mls/index.ts';
import { decodeAll } from '../../stack/mls/reader.ts';
import { seededRandom } from '../crypto/seeded-random.ts';
import { publicMessage, reframed } from './forging.ts';
import { found, join, person, text, utf8 } from './members.ts';

const count = Number(globalThis.process.env['PARLEY_MUTATIONS'] ?? 5000);
const perMessageMilliseconds = 1000;

const [alice, bob, carol] = [person('alice', 1), person('bob', 1), person('carol', 1)];
const context = { ...bob.context, externalPsk: () => utf8('psk') };
const added = commit(alice.context, found(alice), { add: [bob.verified] });
const aliceState = added.state;
const bobState = join(bob, added.welcome);
const welcomed = commit(alice.context, aliceState, { add: [carol.verified] });
const stored = encodeState(bobState);

/** What takes each kind of message: the state it leads to, if it is one of the group. */
type Taker = (bytes: Uint8Array) => GroupState | undefined;
const takeGroupMessage: Taker = (bytes) => process(context, bobState, bytes).state;
const takeWelcome: Taker = (bytes) =>
  joinFromWelcome(carol.context, { welcome: bytes, bundles: [carol.bundle] }).state;
const takeGroupInfo: Taker = (bytes) => {
  joinByExternalCommit(carol.context, { groupInfo: bytes, bundle: carol.bundle });
  return undefined;
};
const takeTree: Taker = (bytes) => {
  const welcome = bareWelcome.welcome!;
  return joinFromWelcome(carol.context, { welcome, bundles: [carol.bundle], ratchetTree: bytes }).state;
};
const takeKeyPackage: Taker = (bytes) => {
  verifyKeyPackage(context, decodeKeyPackage(bytes));
  return undefined;
};
const takeState: Taker = (bytes) => decodeState(context, bytes);

const bareWelcome = commit(alice.context, aliceState, { add: [carol.verified], ratchetTreeExtension: false });
const psk = externalPskProposal(alice.context, 1, utf8('id'));
const corpus: readonly (readonly [Uint8Array, Taker])[] = [
  [commit(alice.context, aliceState).commit, takeGroupMessage],
  [commit(alice.context, aliceState, { wireFormat: 'private' }).commit, takeGroupMessage],
  [
    commit({ ...alice.context, externalPsk: () => utf8('psk') }, aliceState, { proposals: [psk] }).commit,
    takeGroupMessage,
  ],
  [commit(alice.context, aliceState, { remove: [1] }).commit, takeGroupMessage],
  [welcomed.commit, takeGroupMessage],
  [
    joinByExternalCommit(carol.context, { groupInfo: added.groupInfo, bundle: carol.bundle }).commit,
    takeGroupMessage,
  ],
  [createUpdateProposal(alice.context, aliceState).message, takeGroupMessage],
  [
    createProposal(alice.context, aliceState, { type: 3, removed: 1 }, { wireFormat: 'private' }).message,
    takeGroupMessage,
  ],
  [
    createNewMemberProposal(carol.context, { group: aliceState.groupContext, bundle: carol.bundle }),
    takeGroupMessage,
  ],
  [protect(alice.context, aliceState, utf8('text')).message, takeGroupMessage],
  [welcomed.welcome!, takeWelcome],
  [added.groupInfo, takeGroupInfo],
  [encodeRatchetTree(bareWelcome.state.tree), takeTree],
  [encodeKeyPackage(carol.bundle.keyPackage), takeKeyPackage],
  [stored, takeState],
];

/** Those of the corpus that Alice signed in the open. */
const honest = [0, 2, 3, 4, 6].map((i) => corpus[i]![0]);

const random = seededRandom(`mutations ${globalThis.process.env['PARLEY_SEED'] ?? ''}`);
const below = (limit: number): number => new DataView(random.bytes(4).buffer).getUint32(0) % limit;

function mutated(bytes: Uint8Array, donor: Uint8Array): Uint8Array {
  const at = below(bytes.length);
  const length = 1 + below(Math.min(64, bytes.length - at));
  switch (below(6)) {
    case 0:
      return bytes.with(at, bytes[at]! ^ (1 << below(8)));
    case 1:
      return bytes.slice(0, at);
    case 2:
      return new Uint8Array([...bytes.subarray(0, at), ...bytes.subarray(at + length)]);
    case 3:
      return new Uint8Array([...bytes.subarray(0, at + length), ...bytes.subarray(at)]);
    case 4: {
      const out = bytes.slice();
      out.set(random.bytes(length), at);
      return out;
    }
    default: {
      const from = below(donor.length);
      return new Uint8Array([...bytes.subarray(0, at), ...donor.subarray(from)]);
    }
  }
}

/** What a dishonest member could have signed: the content changed first, then signed and MACed. */
function signedMutation(bytes: Uint8Array, donor: Uint8Array): Uint8Array | undefined {
  const changed = mutated(publicMessage(bytes).message.framedBytes, donor);
  try {
    const framed = decodeAll(changed, 'FramedContent', readFramedContent);
    return reframed(aliceState, bytes, () => framed);
  } catch (error) {
    if (error instanceof DecodeError) return undefined;
    throw error;
  }
}

describe(`${count} mutated messages`, () => {
  it('of the corpus are all accepted before they are mutated', () => {
    for (const [bytes, take] of corpus) expect(() => take(bytes)).not.toThrow();
  });

  it(
    'are refused by the three error families alone, in bounded time, and leave the member as it was',
    () => {
      const attempt = (take: Taker, changed: Uint8Array): boolean => {
        const began = performance.now();
        try {
          const state = take(changed);
          if (state !== undefined) encodeState(state);
          return true;
        } catch (error) {
          const known =
            error instanceof MlsError || error instanceof DecodeError || error instanceof CryptoError;
          if (!known) throw new Error(Buffer.from(changed).toString('hex'), { cause: error });
          return false;
        } finally {
          expect(performance.now() - began, 'milliseconds').toBeLessThan(perMessageMilliseconds);
        }
      };
      let accepted = 0;
      let signed = 0;
      for (let i = 0; i < count; i++) {
        const [bytes, take] = corpus[below(corpus.length)]!;
        const donor = corpus[below(corpus.length)]![0];
        if (attempt(take, mutated(bytes, donor))) accepted++;
        const lie = i % 4 === 0 ? signedMutation(honest[below(honest.length)]!, donor) : undefined;
        if (lie === undefined) continue;
        signed++;
        attempt(takeGroupMessage, lie);
      }
      // A mutation may give back the message it began with, or a message as good: never often.
      expect(accepted / count).toBeLessThan(0.03);
      expect(signed, 'lies that are well formed').toBeGreaterThan(count / 100);
      expect(encodeState(bobState)).toEqual(stored);
      const reply = protect(alice.context, aliceState, utf8('still here')).message;
      const read = process(context, bobState, reply);
      expect(read.kind === 'application' && text(read.content)).toBe('still here');
    },
    60_000 + count * 10,
  );
});
