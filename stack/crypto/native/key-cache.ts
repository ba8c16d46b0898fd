/**
 * Parsed KeyObjects, kept beside the raw bytes they came from: parsing costs more than the operation.
 *
 * Looked up by the identity of the array first (a tree keeps its arrays from epoch to epoch), then, for public keys
 * only, by content in a bounded map, as members of one group in one process each decode the same key. Private keys
 * are never held by content: a KeyObject goes when its array goes.
 */
import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';
import type { KeyEncoding } from './key-encoding.ts';

export class KeyCache {
  private readonly privateKeys = new WeakMap<Uint8Array, KeyObject>();
  private readonly publicKeys = new WeakMap<Uint8Array, KeyObject>();
  private readonly shared = new Map<string, KeyObject>();
  private readonly encoding: KeyEncoding;
  private readonly capacity: number;

  constructor(encoding: KeyEncoding, capacity: number) {
    this.encoding = encoding;
    this.capacity = capacity;
  }

  /** Throws whatever node:crypto throws for bytes that are no key. `publicKey`, if known, saves its computation. */
  privateKey(raw: Uint8Array, publicKey?: Uint8Array): KeyObject {
    let key = this.privateKeys.get(raw);
    if (key === undefined) {
      const der = this.encoding.privateKey(raw, publicKey);
      key = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
      this.privateKeys.set(raw, key);
    }
    return key;
  }

  publicKey(raw: Uint8Array): KeyObject {
    let key = this.publicKeys.get(raw);
    if (key !== undefined) return key;
    const content = Buffer.from(raw.buffer, raw.byteOffset, raw.byteLength).toString('latin1');
    key = this.shared.get(content);
    if (key === undefined) {
      const der = this.encoding.publicKey(raw);
      key = createPublicKey({ key: der, format: 'der', type: 'spki' });
      if (this.capacity > 0) {
        if (this.shared.size >= this.capacity) this.shared.delete(this.shared.keys().next().value!);
        this.shared.set(content, key);
      }
    }
    this.publicKeys.set(raw, key);
    return key;
  }
}
