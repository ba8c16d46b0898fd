/** Labelled primitives: RFC 9420 sections 5.1.2 (sign), 5.1.3 (encrypt), 5.2 (references) and 8 (expand, derive). */
import { emptyBytes } from '../crypto/bytes.ts';
import type { CipherSuite, HpkeCiphertext, KeyPair } from '../crypto/index.ts';
import type { Random } from '../platform.ts';
import { Writer } from './writer.ts';

const utf8 = new TextEncoder();
const labelBytes = new Map<string, Uint8Array>();

/** "MLS 1.0 " and the label, in UTF-8. Labels of the RFC are few; exporter labels do not come through here. */
function prefixed(label: string): Uint8Array {
  let bytes = labelBytes.get(label);
  if (bytes === undefined) {
    bytes = utf8.encode(`MLS 1.0 ${label}`);
    if (labelBytes.size < 256) labelBytes.set(label, bytes);
  }
  return bytes;
}

/** KDFLabel of section 8. */
export function expandWithLabel(
  suite: CipherSuite,
  secret: Uint8Array,
  label: string,
  context: Uint8Array,
  length: number,
): Uint8Array {
  const info = new Writer(64).u16(length).opaque(prefixed(label)).opaque(context).view();
  return suite.expand(secret, info, length);
}

/** Section 8: hashLength bytes under an empty context. */
export function deriveSecret(suite: CipherSuite, secret: Uint8Array, label: string): Uint8Array {
  return expandWithLabel(suite, secret, label, emptyBytes, suite.hashLength);
}

/** Section 9.1: the context is the generation. */
export function deriveTreeSecret(
  suite: CipherSuite,
  secret: Uint8Array,
  label: string,
  generation: number,
  length: number,
): Uint8Array {
  return expandWithLabel(suite, secret, label, new Writer(4).u32(generation).view(), length);
}

/** Content, or what writes it: at most `capacity` bytes, which are then written in place. */
type Signed = Uint8Array | { readonly capacity: number; readonly write: (writer: Writer) => void };

/** SignContent of section 5.1.2. */
function signContent(label: string, content: Signed): Uint8Array {
  if (content instanceof Uint8Array) {
    return new Writer(content.length + 64).opaque(prefixed(label)).opaque(content).view();
  }
  return new Writer(content.capacity + 64).opaque(prefixed(label)).prefixed(content.write).view();
}

export function signWithLabel(
  suite: CipherSuite,
  privateKey: Uint8Array,
  label: string,
  content: Signed,
): Uint8Array {
  return suite.sign(privateKey, signContent(label, content));
}

export function verifyWithLabel(
  suite: CipherSuite,
  publicKey: Uint8Array,
  label: string,
  content: Signed,
  signature: Uint8Array,
): boolean {
  return suite.verify(publicKey, signContent(label, content), signature);
}

/** EncryptContext of section 5.1.3; made once for all the seals that share it. */
export function encryptContext(label: string, context: Uint8Array): Uint8Array {
  return new Writer(context.length + 64).opaque(prefixed(label)).opaque(context).view();
}

/** EncryptWithLabel, given encryptContext(label, context). */
export function encryptInContext(
  suite: CipherSuite,
  random: Random,
  publicKey: Uint8Array,
  info: Uint8Array,
  plaintext: Uint8Array,
): HpkeCiphertext {
  return suite.hpke.sealBase(random, publicKey, info, emptyBytes, plaintext);
}

/** DecryptWithLabel; CryptoError when it does not open. */
export function decryptWithLabel(
  suite: CipherSuite,
  keyPair: KeyPair,
  label: string,
  context: Uint8Array,
  sealed: HpkeCiphertext,
): Uint8Array {
  return suite.hpke.openBase(keyPair, sealed, encryptContext(label, context), emptyBytes);
}

/** Section 5.2: hash of RefHashInput. */
export function refHash(suite: CipherSuite, label: string, value: Uint8Array): Uint8Array {
  return suite.hash(new Writer(value.length + 64).opaque(utf8.encode(label)).opaque(value).view());
}
