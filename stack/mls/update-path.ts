/** RFC 9420 section 7.6: UpdatePath as it travels. */
import type { HpkeCiphertext } from '../crypto/index.ts';
import { type LeafNode, readLeafNode, writeLeafNode } from './leaf-node.ts';
import type { Reader } from './reader.ts';
import type { Writer } from './writer.ts';

export interface UpdatePathNode {
  readonly encryptionKey: Uint8Array;
  /** One for each node in the resolution of the copath child, in its order. */
  readonly encryptedPathSecrets: readonly HpkeCiphertext[];
}

export interface UpdatePath {
  readonly leafNode: LeafNode;
  /** From the leaf's side up to the root. */
  readonly nodes: readonly UpdatePathNode[];
}

export function writeHpkeCiphertext(writer: Writer, sealed: HpkeCiphertext): void {
  writer.opaque(sealed.kemOutput).opaque(sealed.ciphertext);
}

export function readHpkeCiphertext(reader: Reader): HpkeCiphertext {
  return {
    kemOutput: reader.opaque('HPKECiphertext.kem_output'),
    ciphertext: reader.opaque('HPKECiphertext.ciphertext'),
  };
}

export function writeUpdatePath(writer: Writer, path: UpdatePath): void {
  writeLeafNode(writer, path.leafNode);
  writer.vector(path.nodes, (w, node) =>
    w.opaque(node.encryptionKey).vector(node.encryptedPathSecrets, writeHpkeCiphertext),
  );
}

export function readUpdatePath(reader: Reader): UpdatePath {
  return {
    leafNode: readLeafNode(reader),
    nodes: reader.vector('UpdatePath.nodes', (r) => ({
      encryptionKey: r.opaque('UpdatePathNode.encryption_key'),
      encryptedPathSecrets: r.vector('UpdatePathNode.encrypted_path_secret', readHpkeCiphertext),
    })),
  };
}
