/** Packs text of the GSM basic alphabet's ASCII part, bit by bit as TS 23.038 clause 6.1.2.1 draws it. */
export function gsm7Packed(text: string): Uint8Array {
  const bits = [...text].flatMap((character) =>
    Array.from({ length: 7 }, (_, i) => (character.charCodeAt(0) >> i) & 1),
  );
  const packed = new Uint8Array(Math.ceil(bits.length / 8));
  bits.forEach((bit, i) => {
    packed[i >> 3] = packed[i >> 3]! | (bit << (i & 7));
  });
  return packed;
}
