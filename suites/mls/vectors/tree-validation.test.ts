import { expect, it } from 'vitest';
import { type CipherSuiteId, createNativeProvider } from '../../../stack/crypto/index.ts';
import { resolution } from '../../../stack/mls/ratchet-tree.ts';
import { decodeRatchetTree, encodeRatchetTree } from '../../../stack/mls/ratchet-tree-codec.ts';
import { ensureTrustworthyTree } from '../../../stack/mls/ratchet-tree-validation.ts';
import { subtreeHash, treeHash } from '../../../stack/mls/tree-hash.ts';
import { fromHex, hex, testContext } from '../members.ts';
import { describeVectors } from './load.ts';

interface TreeValidationVector {
  readonly cipher_suite: CipherSuiteId;
  readonly tree: string;
  readonly group_id: string;
  readonly tree_hashes: readonly string[];
  readonly resolutions: readonly (readonly number[])[];
}

describeVectors<TreeValidationVector>('tree-validation', (vectors) => {
  it.each(vectors.map((v, i) => [v.cipher_suite, i, v] as const))('suite %i, tree %i', (id, _i, v) => {
    const suite = createNativeProvider().suite(id);
    const tree = decodeRatchetTree(fromHex(v.tree));
    expect(v.tree_hashes.map((_, node) => hex(subtreeHash(suite, tree, node)))).toEqual(v.tree_hashes);
    expect(v.resolutions.map((_, node) => resolution(tree, node))).toEqual(v.resolutions);
    expect(hex(encodeRatchetTree(tree))).toBe(v.tree);
    const group = {
      version: 1,
      cipherSuite: id,
      groupId: fromHex(v.group_id),
      epoch: 0n,
      treeHash: treeHash(suite, tree),
      confirmedTranscriptHash: new Uint8Array(),
      extensions: [],
    };
    expect(() => ensureTrustworthyTree(testContext('tree'), suite, tree, group)).not.toThrow();
  });
});
