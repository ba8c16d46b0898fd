/** The home subscriber server's part of AKA: 3GPP TS 33.102 sections 6.3.2 and 6.3.5, with Milenage. */
import { bigIntToBytes, bytesToBigInt, concatBytes, constantTimeEqual } from '../../../stack/crypto/bytes.ts';
import type { Random } from '../../../stack/platform.ts';
import { type MilenageKey, milenageMacs, milenageOutputs, xor } from '../../aka/milenage.ts';
import { INDICES, seqOf, sqnOf } from '../../aka/sequence-number.ts';

/** TS 33.102 annex H: the separation bit is for EPS; other bits are the operator's. */
const AMF = new Uint8Array([0, 0]);
const RESYNC_AMF = new Uint8Array(2);

/** A challenge and what the right card answers to it. */
export interface AuthenticationVector {
  readonly rand: Uint8Array;
  readonly autn: Uint8Array;
  readonly xres: Uint8Array;
}

/** Sequence numbers live as long as the process: a card that has gone further says so, and is followed. */
export class AuthenticationCentre {
  readonly #random: Random;
  readonly #sequences = new Map<string, { seq: bigint; index: number }>();

  constructor(random: Random) {
    this.#random = random;
  }

  vector(imsi: string, key: MilenageKey): AuthenticationVector {
    const sequence = this.#sequences.get(imsi) ?? { seq: 0n, index: 0 };
    sequence.seq += 1n;
    sequence.index = (sequence.index + 1) % INDICES;
    this.#sequences.set(imsi, sequence);
    const rand = this.#random.bytes(16);
    const sqn = bigIntToBytes(sqnOf(sequence.seq, sequence.index), 6);
    const { res, ak } = milenageOutputs(key, rand);
    const { macA } = milenageMacs(key, rand, sqn, AMF);
    return { rand, autn: concatBytes(xor(sqn, ak), AMF, macA), xres: res };
  }

  /** Goes on from where the card says that it is; false when AUTS (14 octets) is not of the card. */
  resynchronise(imsi: string, key: MilenageKey, rand: Uint8Array, auts: Uint8Array): boolean {
    if (auts.length !== 14) return false;
    const sqn = xor(auts.subarray(0, 6), milenageOutputs(key, rand).akStar);
    const { macS } = milenageMacs(key, rand, sqn, RESYNC_AMF);
    if (!constantTimeEqual(macS, auts.subarray(6))) return false;
    const index = this.#sequences.get(imsi)?.index ?? 0;
    this.#sequences.set(imsi, { seq: seqOf(bytesToBigInt(sqn)), index });
    return true;
  }
}
