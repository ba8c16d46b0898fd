/** Signatures that no honest signer makes: both providers give the same answer, and false where the RFCs allow it. */

import { ed448 } from '@noble/curves/ed448.js';
import { ED25519_TORSION_SUBGROUP, ed25519 } from '@noble/curves/ed25519.js';
import { sha512 } from '@noble/hashes/sha2.js';
import { shake256 } from '@noble/hashes/sha3.js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bigIntToBytes, bytesToBigInt, concatBytes } from '../../stack/crypto/bytes.ts';
import { decodeEcdsaSignature } from '../../stack/crypto/der.ts';
import { type CipherSuiteId, createNativeProvider, createNobleProvider } from '../../stack/crypto/index.ts';
import { p256Curve, p384Curve, p521Curve } from '../../stack/crypto/nist-curve.ts';
import { everySuite } from './every-suite.ts';
import { seededRandom } from './seeded-random.ts';
import { fromHex, utf8 } from './test-bytes.ts';

const noble = createNobleProvider();
const native = createNativeProvider();
const message = utf8('message');

function verdicts(id: CipherSuiteId, key: Uint8Array, signature: Uint8Array) {
  return {
    noble: noble.suite(id).verify(key, message, signature),
    native: native.suite(id).verify(key, message, signature),
  };
}
const refused = { noble: false, native: false };
const accepted = { noble: true, native: true };

describe.each(everySuite)('suite %i', (id) => {
  const [a, b] = [noble.suite(id), native.suite(id)];

  it('refuses a signature changed in any one byte', () => {
    const keys = b.generateSignatureKeyPair(seededRandom('signer'));
    const signature = b.sign(keys.privateKey, message);
    for (let i = 0; i < signature.length; i++) {
      const forged = signature.with(i, signature[i]! ^ 1);
      expect(b.verify(keys.publicKey, message, forged), `native, byte ${i}`).toBe(false);
    }
    const forged = signature.with(9, signature[9]! ^ 1);
    expect(a.verify(keys.publicKey, message, forged), 'noble, byte 9').toBe(false);
  });

  it('never throws from verify, whatever key and signature are given', () => {
    const arbitrary = (size: number) =>
      fc.oneof(fc.uint8Array({ maxLength: 20 }), fc.uint8Array({ minLength: size, maxLength: size }));
    fc.assert(
      fc.property(
        arbitrary(a.signaturePublicKeyLength),
        arbitrary(2 * a.signaturePrivateKeyLength),
        (key, signature) => {
          expect(verdicts(id, key, signature)).toEqual(refused);
        },
      ),
      { numRuns: 40 },
    );
  });
});

describe.each([
  { curve: p256Curve, id: 2 },
  { curve: p384Curve, id: 7 },
  { curve: p521Curve, id: 5 },
] as const)('ECDSA $curve.name', ({ curve, id }) => {
  const width = curve.scalarLength;
  const { publicKey, privateKey } = native.suite(id).generateSignatureKeyPair(seededRandom('ecdsa'));
  const good = native.suite(id).sign(privateKey, message);
  const rs = decodeEcdsaSignature(good, width)!;
  const [r, s] = [bytesToBigInt(rs.subarray(0, width)), bytesToBigInt(rs.subarray(width))];

  const length = (n: number) => (n < 0x80 ? [n] : [0x81, n]);
  const value = (content: readonly number[]) => [0x02, ...length(content.length), ...content];
  const sequence = (...content: number[]) => Uint8Array.of(0x30, ...length(content.length), ...content);
  /** Minimal two's complement. */
  const integer = (n: bigint): number[] => {
    const bytes = [...bigIntToBytes(n, width + 1)];
    while (bytes.length > 1 && bytes[0] === 0 && bytes[1]! < 0x80) bytes.shift();
    return bytes;
  };
  const signature = (x: bigint, y: bigint) => sequence(...value(integer(x)), ...value(integer(y)));

  it('accepts the one DER encoding', () => {
    expect(signature(r, s)).toEqual(good);
    expect(verdicts(id, publicKey, good)).toEqual(accepted);
  });

  it('accepts n - s: RFC 9420 asks for no low s', () => {
    expect(verdicts(id, publicKey, signature(r, curve.order - s))).toEqual(accepted);
  });

  it.each<[string, Uint8Array]>([
    ['r = 0', signature(0n, s)],
    ['s = 0', signature(r, 0n)],
    ['r = n', signature(curve.order, s)],
    ['s = n', signature(r, curve.order)],
    ['r + n', signature(r + curve.order, s)],
    ['s + n', signature(r, s + curve.order)],
    ['-r', sequence(...value(integer(r).with(0, 0x80 | integer(r)[0]!)), ...value(integer(s)))],
    ['a superfluous zero', sequence(...value([0, ...integer(r)]), ...value(integer(s)))],
    ['an empty integer', sequence(...value([]), ...value(integer(s)))],
    ['a trailing byte', Uint8Array.of(...good, 0)],
    ['a trailing byte inside', sequence(...value(integer(r)), ...value(integer(s)), 0)],
    ['a third integer', sequence(...value(integer(r)), ...value(integer(s)), ...value([1]))],
    ['one integer', sequence(...value(integer(r)))],
    ['a cut end', good.subarray(0, good.length - 1)],
    ['an indefinite length', Uint8Array.of(0x30, 0x80, ...value(integer(r)), ...value(integer(s)), 0, 0)],
    [
      'a long length where a short one does',
      Uint8Array.of(
        0x30,
        0x82,
        0,
        good.length - (good[1] === 0x81 ? 3 : 2),
        ...value(integer(r)),
        ...value(integer(s)),
      ),
    ],
    [
      'a long length of an integer',
      sequence(0x02, 0x81, integer(r).length, ...integer(r), ...value(integer(s))),
    ],
    ['another tag', good.with(0, 0x31)],
    ['r || s without DER', rs],
  ])('refuses %s', (_what, bad) => {
    expect(verdicts(id, publicKey, bad)).toEqual(refused);
  });
});

const littleEndian = (bytes: Uint8Array) => bytesToBigInt(bytes.slice().reverse());
const encode = (n: bigint, length: number) => bigIntToBytes(n, length).reverse();

const edwards = [
  {
    name: 'Ed25519',
    id: 1 as CipherSuiteId,
    point: ed25519.Point,
    length: 32,
    challenge: (...parts: readonly Uint8Array[]) => littleEndian(sha512(concatBytes(...parts))),
    torsion: ED25519_TORSION_SUBGROUP.map((encoded) => ed25519.Point.fromBytes(fromHex(encoded))),
  },
  {
    name: 'Ed448',
    id: 4 as CipherSuiteId,
    point: ed448.Point,
    length: 57,
    challenge: (...parts: readonly Uint8Array[]) =>
      littleEndian(shake256(concatBytes(utf8('SigEd448\0\0'), ...parts), { dkLen: 114 })),
    torsion: [1n, -1n].flatMap((sign) => [
      ed448.Point.fromAffine({ x: 0n, y: sign === 1n ? 1n : ed448.Point.Fp.ORDER - 1n }),
      ed448.Point.fromAffine({ x: sign === 1n ? 1n : ed448.Point.Fp.ORDER - 1n, y: 0n }),
    ]),
  },
];

describe.each(edwards)('$name', ({ id, point, length, challenge, torsion }) => {
  const order = point.Fn.ORDER;
  /** A signature by secret scalar and nonce, with points of small order mixed into R and A, and R's bytes altered. */
  function forge(options: {
    readonly nonce: bigint;
    readonly inR?: typeof point.BASE;
    readonly inA?: typeof point.BASE;
    readonly alterR?: (r: Uint8Array) => Uint8Array;
    readonly addToS?: bigint;
  }) {
    const secret = 0x123456789abcdef0123456789n;
    const a = point.BASE.multiply(secret).add(options.inA ?? point.ZERO);
    const start = options.nonce === 0n ? point.ZERO : point.BASE.multiply(options.nonce);
    const exact = start.add(options.inR ?? point.ZERO).toBytes();
    const [r, key] = [options.alterR?.(exact) ?? exact, a.toBytes()];
    const s = (options.nonce + (challenge(r, key, message) % order) * secret) % order;
    return { key, signature: concatBytes(r, encode(s + (options.addToS ?? 0n), length)) };
  }
  const judge = ({ key, signature }: ReturnType<typeof forge>) => verdicts(id, key, signature);

  it('accepts what this test forges without a twist', () => {
    expect(judge(forge({ nonce: 777n }))).toEqual(accepted);
  });

  it('refuses S + L, S + 2L and S + 3L', () => {
    for (const times of [1n, 2n, 3n]) {
      expect(judge(forge({ nonce: 777n, addToS: times * order })), `${times} L`).toEqual(refused);
    }
  });

  it('refuses an R of small order', () => {
    for (const inR of torsion) expect(judge(forge({ nonce: 0n, inR }))).toEqual(refused);
  });

  it('refuses an R that is not encoded canonically', () => {
    const last = length - 1;
    const alterations: Record<string, (r: Uint8Array) => Uint8Array> = {
      'y + p': (r) => encode(littleEndian(r) + point.Fp.ORDER, length),
      'x = 0 with its sign': (r) => r.with(last, 0x80),
    };
    for (const [what, alterR] of Object.entries(alterations)) {
      expect(judge(forge({ nonce: 0n, alterR })), what).toEqual(refused);
    }
    if (length === 57) {
      const stray = (r: Uint8Array) => r.with(last, r[last]! | 1);
      expect(judge(forge({ nonce: 777n, alterR: stray })), 'stray bits').toEqual(refused);
    }
  });

  it('gives one answer of both providers to points of small order mixed into R and A', () => {
    torsion.forEach((inR, i) => {
      torsion.forEach((inA, j) => {
        const forged = judge(forge({ nonce: BigInt(1000 + 10 * i + j), inR, inA }));
        expect(forged.native, `R + T${i}, A + T${j}`).toBe(forged.noble);
      });
    });
  });
});
