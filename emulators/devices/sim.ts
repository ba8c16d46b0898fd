/** A SIM that authenticates with Milenage: 3GPP TS 33.102 section 6.3.3 and, for sequence numbers, annex C.2. */
import { bigIntToBytes, bytesToBigInt, concatBytes, constantTimeEqual } from '../../stack/crypto/bytes.ts';
import type { Sim, SimAnswer } from '../../stack/platform.ts';
import { type MilenageKey, milenageMacs, milenageOutputs, xor } from '../aka/milenage.ts';
import { INDICES, indexOf, seqOf } from '../aka/sequence-number.ts';

/** Annex C.2.1: a sequence number so far ahead of the last one is taken for an attempt to exhaust the card. */
const FURTHEST_AHEAD = 1n << 28n;
/** TS 33.102 section 6.3.3: MAC-S is made over an AMF of zeros. */
const RESYNC_AMF = new Uint8Array(2);

export class EmulatedSim implements Sim {
  readonly #key: MilenageKey;
  /** Highest sequence number taken, by index. */
  readonly #taken: bigint[] = Array.from({ length: INDICES }, () => 0n);

  constructor(key: MilenageKey) {
    this.#key = key;
  }

  authenticate(rand: Uint8Array, autn: Uint8Array): SimAnswer {
    const { res, ck, ik, ak, akStar } = milenageOutputs(this.#key, rand);
    const sqn = xor(autn.subarray(0, 6), ak);
    const { macA } = milenageMacs(this.#key, rand, sqn, autn.subarray(6, 8));
    if (!constantTimeEqual(macA, autn.subarray(8))) return { kind: 'not-the-network' };
    if (!this.#take(bytesToBigInt(sqn))) return { kind: 'out-of-step', auts: this.#auts(rand, akStar) };
    return { kind: 'authenticated', res, ck, ik };
  }

  #take(sqn: bigint): boolean {
    const index = indexOf(sqn);
    const highest = this.#highest();
    if (seqOf(sqn) <= seqOf(this.#taken[index]!) || seqOf(sqn) - seqOf(highest) > FURTHEST_AHEAD)
      return false;
    this.#taken[index] = sqn;
    return true;
  }

  #auts(rand: Uint8Array, akStar: Uint8Array): Uint8Array {
    const sqn = bigIntToBytes(this.#highest(), 6);
    return concatBytes(xor(sqn, akStar), milenageMacs(this.#key, rand, sqn, RESYNC_AMF).macS);
  }

  #highest(): bigint {
    return this.#taken.reduce((most, sqn) => (sqn > most ? sqn : most), 0n);
  }
}
