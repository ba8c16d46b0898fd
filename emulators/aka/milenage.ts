/** 3GPP TS 35.206: Milenage, the functions f1 to f5* of authentication and key agreement (TS 33.102 section 6.3). */

import { ecb } from '@noble/ciphers/aes.js';

/** 16 octets each. OPc goes with K; the operator's OP itself is never needed on a card. */
export interface MilenageKey {
  readonly k: Uint8Array;
  readonly opc: Uint8Array;
}

export interface MilenageMacs {
  /** f1: MAC-A, 8 octets. */
  readonly macA: Uint8Array;
  /** f1*: MAC-S, 8 octets. */
  readonly macS: Uint8Array;
}

export interface MilenageOutputs {
  /** f2: RES, 8 octets. */
  readonly res: Uint8Array;
  /** f3: CK, 16 octets. */
  readonly ck: Uint8Array;
  /** f4: IK, 16 octets. */
  readonly ik: Uint8Array;
  /** f5: AK, 6 octets. */
  readonly ak: Uint8Array;
  /** f5*: AK for resynchronisation, 6 octets. */
  readonly akStar: Uint8Array;
}

/** TS 35.206 section 4.1: OPc of an operator's OP (16 octets) under a subscriber's K. */
export function milenageOpc(k: Uint8Array, op: Uint8Array): Uint8Array {
  return xor(blockCipher(k)(op), op);
}

/** f1 and f1* of RAND (16 octets), SQN (6) and AMF (2). Throws RangeError for other lengths. */
export function milenageMacs(
  key: MilenageKey,
  rand: Uint8Array,
  sqn: Uint8Array,
  amf: Uint8Array,
): MilenageMacs {
  expectLengths([key.k, 16], [key.opc, 16], [rand, 16], [sqn, 6], [amf, 2]);
  const encrypt = blockCipher(key.k);
  const temp = encrypt(xor(rand, key.opc));
  const half = [...sqn, ...amf];
  const in1 = Uint8Array.from([...half, ...half]);
  // r1 = 64 bits, c1 = 0.
  const out1 = xor(encrypt(xor(temp, rotated(xor(in1, key.opc), 8))), key.opc);
  return { macA: out1.subarray(0, 8), macS: out1.subarray(8) };
}

/** f2 to f5 and f5* of RAND (16 octets). Throws RangeError for other lengths. */
export function milenageOutputs(key: MilenageKey, rand: Uint8Array): MilenageOutputs {
  expectLengths([key.k, 16], [key.opc, 16], [rand, 16]);
  const encrypt = blockCipher(key.k);
  const base = xor(encrypt(xor(rand, key.opc)), key.opc);
  // Section 4.1: rotations r2 to r5 are 0, 32, 64 and 96 bits; constants c2 to c5 are 1, 2, 4 and 8.
  const out = (rotation: number, constant: number): Uint8Array => {
    const input = rotated(base, rotation / 8);
    input[15]! ^= constant;
    return xor(encrypt(input), key.opc);
  };
  const out2 = out(0, 1);
  return {
    res: out2.subarray(8),
    ck: out(32, 2),
    ik: out(64, 4),
    ak: out2.subarray(0, 6),
    akStar: out(96, 8).subarray(0, 6),
  };
}

/** Octet by octet; the lengths must be equal. */
export function xor(a: Uint8Array, b: Uint8Array): Uint8Array {
  return a.map((octet, index) => octet ^ b[index]!);
}

function blockCipher(k: Uint8Array): (block: Uint8Array) => Uint8Array {
  return (block) => ecb(k, { disablePadding: true }).encrypt(block);
}

/** Cyclically towards the most significant end, by whole octets. */
function rotated(block: Uint8Array, octets: number): Uint8Array {
  return block.map((_, index) => block[(index + octets) % block.length]!);
}

function expectLengths(...parts: (readonly [Uint8Array, number])[]): void {
  for (const [bytes, length] of parts) {
    if (bytes.length !== length)
      throw new RangeError(`Milenage: expected ${length} octets, got ${bytes.length}`);
  }
}
