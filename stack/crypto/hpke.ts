/** HPKE base mode, RFC 9180, over DHKEM. */
import { concatBytes, emptyBytes } from './bytes.ts';
import { CryptoError } from './errors.ts';
import { hkdfExpand, hkdfExtract } from './hkdf.ts';
import type { HashAlgorithm, SuitePrimitives } from './primitives.ts';
import type { KeyPair } from './provider.ts';
import type { SuiteParameters } from './suites.ts';

export interface HpkeContext {
  /** Section 5.2: seal and open count a sequence number from 0. */
  seal(aad: Uint8Array, plaintext: Uint8Array): Uint8Array;
  open(aad: Uint8Array, ciphertext: Uint8Array): Uint8Array;
  /** Section 5.3. */
  export(exporterContext: Uint8Array, length: number): Uint8Array;
}

export interface HpkeBase {
  deriveKeyPair(ikm: Uint8Array): KeyPair;
  /** Section 5.1.1, with the ephemeral pair given so that published vectors can be reproduced. */
  setupSender(
    ephemeral: KeyPair,
    recipient: Uint8Array,
    info: Uint8Array,
  ): { readonly kemOutput: Uint8Array; readonly context: HpkeContext };
  setupReceiver(recipient: KeyPair, kemOutput: Uint8Array, info: Uint8Array): HpkeContext;
}

const ascii = (text: string): Uint8Array => Uint8Array.from(text, (c) => c.charCodeAt(0));
const version = ascii('HPKE-v1');

/** LabeledExtract and LabeledExpand of section 4, their constant parts made once. */
function labelled(hash: HashAlgorithm, suiteId: Uint8Array) {
  const prefixes = new Map<string, Uint8Array>();
  const prefix = (label: string): Uint8Array => {
    let bytes = prefixes.get(label);
    if (bytes === undefined) {
      bytes = concatBytes(version, suiteId, ascii(label));
      prefixes.set(label, bytes);
    }
    return bytes;
  };
  return {
    extract: (salt: Uint8Array, label: string, ikm: Uint8Array) =>
      hkdfExtract(hash, salt, concatBytes(prefix(label), ikm)),
    expand: (prk: Uint8Array, label: string, info: Uint8Array, length: number) =>
      hkdfExpand(hash, prk, concatBytes(Uint8Array.of(length >> 8, length), prefix(label), info), length),
  };
}

export function createHpkeBase(parameters: SuiteParameters, primitives: SuitePrimitives): HpkeBase {
  const { hash, aead, dh } = primitives;
  const { kemId, kdfId, aeadId } = parameters;
  const u16 = (n: number) => [n >> 8, n & 0xff];
  const kemSuite = Uint8Array.from([...ascii('KEM'), ...u16(kemId)]);
  const hpkeSuite = Uint8Array.from([...ascii('HPKE'), ...u16(kemId), ...u16(kdfId), ...u16(aeadId)]);

  const kem = labelled(hash, kemSuite);
  const hpke = labelled(hash, hpkeSuite);
  const kemSecret = (shared: Uint8Array, kemOutput: Uint8Array, recipient: Uint8Array) =>
    kem.expand(
      kem.extract(emptyBytes, 'eae_prk', shared),
      'shared_secret',
      concatBytes(kemOutput, recipient),
      hash.length,
    );

  const pskIdHash = hpke.extract(emptyBytes, 'psk_id_hash', emptyBytes);
  // One UpdatePath seals many secrets under one info: its hash is kept for as long as the same array comes in.
  let lastInfo: Uint8Array | undefined;
  let lastScheduleContext: Uint8Array = emptyBytes;
  const scheduleContext = (info: Uint8Array) => {
    if (info !== lastInfo) {
      lastInfo = info;
      lastScheduleContext = concatBytes(
        Uint8Array.of(0),
        pskIdHash,
        hpke.extract(emptyBytes, 'info_hash', info),
      );
    }
    return lastScheduleContext;
  };

  const schedule = (sharedSecret: Uint8Array, info: Uint8Array): HpkeContext => {
    const context = scheduleContext(info);
    const secret = hpke.extract(sharedSecret, 'secret', emptyBytes);
    const key = hpke.expand(secret, 'key', context, aead.keyLength);
    const nonce = hpke.expand(secret, 'base_nonce', context, aead.nonceLength);
    let sequence = 0;
    const nextNonce = () => {
      const out = nonce.slice();
      for (let rest = sequence, i = out.length - 1; rest > 0; rest = Math.floor(rest / 256), i--) {
        out[i]! ^= rest & 0xff;
      }
      return out;
    };
    return {
      seal: (aad, plaintext) => {
        const sealed = aead.seal(key, nextNonce(), aad, plaintext);
        sequence++;
        return sealed;
      },
      open: (aad, ciphertext) => {
        const opened = aead.open(key, nextNonce(), aad, ciphertext);
        sequence++;
        return opened;
      },
      export: (exporterContext, length) =>
        hpke.expand(hpke.expand(secret, 'exp', context, hash.length), 'sec', exporterContext, length),
    };
  };

  return {
    deriveKeyPair: (ikm) => {
      const prk = kem.extract(emptyBytes, 'dkp_prk', ikm);
      if (parameters.derivation === 'direct') {
        const privateKey = kem.expand(prk, 'sk', emptyBytes, dh.privateKeyLength);
        return { privateKey, publicKey: dh.publicKey(privateKey) };
      }
      for (let counter = 0; counter < 256; counter++) {
        const privateKey = kem.expand(prk, 'candidate', Uint8Array.of(counter), dh.privateKeyLength);
        privateKey[0]! &= dh.privateKeyMask;
        if (dh.isPrivateKey(privateKey)) return { privateKey, publicKey: dh.publicKey(privateKey) };
      }
      throw new CryptoError('invalid-private-key', 'DeriveKeyPair found no scalar in 256 candidates');
    },
    setupSender: (ephemeral, recipient, info) => {
      const shared = dh.sharedSecret(ephemeral, recipient);
      const secret = kemSecret(shared, ephemeral.publicKey, recipient);
      return { kemOutput: ephemeral.publicKey, context: schedule(secret, info) };
    },
    setupReceiver: (recipient, kemOutput, info) => {
      const shared = dh.sharedSecret(recipient, kemOutput);
      return schedule(kemSecret(shared, kemOutput, recipient.publicKey), info);
    },
  };
}
