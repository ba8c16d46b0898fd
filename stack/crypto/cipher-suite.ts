/** Assembles a CipherSuite from one provider's primitives. */
import type { Random } from '../platform.ts';
import { hkdfExpand, hkdfExtract } from './hkdf.ts';
import { createHpkeBase } from './hpke.ts';
import type { SuitePrimitives } from './primitives.ts';
import type { CipherSuite, KeyPair } from './provider.ts';
import type { SuiteParameters } from './suites.ts';
import type { UsageCounter } from './usage.ts';

export function assembleSuite(
  parameters: SuiteParameters,
  primitives: SuitePrimitives,
  usage: UsageCounter,
): CipherSuite {
  const counted = countPrimitives(primitives, usage);
  const { hash, aead, dh, signature } = counted;
  const base = createHpkeBase(parameters, counted);
  return {
    id: parameters.id,
    name: parameters.name,
    hashLength: hash.length,
    aeadKeyLength: aead.keyLength,
    aeadNonceLength: aead.nonceLength,
    aeadTagLength: aead.tagLength,
    kemOutputLength: dh.publicKeyLength,
    hpkePublicKeyLength: dh.publicKeyLength,
    hpkePrivateKeyLength: dh.privateKeyLength,
    signaturePublicKeyLength: signature.publicKeyLength,
    signaturePrivateKeyLength: signature.privateKeyLength,
    hash: hash.hash,
    mac: hash.mac,
    extract: (salt, ikm) => hkdfExtract(hash, salt, ikm),
    expand: (prk, info, length) => hkdfExpand(hash, prk, info, length),
    aeadSeal: aead.seal,
    aeadOpen: aead.open,
    hpke: {
      deriveKeyPair: base.deriveKeyPair,
      generateKeyPair: (random) => drawKeyPair(random, dh),
      sealBase: (random, publicKey, info, aad, plaintext) => {
        const { kemOutput, context } = base.setupSender(drawKeyPair(random, dh), publicKey, info);
        return { kemOutput, ciphertext: context.seal(aad, plaintext) };
      },
      openBase: (keyPair, sealed, info, aad) =>
        base.setupReceiver(keyPair, sealed.kemOutput, info).open(aad, sealed.ciphertext),
      sendExport: (random, publicKey, info, exporterContext, length) => {
        const { kemOutput, context } = base.setupSender(drawKeyPair(random, dh), publicKey, info);
        return { kemOutput, secret: context.export(exporterContext, length) };
      },
      receiveExport: (keyPair, kemOutput, info, exporterContext, length) =>
        base.setupReceiver(keyPair, kemOutput, info).export(exporterContext, length),
    },
    generateSignatureKeyPair: (random) => drawKeyPair(random, signature),
    signaturePublicKey: signature.publicKey,
    sign: signature.sign,
    verify: signature.verify,
    isHpkePublicKey: dh.isPublicKey,
    isSignaturePublicKey: signature.isPublicKey,
  };
}

interface KeySpace {
  readonly privateKeyLength: number;
  readonly privateKeyMask: number;
  isPrivateKey(bytes: Uint8Array): boolean;
  publicKey(privateKey: Uint8Array): Uint8Array;
}

/** Rejection sampling; with the mask a second draw is rarer than once in 2^32. */
function drawKeyPair(random: Random, space: KeySpace): KeyPair {
  for (;;) {
    const privateKey = random.bytes(space.privateKeyLength);
    privateKey[0]! &= space.privateKeyMask;
    if (space.isPrivateKey(privateKey)) return { privateKey, publicKey: space.publicKey(privateKey) };
  }
}

function countPrimitives(primitives: SuitePrimitives, usage: UsageCounter): SuitePrimitives {
  const { hash, aead, dh, signature } = primitives;
  return {
    hash: { length: hash.length, hash: usage.wrap('hash', hash.hash), mac: usage.wrap('mac', hash.mac) },
    aead: {
      keyLength: aead.keyLength,
      nonceLength: aead.nonceLength,
      tagLength: aead.tagLength,
      seal: usage.wrap('aeadSeal', aead.seal),
      open: usage.wrap('aeadOpen', aead.open),
    },
    dh: {
      publicKeyLength: dh.publicKeyLength,
      privateKeyLength: dh.privateKeyLength,
      privateKeyMask: dh.privateKeyMask,
      isPrivateKey: dh.isPrivateKey,
      isPublicKey: usage.wrap('parsePublicKey', dh.isPublicKey),
      publicKey: usage.wrap('dhPublicKey', dh.publicKey),
      sharedSecret: usage.wrap('dh', dh.sharedSecret),
    },
    signature: {
      publicKeyLength: signature.publicKeyLength,
      privateKeyLength: signature.privateKeyLength,
      privateKeyMask: signature.privateKeyMask,
      isPrivateKey: signature.isPrivateKey,
      isPublicKey: usage.wrap('parsePublicKey', signature.isPublicKey),
      publicKey: usage.wrap('signaturePublicKey', signature.publicKey),
      sign: usage.wrap('sign', signature.sign),
      verify: usage.wrap('verify', signature.verify),
    },
  };
}
