/** MLS: every kind of message, the stored state, and lies that a member signed. */
import { deepStrictEqual } from 'node:assert';
import { CryptoError, createNativeProvider } from '../../stack/crypto/index.ts';
import { readFramedContent, signFramedContent } from '../../stack/mls/framed-content.ts';
import {
  commit,
  createGroup,
  createKeyPackage,
  createNewMemberProposal,
  createProposal,
  createUpdateProposal,
  DecodeError,
  decodeKeyPackage,
  decodeMlsMessage,
  decodeState,
  encodeKeyPackage,
  encodeMlsMessage,
  encodeRatchetTree,
  encodeState,
  externalPskProposal,
  type GroupState,
  joinByExternalCommit,
  joinFromWelcome,
  type MlsContext,
  MlsError,
  process,
  protect,
  verifyKeyPackage,
} from '../../stack/mls/index.ts';
import { membershipTag } from '../../stack/mls/public-message.ts';
import { decodeAll } from '../../stack/mls/reader.ts';
import type { Random } from '../../stack/platform.ts';
import { type FuzzTarget, refusedBy } from './target.ts';

const PRESENT_S = 1_700_000_000;
const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);

/** The state that a message leads to, if it is one of the group. */
type Taker = (bytes: Uint8Array) => GroupState | undefined;

/** Alice and Bob are in a group of cipher suite 1; Carol is about to join. */
export function mlsTarget(random: Random): FuzzTarget {
  const psk = utf8('psk');
  const person = (name: string) => {
    const context: MlsContext = {
      suiteProvider: createNativeProvider(),
      random: random.fork(name),
      now: () => PRESENT_S,
      externalPsk: () => psk,
    };
    const bundle = createKeyPackage(context, {
      cipherSuite: 1,
      credential: { type: 1, identity: utf8(name) },
      signatureKeyPair: context.suiteProvider.suite(1).generateSignatureKeyPair(context.random),
      lifetime: { notBefore: 0n, notAfter: 2n ** 64n - 1n },
    });
    return { context, bundle, verified: verifyKeyPackage(context, bundle.keyPackage) };
  };
  const [alice, bob, carol] = [person('alice'), person('bob'), person('carol')];
  const founded = createGroup(alice.context, { groupId: utf8('group'), bundle: alice.bundle });
  const added = commit(alice.context, founded, { add: [bob.verified] });
  const ours = added.state;
  const his = joinFromWelcome(bob.context, { welcome: added.welcome!, bundles: [bob.bundle] }).state;
  const stored = encodeState(his);
  const welcomed = commit(alice.context, ours, { add: [carol.verified] });
  const bare = commit(alice.context, ours, { add: [carol.verified], ratchetTreeExtension: false });

  const takeMessage: Taker = (bytes) => process(bob.context, his, bytes).state;
  const takeWelcome: Taker = (welcome) =>
    joinFromWelcome(carol.context, { welcome, bundles: [carol.bundle] }).state;
  const takeGroupInfo: Taker = (groupInfo) => {
    joinByExternalCommit(carol.context, { groupInfo, bundle: carol.bundle });
    return undefined;
  };
  const takeTree: Taker = (ratchetTree) =>
    joinFromWelcome(carol.context, { welcome: bare.welcome!, bundles: [carol.bundle], ratchetTree }).state;
  const takeKeyPackage: Taker = (bytes) => {
    verifyKeyPackage(bob.context, decodeKeyPackage(bytes));
    return undefined;
  };
  const remove = { type: 3, removed: 1 } as const;
  const withPsk = { proposals: [externalPskProposal(alice.context, 1, utf8('id'))] };
  /** Alice signed these in the open: what `craft` alters and signs again. */
  const signed = [
    commit(alice.context, ours).commit,
    commit(alice.context, ours, withPsk).commit,
    commit(alice.context, ours, { remove: [1] }).commit,
    welcomed.commit,
    createUpdateProposal(alice.context, ours).message,
  ];
  const group = { group: ours.groupContext, bundle: carol.bundle };
  const inputs: readonly (readonly [Uint8Array, Taker])[] = [
    ...signed.map((message) => [message, takeMessage] as const),
    [commit(alice.context, ours, { wireFormat: 'private' }).commit, takeMessage],
    [
      joinByExternalCommit(carol.context, { groupInfo: added.groupInfo, bundle: carol.bundle }).commit,
      takeMessage,
    ],
    [createProposal(alice.context, ours, remove, { wireFormat: 'private' }).message, takeMessage],
    [createNewMemberProposal(carol.context, group), takeMessage],
    [protect(alice.context, ours, utf8('text')).message, takeMessage],
    [welcomed.welcome!, takeWelcome],
    [added.groupInfo, takeGroupInfo],
    [encodeRatchetTree(bare.state.tree), takeTree],
    [encodeKeyPackage(carol.bundle.keyPackage), takeKeyPackage],
    [stored, (bytes) => decodeState(bob.context, bytes)],
  ];
  return {
    name: 'mls',
    kind: 'binary',
    corpus: inputs.map(([bytes]) => bytes),
    attempt: (input, origin) =>
      refusedBy([MlsError, DecodeError, CryptoError], () => {
        const state = inputs[origin]![1](input);
        if (state !== undefined) encodeState(state);
      }),
    craft: (mutate, pick) => {
      const origin = pick.below(signed.length);
      const input = signedAgain(ours, signed[origin]!, mutate);
      return input && { input, origin };
    },
    finish: () => {
      deepStrictEqual(encodeState(his), stored, 'a refused message changed the state');
      const reply = protect(alice.context, ours, utf8('still here')).message;
      const read = process(bob.context, his, reply);
      deepStrictEqual(read.kind === 'application' && read.content, utf8('still here'));
    },
  };
}

/** What a dishonest member could have sent: its content altered first, then signed and MACed. */
function signedAgain(
  signer: GroupState,
  bytes: Uint8Array,
  mutate: (bytes: Uint8Array) => Uint8Array,
): Uint8Array | undefined {
  const decoded = decodeMlsMessage(bytes);
  if (decoded.kind !== 'public') return undefined;
  const { message } = decoded.publicMessage;
  try {
    const framed = decodeAll(mutate(message.framedBytes), 'FramedContent', readFramedContent);
    const { suite, groupContextBytes, signaturePrivateKey, secrets } = signer;
    const fresh = signFramedContent(suite, signaturePrivateKey, 1, framed, groupContextBytes);
    const again = { ...fresh, auth: { ...fresh.auth, confirmationTag: message.auth.confirmationTag } };
    const member = framed.sender.type === 'member';
    const tag = member ? membershipTag(suite, secrets.membershipKey, again, groupContextBytes) : undefined;
    return encodeMlsMessage({ kind: 'public', publicMessage: { message: again, membershipTag: tag } });
  } catch (error) {
    if (error instanceof DecodeError) return undefined;
    throw error;
  }
}
