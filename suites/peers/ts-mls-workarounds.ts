/**
 * Where ts-mls 1.6.4 leaves RFC 9420. Each function here is one deviation, with the section that says otherwise; nothing
 * else in suites/peers bends for the peer.
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import { p256, p384, p521 } from '@noble/curves/nist.js';
import {
  type CiphersuiteImpl,
  type ClientState,
  decodeMlsMessage,
  type Extension,
  type GroupInfo,
  type Hpke,
  type MLSMessage,
  type MlsPrivateMessage,
  type MlsPublicMessage,
  type ProcessMessageResult,
  type PskIndex,
  processPrivateMessage,
  processPublicMessage,
  type RatchetTree,
} from 'ts-mls';
import { createGroupInfo } from 'ts-mls/createCommit.js';
import { acceptAll } from 'ts-mls/incomingMessageAction.js';
import { encodeRatchetTree } from 'ts-mls/ratchetTree.js';
import type { SignatureKeys } from '../../harness/bench/mls-engine.ts';

const curves = { P256: p256, P384: p384, P521: p521 };

/**
 * Section 5.1.1 has NIST public keys uncompressed; its key generator returns them compressed. And its Ed25519 private key is
 * a PKCS #8 structure, which no other implementation takes: section 5.1.1 leaves the 32 bytes of RFC 8032.
 */
export async function rawSignatureKeyPair(cs: CiphersuiteImpl): Promise<SignatureKeys> {
  const { signKey, publicKey } = await cs.signature.keygen();
  const curve = Object.entries(curves).find(([name]) => cs.name.endsWith(name))?.[1];
  if (curve !== undefined) return { privateKey: signKey, publicKey: curve.getPublicKey(signKey, false) };
  const length = cs.name.endsWith('Ed448') ? 57 : 32;
  return { privateKey: signKey.slice(-length), publicKey };
}

const phoneClock = new AsyncLocalStorage<() => number>();
const machineNow = Date.now;

/**
 * Section 7.2 has a lifetime judged by the client's own clock. It asks the machine's, which no caller can change: inside
 * `work`, and nowhere else, the machine's is `now` (seconds since the Unix epoch).
 */
export function underClock<T>(now: () => number, work: () => Promise<T>): Promise<T> {
  Date.now = () => {
    const clock = phoneClock.getStore();
    return clock === undefined ? machineNow() : clock() * 1_000;
  };
  return phoneClock.run(now, work);
}

/** Section 2.1: a structure ends where its bytes end. It ignores what follows. */
export function decodeWhole(bytes: Uint8Array): MLSMessage {
  const decoded = decodeMlsMessage(bytes, 0);
  if (decoded === undefined) throw new Error('ts-mls cannot decode the MLSMessage');
  if (decoded[1] !== bytes.length) throw new Error(`${bytes.length - decoded[1]} bytes after the MLSMessage`);
  return decoded[0];
}

/** Section 12.4.3.2: external_pub is a struct that holds an HPKEPublicKey, so a vector with its length. It writes the bare key. */
export async function groupInfoWithExternalPub(cs: CiphersuiteImpl, state: ClientState): Promise<GroupInfo> {
  const { publicKey } = await cs.hpke.deriveKeyPair(state.keySchedule.externalSecret);
  const key = await cs.hpke.exportPublicKey(publicKey);
  const extensions: Extension[] = [
    { extensionType: 'external_pub', extensionData: withLength(key) },
    { extensionType: 'ratchet_tree', extensionData: encodeRatchetTree(state.ratchetTree) },
  ];
  return createGroupInfo(state.groupContext, state.confirmationTag, state, extensions, cs);
}

/** The same on the way in. The GroupInfo is signed, so the length can only be taken off where the key is read. */
export function readingExternalPub(cs: CiphersuiteImpl, groupInfo: GroupInfo): CiphersuiteImpl {
  const extension = groupInfo.extensions.find(({ extensionType }) => extensionType === 'external_pub');
  const hpke: Hpke = {
    ...cs.hpke,
    importPublicKey: (key) =>
      cs.hpke.importPublicKey(key === extension?.extensionData ? withoutLength(key) : key),
  };
  return { ...cs, hpke };
}

/** Section 12.4.2: a commit may hold PSKs whatever its framing. `processMessage` hands an empty PSK index to private ones. */
export async function processWithPsks(
  state: ClientState,
  message: MlsPublicMessage | MlsPrivateMessage,
  psks: PskIndex,
  cs: CiphersuiteImpl,
): Promise<ProcessMessageResult> {
  if (message.wireformat === 'mls_private_message') {
    return processPrivateMessage(state, message.privateMessage, psks, cs, acceptAll);
  }
  return {
    kind: 'newState',
    ...(await processPublicMessage(state, message.publicMessage, psks, cs, acceptAll)),
  };
}

/**
 * Section 12.4.2: once one's own Update is committed, the new leaf key opens the path. It keeps the old one, so the key
 * is put in place beforehand; a commit that did not take the Update is processed again without it.
 */
export async function processWithOwnUpdate(
  state: ClientState,
  update: { readonly publicKey: Uint8Array; readonly privateKey: Uint8Array },
  processFrom: (state: ClientState) => Promise<ProcessMessageResult>,
): Promise<ProcessMessageResult> {
  const leaf = state.privatePath.leafIndex * 2;
  const privateKeys = { ...state.privatePath.privateKeys, [leaf]: update.privateKey };
  try {
    const result = await processFrom({ ...state, privatePath: { ...state.privatePath, privateKeys } });
    const node = result.newState.ratchetTree[leaf];
    const taken = node?.nodeType === 'leaf' && sameBytes(node.leaf.hpkePublicKey, update.publicKey);
    if (taken) return result;
  } catch {
    // Not committed, then: the leaf key in the tree is still the old one.
  }
  return processFrom(state);
}

/**
 * Section 12.4.3.2: the Remove in an external commit may be of whoever receives it, who is then out of the group. It looks
 * for its own removal in members' commits only, and here fails for want of a path secret.
 */
export function isReplacedBy(state: ClientState, message: MlsPublicMessage | MlsPrivateMessage): boolean {
  if (message.wireformat !== 'mls_public_message') return false;
  const { content } = message.publicMessage;
  if (content.contentType !== 'commit' || content.sender.senderType !== 'new_member_commit') return false;
  return content.commit.proposals.some(
    (item) =>
      item.proposalOrRefType === 'proposal' &&
      item.proposal.proposalType === 'remove' &&
      item.proposal.remove.removed === state.privatePath.leafIndex,
  );
}

/**
 * Section 7.9: an unmerged leaf of a node must be listed by the non-blank nodes between the two. It wants all nodes on
 * the leaf's direct path, also those above, to list exactly the same leaves, and so refuses many valid trees.
 */
export function refusesValidTree(tree: RatchetTree): boolean {
  const width = (tree.length + 1) / 2;
  return tree.some((node, index) => {
    if (node?.nodeType !== 'parent') return false;
    const own = node.parent.unmergedLeaves.join();
    return node.parent.unmergedLeaves.some((leaf) =>
      ancestors(leaf * 2, width).some((ancestor) => {
        const other = tree[ancestor];
        return (
          ancestor !== index && other?.nodeType === 'parent' && other.parent.unmergedLeaves.join() !== own
        );
      }),
    );
  });
}

/** Node indices above `node` in a full tree of `width` leaves (appendix C). */
function ancestors(node: number, width: number): number[] {
  const path: number[] = [];
  for (let half = 1, at = node; half < width; half *= 2) {
    at = Math.floor(at / (half * 4)) * half * 4 + 2 * half - 1;
    path.push(at);
  }
  return path;
}

function withLength(key: Uint8Array): Uint8Array {
  const length = key.length < 64 ? [key.length] : [0x40 | (key.length >> 8), key.length & 0xff];
  return Uint8Array.from([...length, ...key]);
}

function withoutLength(vector: Uint8Array): Uint8Array {
  return vector.slice(vector[0]! < 64 ? 1 : 2);
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0;
}
