import { expect, it } from 'vitest';
import { type CipherSuiteId, createNativeProvider } from '../../../stack/crypto/index.ts';
import { encodeGroupContext } from '../../../stack/mls/group-context.ts';
import { verifyLeafNodeSignature } from '../../../stack/mls/leaf-node.ts';
import { memberLeaf, type RatchetTree, TreeEditor } from '../../../stack/mls/ratchet-tree.ts';
import { decodeRatchetTree } from '../../../stack/mls/ratchet-tree-codec.ts';
import { decodeAll } from '../../../stack/mls/reader.ts';
import { treeHash } from '../../../stack/mls/tree-hash.ts';
import { mergePath, nodeKeyPair, openPath, sealPath, stagePath } from '../../../stack/mls/treekem.ts';
import { readUpdatePath, writeUpdatePath } from '../../../stack/mls/update-path.ts';
import { encode } from '../../../stack/mls/writer.ts';
import { seededRandom } from '../../crypto/seeded-random.ts';
import { fromHex, hex } from '../members.ts';
import { describeVectors, vectorPrivateKey } from './load.ts';

interface TreeKemVector {
  readonly cipher_suite: CipherSuiteId;
  readonly group_id: string;
  readonly epoch: number;
  readonly confirmed_transcript_hash: string;
  readonly ratchet_tree: string;
  readonly leaves_private: readonly {
    readonly index: number;
    readonly encryption_priv: string;
    readonly signature_priv: string;
    readonly path_secrets: readonly { readonly node: number; readonly path_secret: string }[];
  }[];
  readonly update_paths: readonly {
    readonly sender: number;
    readonly update_path: string;
    readonly path_secrets: readonly (string | null)[];
    readonly commit_secret: string;
    readonly tree_hash_after: string;
  }[];
}

describeVectors<TreeKemVector>('treekem', (vectors) => {
  it.each(vectors.map((v, i) => [v.cipher_suite, i, v] as const))('suite %i, tree %i', (id, _i, v) => {
    const suite = createNativeProvider().suite(id);
    const tree = decodeRatchetTree(fromHex(v.ratchet_tree));
    const groupId = fromHex(v.group_id);
    const contextFor = (after: RatchetTree) =>
      encodeGroupContext({
        version: 1,
        cipherSuite: id,
        groupId,
        epoch: BigInt(v.epoch),
        treeHash: treeHash(suite, after),
        confirmedTranscriptHash: fromHex(v.confirmed_transcript_hash),
        extensions: [],
      });
    const privateOf = (leaf: TreeKemVector['leaves_private'][number]) =>
      new Map([
        [leaf.index * 2, vectorPrivateKey(id, leaf.encryption_priv)],
        ...leaf.path_secrets.map(
          (p) => [p.node, nodeKeyPair(suite, fromHex(p.path_secret)).privateKey] as const,
        ),
      ] as [number, Uint8Array][]);

    for (const update of v.update_paths) {
      const path = decodeAll(fromHex(update.update_path), 'UpdatePath', readUpdatePath);
      expect(hex(encode(writeUpdatePath, path))).toBe(update.update_path);
      // Not all of section 7.3: the leaves of this file don't list suite 7 in their capabilities.
      const position = { groupId, leafIndex: update.sender };
      expect(verifyLeafNodeSignature(suite, path.leafNode, position)).toBe(true);
      const editor = new TreeEditor(tree);
      const steps = mergePath(suite, editor, update.sender, path);
      const after = editor.finish();
      expect(hex(treeHash(suite, after))).toBe(update.tree_hash_after);

      const sender = v.leaves_private.find((leaf) => leaf.index === update.sender)!;
      const fresh = new TreeEditor(tree);
      const signatureKey = vectorPrivateKey(id, sender.signature_priv);
      const random = seededRandom(`${sender.index}`);
      const leaf = memberLeaf(tree, sender.index);
      const staged = stagePath(suite, random, fresh, sender.index, leaf, signatureKey, groupId);
      const freshContext = contextFor(fresh);
      const sealed = sealPath(suite, random, fresh, staged, freshContext, new Set());

      for (const receiver of v.leaves_private) {
        if (receiver.index === update.sender) continue;
        const keys = privateOf(receiver);
        const none = new Set<number>();
        const opened = openPath(
          suite,
          after,
          receiver.index,
          keys,
          path,
          steps,
          update.sender,
          contextFor(after),
          none,
        );
        expect(hex(opened.commitSecret)).toBe(update.commit_secret);
        const ours = openPath(
          suite,
          fresh,
          receiver.index,
          keys,
          sealed,
          staged.path,
          update.sender,
          freshContext,
          none,
        );
        expect(hex(ours.commitSecret)).toBe(hex(staged.commitSecret));
      }
    }
  });
});
