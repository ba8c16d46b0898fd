/** A certification authority for test networks (RFC 5280): a root and leaf certificates for hosts, ECDSA on P-256. */
import 'reflect-metadata';
import { createHash, generateKeyPairSync, type KeyObject, webcrypto } from 'node:crypto';
import { isIP } from 'node:net';
import * as x509 from '@peculiar/x509';
import type { Store } from '../../../stack/platform.ts';

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
const DAY_MS = 86_400_000;
/** What X.509 can say at most (RFC 5280 section 4.1.2.5): the end of the year 9999. */
const END_OF_TIME_MS = 253_402_300_799_000;
/** The common name of the root. */
export const TEST_CA_NAME = 'Parley test CA';
const CERTIFICATE_KEY = 'test-ca/certificate.pem';
const PRIVATE_KEY = 'test-ca/private-key.pem';

/** What a TLS server shows and proves; PEM. */
export interface Credentials {
  readonly certificate: string;
  readonly privateKey: string;
  /** Base64 SHA-256 of the SubjectPublicKeyInfo: a pin (RFC 7469 section 2.4). */
  readonly pin: string;
}

/** A server's key, before there is a certificate for it. */
export interface TestKey {
  readonly privateKey: KeyObject;
  readonly spki: Uint8Array;
  readonly pin: string;
}

export function newTestKey(): TestKey {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const spki = publicKey.export({ type: 'spki', format: 'der' });
  return { privateKey, spki, pin: pinOf(spki) };
}

export interface LeafOptions {
  /** Host names and IP addresses, as subjectAltName; the first one is the common name too. */
  readonly names: readonly string[];
  /** Milliseconds since the Unix epoch; from yesterday for 90 days unless given. */
  readonly notBefore?: number;
  readonly notAfter?: number;
  /** A new one unless given. */
  readonly key?: TestKey;
}

export class TestCa {
  /** The root, PEM: what clients trust. */
  readonly certificate: string;
  readonly #issuer: x509.X509Certificate;
  readonly #key: webcrypto.CryptoKey;
  readonly #now: () => number;

  private constructor(
    issuer: x509.X509Certificate,
    key: webcrypto.CryptoKey,
    certificate: string,
    now: () => number,
  ) {
    this.#issuer = issuer;
    this.#key = key;
    this.certificate = certificate;
    this.#now = now;
  }

  /**
   * The authority that `store` keeps, made at the first time; without a store a new one that lives as long as the
   * object. `now` is wall time: what verifies the certificates reads the machine's clock. Throws when the store holds
   * something else under `test-ca/`.
   */
  static async open(options: { readonly now: () => number; readonly store?: Store }): Promise<TestCa> {
    const { now, store } = options;
    const certificate = store?.get(CERTIFICATE_KEY);
    const privateKey = store?.get(PRIVATE_KEY);
    if (certificate !== undefined && privateKey !== undefined) {
      const pem = new TextDecoder().decode(certificate);
      const key = await importKey(new TextDecoder().decode(privateKey));
      return new TestCa(new x509.X509Certificate(pem), key, pem, now);
    }
    const keys = await newKeys();
    const root = await x509.X509CertificateGenerator.createSelfSigned({
      name: `CN=${TEST_CA_NAME}, O=Parley`,
      keys,
      serialNumber: newSerial(),
      notBefore: new Date(now() - DAY_MS),
      notAfter: new Date(now() + 3650 * DAY_MS),
      signingAlgorithm: ALGORITHM,
      extensions: [
        new x509.BasicConstraintsExtension(true, 0, true),
        new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
        await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
      ],
    });
    const pem = root.toString('pem');
    store?.set(PRIVATE_KEY, new TextEncoder().encode(await exportKey(keys.privateKey)));
    store?.set(CERTIFICATE_KEY, new TextEncoder().encode(pem));
    return new TestCa(root, keys.privateKey, pem, now);
  }

  /** A certificate for a server, and the key that it is for. */
  async issue({ names, notBefore, notAfter, key = newTestKey() }: LeafOptions): Promise<Credentials> {
    const now = this.#now();
    const leaf = await x509.X509CertificateGenerator.create({
      // X.520 allows 64 characters; nobody reads it but people.
      subject: [{ CN: [(names[0] ?? 'unnamed').slice(0, 64)] }],
      issuer: this.#issuer.subjectName,
      publicKey: new Uint8Array(key.spki),
      signingKey: this.#key,
      serialNumber: newSerial(),
      notBefore: new Date(notBefore ?? now - DAY_MS),
      notAfter: new Date(Math.min(notAfter ?? now + 90 * DAY_MS, END_OF_TIME_MS)),
      signingAlgorithm: ALGORITHM,
      extensions: [
        new x509.BasicConstraintsExtension(false, undefined, true),
        new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
        new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
        new x509.SubjectAlternativeNameExtension(
          names.map((value) => ({ type: isIP(value) === 0 ? 'dns' : 'ip', value })),
        ),
        await x509.AuthorityKeyIdentifierExtension.create(this.#issuer.publicKey),
      ],
    });
    return {
      certificate: leaf.toString('pem'),
      privateKey: key.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
      pin: key.pin,
    };
  }
}

/** The pin of a DER SubjectPublicKeyInfo. */
export function pinOf(spki: Uint8Array): string {
  return createHash('sha256').update(spki).digest('base64');
}

function newKeys(): Promise<webcrypto.CryptoKeyPair> {
  return webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
}

/** Positive, 15 octets (RFC 5280 section 4.1.2.2 allows 20). */
function newSerial(): string {
  return `7f${Buffer.from(webcrypto.getRandomValues(new Uint8Array(14))).toString('hex')}`;
}

async function exportKey(key: webcrypto.CryptoKey): Promise<string> {
  return x509.PemConverter.encode(await webcrypto.subtle.exportKey('pkcs8', key), 'PRIVATE KEY');
}

function importKey(pem: string): Promise<webcrypto.CryptoKey> {
  return webcrypto.subtle.importKey('pkcs8', x509.PemConverter.decodeFirst(pem), ALGORITHM, false, ['sign']);
}
