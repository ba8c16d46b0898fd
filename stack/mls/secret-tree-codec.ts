/** The stored form of a secret tree: what is left of it, by node and by leaf. */
import type { Reader } from './reader.ts';
import type { LeafRatchets, MessageKey, Ratchet, SecretTree } from './secret-tree.ts';
import { root } from './tree-math.ts';
import type { Writer } from './writer.ts';

interface Placed<T> {
  readonly index: number;
  readonly value: T;
}

function placed<T>(values: readonly (T | undefined)[]): Placed<T>[] {
  return values.flatMap((value, index) => (value === undefined ? [] : [{ index, value }]));
}

/** Values by their index below `length`, in increasing order. */
function readPlaced<T>(
  reader: Reader,
  field: string,
  length: number,
  value: (reader: Reader) => T,
): (T | undefined)[] {
  const out = new Array<T | undefined>(length).fill(undefined);
  let previous = -1;
  reader.vector(field, (r) => {
    const start = r.offset;
    const index = r.u32(field);
    if (index <= previous || index >= length) {
      r.fail(start, field, `an index from ${previous + 1} to ${length - 1}`, String(index));
    }
    previous = index;
    out[index] = value(r);
  });
  return out;
}

function writeMessageKey(writer: Writer, { generation, key, nonce }: MessageKey): void {
  writer.u32(generation).opaque(key).opaque(nonce);
}

function readMessageKey(reader: Reader): MessageKey {
  return {
    generation: reader.u32('MessageKey.generation'),
    key: reader.opaque('MessageKey.key'),
    nonce: reader.opaque('MessageKey.nonce'),
  };
}

function writeRatchet(writer: Writer, { generation, secret, skipped }: Ratchet): void {
  writer.u32(generation).opaque(secret).vector(skipped, writeMessageKey);
}

function readRatchet(reader: Reader): Ratchet {
  return {
    generation: reader.u32('Ratchet.generation'),
    secret: reader.opaque('Ratchet.secret'),
    skipped: reader.vector('Ratchet.skipped', readMessageKey),
  };
}

export function writeSecretTree(writer: Writer, tree: SecretTree): void {
  writer
    .vector(placed(tree.nodes), (w, { index, value }) => w.u32(index).opaque(value))
    .vector(placed<LeafRatchets>(tree.ratchets), (w, { index, value }) => {
      writeRatchet(w.u32(index), value.handshake);
      writeRatchet(w, value.application);
    });
}

/** `leafCount` from the ratchet tree of the epoch, a power of two. */
export function readSecretTree(reader: Reader, leafCount: number): SecretTree {
  return {
    leafCount,
    nodes: readPlaced(reader, 'SecretTree.nodes', 2 * root(leafCount) + 1, (r) =>
      r.opaque('SecretTree.node'),
    ),
    ratchets: readPlaced(reader, 'SecretTree.ratchets', leafCount, (r) => ({
      handshake: readRatchet(r),
      application: readRatchet(r),
    })),
  };
}
