/** ts-mls on our primitives: what its own code costs, once the cryptography is the same. */

import { x448 } from '@noble/curves/ed448.js';
import { x25519 } from '@noble/curves/ed25519.js';
import type { CiphersuiteImpl, Hpke, PrivateKey, PublicKey } from 'ts-mls';
import type { CipherSuite, KeyPair } from '../../stack/crypto/index.ts';
import type { Random } from '../../stack/platform.ts';
import { suiteName } from './ts-mls-member.ts';

/** ts-mls brands WebCrypto keys; to it they are opaque, so raw bytes pass through under the same brand. */
const asPublic = (key: Uint8Array): PublicKey => key as unknown as PublicKey;
const asPrivate = (pair: KeyPair): PrivateKey => pair as unknown as PrivateKey;
const rawPublic = (key: PublicKey): Uint8Array => key as unknown as Uint8Array;
const rawPair = (key: PrivateKey): KeyPair => key as unknown as KeyPair;

export function nativeSuiteForTsMls(suite: CipherSuite, random: Random): CiphersuiteImpl {
  return {
    name: suiteName(suite.id),
    hash: {
      digest: async (data) => suite.hash(data),
      mac: async (key, data) => suite.mac(key, data),
      verifyMac: async (key, mac, data) => Buffer.compare(suite.mac(key, data), mac) === 0,
    },
    kdf: {
      size: suite.hashLength,
      extract: async (salt, ikm) => suite.extract(salt, ikm),
      expand: async (prk, info, length) => suite.expand(prk, info, length),
    },
    signature: {
      sign: async (key, message) => suite.sign(key, message),
      verify: async (key, message, signature) => suite.verify(key, message, signature),
      keygen: async () => {
        const { publicKey, privateKey } = suite.generateSignatureKeyPair(random);
        return { publicKey, signKey: privateKey };
      },
    },
    hpke: hpkeOn(suite, random),
    rng: { randomBytes: (length) => random.bytes(length) },
  };
}

function hpkeOn(suite: CipherSuite, random: Random): Hpke {
  const { hpke } = suite;
  const none = new Uint8Array();
  // ts-mls stores private keys alone, and opening needs the pair: each public key is derived once, as ours are.
  const pairs = new WeakMap<Uint8Array, KeyPair>();
  const remember = (pair: KeyPair) => {
    pairs.set(pair.privateKey, pair);
    return { publicKey: asPublic(pair.publicKey), privateKey: asPrivate(pair) };
  };
  return {
    keyLength: suite.aeadKeyLength,
    nonceLength: suite.aeadNonceLength,
    seal: async (publicKey, plaintext, info, aad = none) => {
      const { kemOutput, ciphertext } = hpke.sealBase(random, rawPublic(publicKey), info, aad, plaintext);
      return { enc: kemOutput, ct: ciphertext };
    },
    open: async (privateKey, kemOutput, ciphertext, info, aad = none) =>
      hpke.openBase(rawPair(privateKey), { kemOutput, ciphertext }, info, aad),
    importPrivateKey: async (privateKey) => {
      const known = pairs.get(privateKey);
      if (known !== undefined) return asPrivate(known);
      const pair = { privateKey, publicKey: derivePublicKey(suite, privateKey) };
      pairs.set(privateKey, pair);
      return asPrivate(pair);
    },
    importPublicKey: async (key) => asPublic(key),
    exportPublicKey: async (key) => rawPublic(key),
    exportPrivateKey: async (key) => rawPair(key).privateKey,
    encryptAead: async (key, nonce, aad, plaintext) => suite.aeadSeal(key, nonce, aad ?? none, plaintext),
    decryptAead: async (key, nonce, aad, ciphertext) => suite.aeadOpen(key, nonce, aad ?? none, ciphertext),
    exportSecret: async (publicKey, exporterContext, length, info) => {
      const sent = hpke.sendExport(random, rawPublic(publicKey), info, exporterContext, length);
      return { enc: sent.kemOutput, secret: sent.secret };
    },
    importSecret: async (privateKey, exporterContext, kemOutput, length, info) =>
      hpke.receiveExport(rawPair(privateKey), kemOutput, info, exporterContext, length),
    deriveKeyPair: async (ikm) => remember(hpke.deriveKeyPair(ikm)),
    generateKeyPair: async () => remember(hpke.generateKeyPair(random)),
  };
}

/** Only for keys that came from elsewhere. On the NIST curves a KEM's pair is a signature's pair. */
function derivePublicKey(suite: CipherSuite, privateKey: Uint8Array): Uint8Array {
  if (suite.name.includes('X25519')) return x25519.getPublicKey(privateKey);
  if (suite.name.includes('X448')) return x448.getPublicKey(privateKey);
  return suite.signaturePublicKey(privateKey);
}
