import { expect, it } from 'vitest';
import { type CipherSuiteId, createNativeProvider } from '../../../stack/crypto/index.ts';
import { readCommit, writeCommit } from '../../../stack/mls/commit-codec.ts';
import { defaultPolicy } from '../../../stack/mls/context.ts';
import {
  type AuthenticatedContent,
  type Content,
  signFramedContent,
  verifyFramedContent,
} from '../../../stack/mls/framed-content.ts';
import { encodeGroupContext } from '../../../stack/mls/group-context.ts';
import { decodeMlsMessage, encodeMlsMessage } from '../../../stack/mls/mls-message.ts';
import { openSenderData, protectPrivate, unprotectPrivate } from '../../../stack/mls/private-message.ts';
import { readProposal, writeProposal } from '../../../stack/mls/proposal.ts';
import { protectPublic, unprotectPublic } from '../../../stack/mls/public-message.ts';
import { decodeAll } from '../../../stack/mls/reader.ts';
import { createSecretTree, nextKey } from '../../../stack/mls/secret-tree.ts';
import { encode } from '../../../stack/mls/writer.ts';
import { seededRandom } from '../../crypto/seeded-random.ts';
import { fromHex, hex } from '../members.ts';
import { describeVectors, vectorPrivateKey } from './load.ts';

type ProtectionVector = Readonly<
  Record<
    | 'group_id'
    | 'tree_hash'
    | 'confirmed_transcript_hash'
    | 'signature_priv'
    | 'signature_pub'
    | 'encryption_secret'
    | 'sender_data_secret'
    | 'membership_key'
    | 'proposal'
    | 'proposal_priv'
    | 'proposal_pub'
    | 'commit'
    | 'commit_priv'
    | 'commit_pub'
    | 'application'
    | 'application_priv',
    string
  >
> & { readonly cipher_suite: CipherSuiteId; readonly epoch: number };

const senderLeaf = 1;

function contentHex(content: Content): string {
  if (content.type === 'application') return hex(content.data);
  if (content.type === 'proposal') return hex(encode(writeProposal, content.proposal));
  return hex(encode(writeCommit, content.commit));
}

describeVectors<ProtectionVector>('message-protection', (vectors) => {
  it.each(vectors)('suite $cipher_suite', (v) => {
    const suite = createNativeProvider().suite(v.cipher_suite);
    const groupContext = encodeGroupContext({
      version: 1,
      cipherSuite: v.cipher_suite,
      groupId: fromHex(v.group_id),
      epoch: BigInt(v.epoch),
      treeHash: fromHex(v.tree_hash),
      confirmedTranscriptHash: fromHex(v.confirmed_transcript_hash),
      extensions: [],
    });
    const secrets = createSecretTree(fromHex(v.encryption_secret), 2);
    const senderData = fromHex(v.sender_data_secret);
    const membershipKey = fromHex(v.membership_key);

    const open = (bytes: Uint8Array): AuthenticatedContent => {
      const decoded = decodeMlsMessage(bytes);
      if (decoded.kind === 'public') {
        return unprotectPublic(suite, membershipKey, decoded.publicMessage, groupContext);
      }
      if (decoded.kind !== 'private') throw new Error(`unexpected ${decoded.kind}`);
      const sender = openSenderData(suite, senderData, decoded.privateMessage);
      expect(sender.leafIndex).toBe(senderLeaf);
      return unprotectPrivate(suite, decoded.privateMessage, sender, secrets, defaultPolicy).message;
    };
    const check = (bytes: Uint8Array, expected: string) => {
      const message = open(bytes);
      expect(verifyFramedContent(suite, fromHex(v.signature_pub), message, groupContext)).toBe(true);
      expect(contentHex(message.framed.content)).toBe(expected);
    };
    check(fromHex(v.proposal_pub), v.proposal);
    check(fromHex(v.proposal_priv), v.proposal);
    check(fromHex(v.commit_pub), v.commit);
    check(fromHex(v.commit_priv), v.commit);
    check(fromHex(v.application_priv), v.application);

    const contents: [Content, string][] = [
      [{ type: 'proposal', proposal: decodeAll(fromHex(v.proposal), 'Proposal', readProposal) }, v.proposal],
      [{ type: 'commit', commit: decodeAll(fromHex(v.commit), 'Commit', readCommit) }, v.commit],
      [{ type: 'application', data: fromHex(v.application) }, v.application],
    ];
    for (const [content, expected] of contents) {
      const sign = (format: 1 | 2): AuthenticatedContent => {
        const signed = signFramedContent(
          suite,
          vectorPrivateKey(v.cipher_suite, v.signature_priv),
          format,
          {
            groupId: fromHex(v.group_id),
            epoch: BigInt(v.epoch),
            sender: { type: 'member', leafIndex: senderLeaf },
            authenticatedData: fromHex('0102'),
            content,
          },
          groupContext,
        );
        const confirmationTag = content.type === 'commit' ? new Uint8Array(32) : undefined;
        return { ...signed, auth: { ...signed.auth, confirmationTag } };
      };
      const kind = content.type === 'application' ? 'application' : 'handshake';
      const { key } = nextKey(suite, secrets, senderLeaf, kind);
      const random = seededRandom('guard');
      const privateMessage = protectPrivate(suite, random, senderData, senderLeaf, key, sign(2), 3);
      check(encodeMlsMessage({ kind: 'private', privateMessage }), expected);
      if (content.type === 'application') continue;
      const publicMessage = protectPublic(suite, membershipKey, sign(1), groupContext);
      check(encodeMlsMessage({ kind: 'public', publicMessage }), expected);
    }
  });
});
