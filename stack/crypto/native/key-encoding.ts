/** DER around raw keys, everything but the key itself made once per algorithm. */

export interface KeyEncoding {
  /** SubjectPublicKeyInfo. */
  publicKey(raw: Uint8Array): Buffer;
  /** OneAsymmetricKey. With the public key OpenSSL need not multiply; only EC encodings take it. */
  privateKey(raw: Uint8Array, publicKey?: Uint8Array): Buffer;
}

/** Tag and length; `length` under 256. */
function header(tag: number, length: number): Buffer {
  return Buffer.from(length < 0x80 ? [tag, length] : [tag, 0x81, length]);
}

/** Bytes that go before `remaining` more to complete one value. */
function open(tag: number, remaining: number, ...start: readonly Uint8Array[]): Buffer {
  const begun = Buffer.concat(start);
  return Buffer.concat([header(tag, begun.length + remaining), begun]);
}

const versionZero = Buffer.from('020100', 'hex');
const noUnusedBits = Buffer.from([0]);

function publicPrefix(algorithm: Uint8Array, length: number): Buffer {
  return open(0x30, length, algorithm, open(0x03, length, noUnusedBits));
}

/** RFC 8410 for keys of `length` bytes; `algorithm` is the last byte of the OID 1.3.101.x. */
export function rfc8410Encoding(algorithm: number, length: number): KeyEncoding {
  const identifier = Buffer.from([0x30, 5, 6, 3, 0x2b, 0x65, algorithm]);
  const publicStart = publicPrefix(identifier, length);
  const privateStart = open(0x30, length, versionZero, identifier, open(0x04, length, header(0x04, length)));
  return {
    publicKey: (raw) => Buffer.concat([publicStart, raw]),
    privateKey: (raw) => Buffer.concat([privateStart, raw]),
  };
}

/** RFC 5480 and RFC 5915 for scalars of `length` bytes; `curve` is the whole OID of the named curve, in DER. */
export function ecEncoding(curve: Uint8Array, length: number): KeyEncoding {
  const pointLength = 1 + 2 * length;
  const ecPublicKey = Buffer.from('06072a8648ce3d0201', 'hex');
  const identifier = open(0x30, 0, ecPublicKey, curve);
  const publicStart = publicPrefix(identifier, pointLength);
  const versionOne = Buffer.from('020101', 'hex');
  const privateStart = (after: number) => {
    const ecPrivateKey = open(0x30, length + after, versionOne, header(0x04, length));
    return open(0x30, length + after, versionZero, identifier, open(0x04, length + after, ecPrivateKey));
  };
  const between = open(0xa1, pointLength, open(0x03, pointLength, noUnusedBits));
  const alone = privateStart(0);
  const paired = privateStart(between.length + pointLength);
  return {
    publicKey: (raw) => Buffer.concat([publicStart, raw]),
    privateKey: (raw, publicKey) =>
      publicKey === undefined
        ? Buffer.concat([alone, raw])
        : Buffer.concat([paired, raw, between, publicKey]),
  };
}
