import { expect, it } from 'vitest';
import { type CipherSuiteId, createNativeProvider } from '../../../stack/crypto/index.ts';
import { isAdd, isRemove, isUpdate, readProposal } from '../../../stack/mls/proposal.ts';
import { TreeEditor } from '../../../stack/mls/ratchet-tree.ts';
import { decodeRatchetTree, encodeRatchetTree } from '../../../stack/mls/ratchet-tree-codec.ts';
import { decodeAll } from '../../../stack/mls/reader.ts';
import { treeHash } from '../../../stack/mls/tree-hash.ts';
import { fromHex, hex } from '../members.ts';
import { describeVectors } from './load.ts';

interface TreeOperationVector {
  readonly cipher_suite: CipherSuiteId;
  readonly proposal: string;
  readonly proposal_sender: number;
  readonly tree_before: string;
  readonly tree_after: string;
  readonly tree_hash_before: string;
  readonly tree_hash_after: string;
}

describeVectors<TreeOperationVector>('tree-operations', (vectors) => {
  it.each(vectors.map((v, i) => [i, v] as const))('operation %i', (_i, v) => {
    const suite = createNativeProvider().suite(v.cipher_suite);
    const before = decodeRatchetTree(fromHex(v.tree_before));
    expect(hex(treeHash(suite, before))).toBe(v.tree_hash_before);
    const proposal = decodeAll(fromHex(v.proposal), 'Proposal', readProposal);
    const editor = new TreeEditor(before);
    if (isAdd(proposal)) editor.add(proposal.keyPackage.leafNode);
    else if (isUpdate(proposal)) editor.update(v.proposal_sender, proposal.leafNode);
    else if (isRemove(proposal)) editor.remove(proposal.removed);
    else throw new Error(`unexpected proposal type ${proposal.type}`);
    editor.truncate();
    const after = editor.finish();
    expect(hex(encodeRatchetTree(after))).toBe(v.tree_after);
    expect(hex(treeHash(suite, after))).toBe(v.tree_hash_after);
    expect(hex(encodeRatchetTree(before)), 'the tree edited from is untouched').toBe(v.tree_before);
  });
});
