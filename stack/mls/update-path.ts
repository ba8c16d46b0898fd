/** RFC 9420 section 7.6: UpdatePath as it travels. */
import { type LeafNode, readLeafNode, writeLeafNode } from './leaf-node.ts';
import type { Reader } from './reader.ts';
import { readSealedSecrets, type SealedSecrets, writeSealedSecrets } from './sealed-secrets.ts';
import type { Writer } from './writer.ts';

export interface UpdatePathNode {
  readonly encryptionKey: Uint8Array;
  /** One for each node in the resolution of the copath child, in its order. */
  readonly encryptedPathSecrets: SealedSecrets;
}

export interface UpdatePath {
  readonly leafNode: LeafNode;
  /** From the leaf's side up to the root. */
  readonly nodes: readonly UpdatePathNode[];
}

export function writeUpdatePath(writer: Writer, path: UpdatePath): void {
  writeLeafNode(writer, path.leafNode);
  writer.vector(path.nodes, (w, node) =>
    writeSealedSecrets(w.opaque(node.encryptionKey), node.encryptedPathSecrets),
  );
}

export function readUpdatePath(reader: Reader): UpdatePath {
  return {
    leafNode: readLeafNode(reader),
    nodes: reader.vector('UpdatePath.nodes', (r) => ({
      encryptionKey: r.opaque('UpdatePathNode.encryption_key'),
      encryptedPathSecrets: readSealedSecrets(r),
    })),
  };
}
