/** 3GPP TS 33.102 annex C: sequence numbers of 48 bits, SEQ (43 bits) before an index IND (5 bits). */

const IND_BITS = 5n;

export const INDICES = 1 << Number(IND_BITS);

export function sqnOf(seq: bigint, ind: number): bigint {
  return (seq << IND_BITS) | BigInt(ind);
}

export function seqOf(sqn: bigint): bigint {
  return sqn >> IND_BITS;
}

export function indexOf(sqn: bigint): number {
  return Number(BigInt.asUintN(Number(IND_BITS), sqn));
}
