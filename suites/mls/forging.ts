/** Dishonest members: what they send is properly signed and sealed, and wrong in one named way. */
import type { CipherSuite } from '../../stack/crypto/index.ts';
import type { Commit } from '../../stack/mls/commit-codec.ts';
import {
  type Content,
  type FramedContent,
  type Sender,
  signFramedContent,
} from '../../stack/mls/framed-content.ts';
import { type GroupInfo, readGroupInfo, signGroupInfo, writeGroupInfo } from '../../stack/mls/group-info.ts';
import {
  commit,
  decodeMlsMessage,
  encodeMlsMessage,
  type GroupState,
  type MlsContext,
  type VerifiedKeyPackage,
} from '../../stack/mls/index.ts';
import { membershipTag, type PublicMessage } from '../../stack/mls/public-message.ts';
import { decodeAll } from '../../stack/mls/reader.ts';
import { type GroupSecrets, readGroupSecrets, writeGroupSecrets } from '../../stack/mls/welcome.ts';
import { encode } from '../../stack/mls/writer.ts';

export function publicMessage(bytes: Uint8Array): PublicMessage {
  const decoded = decodeMlsMessage(bytes);
  if (decoded.kind !== 'public') throw new Error(`expected a PublicMessage, found ${decoded.kind}`);
  return decoded.publicMessage;
}

/** `bytes` with its framed content changed, signed and MACed again with what `signer` holds. */
export function reframed(
  signer: GroupState,
  bytes: Uint8Array,
  change: (framed: FramedContent) => Partial<FramedContent>,
  tag: (confirmationTag: Uint8Array | undefined) => Uint8Array | undefined = (same) => same,
): Uint8Array {
  const { message } = publicMessage(bytes);
  const { suite, groupContextBytes, signaturePrivateKey, secrets } = signer;
  const framed = { ...message.framed, ...change(message.framed) };
  const signed = signFramedContent(suite, signaturePrivateKey, 1, framed, groupContextBytes);
  const confirmationTag = tag(message.auth.confirmationTag);
  const again = { ...signed, auth: { ...signed.auth, confirmationTag } };
  const isMember = framed.sender.type === 'member';
  return encodeMlsMessage({
    kind: 'public',
    publicMessage: {
      message: again,
      membershipTag: isMember
        ? membershipTag(suite, secrets.membershipKey, again, groupContextBytes)
        : undefined,
    },
  });
}

/** The same for the commit in it. */
export function recommitted(
  signer: GroupState,
  bytes: Uint8Array,
  change: (commit: Commit) => Partial<Commit>,
): Uint8Array {
  return reframed(signer, bytes, ({ content }) => {
    if (content.type !== 'commit') throw new Error(`expected a commit, found ${content.type}`);
    return { content: { type: 'commit', commit: { ...content.commit, ...change(content.commit) } } };
  });
}

/** A PublicMessage of any content in the name of any sender, signed and MACed with what `signer` holds. */
export function anyMessage(signer: GroupState, sender: Sender, content: Content): Uint8Array {
  const base = commit(
    { suiteProvider: { suite: () => signer.suite } as never, random: noRandom, now: () => 0 },
    signer,
    { includePending: false },
  );
  return reframed(
    signer,
    base.commit,
    () => ({ sender, content }),
    (tag) => (content.type === 'commit' ? tag : undefined),
  );
}

const noRandom = { bytes: (length: number) => new Uint8Array(length).fill(1), fork: () => noRandom };

/** The suite, but what is sealed by AEAD (of more than a sender data) or by HPKE is changed before. */
export function meddling(
  suite: CipherSuite,
  change: {
    readonly aead?: (plaintext: Uint8Array) => Uint8Array;
    readonly hpke?: (plaintext: Uint8Array) => Uint8Array;
  },
): CipherSuite {
  const { aead = (same) => same, hpke = (same) => same } = change;
  return {
    ...suite,
    aeadSeal: (key, nonce, aad, plaintext) =>
      suite.aeadSeal(key, nonce, aad, plaintext.length > 12 ? aead(plaintext) : plaintext),
    hpke: {
      ...suite.hpke,
      sealBase: (random, publicKey, info, aad, plaintext) =>
        suite.hpke.sealBase(random, publicKey, info, aad, hpke(plaintext)),
    },
  };
}

/** A Welcome by the member of `state` for `added`, its GroupInfo (signed again) or GroupSecrets changed. */
export function forgedWelcome(
  context: MlsContext,
  state: GroupState,
  added: VerifiedKeyPackage,
  change: {
    readonly groupInfo?: (info: GroupInfo) => Partial<GroupInfo>;
    readonly secrets?: (secrets: GroupSecrets) => Partial<GroupSecrets>;
  },
): Uint8Array {
  const { suite } = state;
  const aead = (plaintext: Uint8Array) => {
    const info = decodeAll(plaintext, 'GroupInfo', readGroupInfo);
    const changed = { ...info, ...change.groupInfo?.(info) };
    const { signature, ...content } = changed;
    const signed =
      signature === info.signature ? signGroupInfo(suite, state.signaturePrivateKey, content) : changed;
    return encode(writeGroupInfo, signed);
  };
  const hpke = (plaintext: Uint8Array) => {
    // A path secret of the commit itself.
    if (plaintext.length === suite.hashLength) return plaintext;
    const secrets = decodeAll(plaintext, 'GroupSecrets', readGroupSecrets);
    return encode(writeGroupSecrets, { ...secrets, ...change.secrets?.(secrets) });
  };
  const liar = { ...state, suite: meddling(suite, { aead, hpke }) };
  const { welcome } = commit(context, liar, { add: [added], path: change.secrets !== undefined });
  if (welcome === undefined) throw new Error('the commit gave no Welcome');
  return welcome;
}

export const flip = (bytes: Uint8Array, at = bytes.length - 1): Uint8Array => bytes.with(at, bytes[at]! ^ 1);
