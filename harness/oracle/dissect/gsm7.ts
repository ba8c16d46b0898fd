/** The GSM 7-bit default alphabet and its packing (3GPP TS 23.038 clauses 6.1.2.1 and 6.2.1). */

const BASIC =
  '@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞ\u001bÆæßÉ !"#¤%&\'()*+,-./0123456789:;<=>?' +
  '¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà';
const ESCAPE = 0x1b;
const EXTENSION: Readonly<Record<number, string>> = {
  10: '\f',
  20: '^',
  40: '{',
  41: '}',
  47: '\\',
  60: '[',
  61: '~',
  62: ']',
  64: '|',
  101: '€',
};

const SEPTETS = new Map<string, readonly number[]>();
for (let code = 0; code < 128; code += 1) if (code !== ESCAPE) SEPTETS.set(BASIC[code]!, [code]);
for (const [code, character] of Object.entries(EXTENSION)) SEPTETS.set(character, [ESCAPE, Number(code)]);

/** Reads `count` septets from the bit offset `firstBit`; what lies past the end is left out. */
export function unpackGsm7(bytes: Uint8Array, firstBit: number, count: number): string {
  let text = '';
  let escaped = false;
  for (let i = 0; i < count; i += 1) {
    const bit = firstBit + i * 7;
    if (bit + 7 > bytes.length * 8) break;
    const at = bit >> 3;
    const septet = ((bytes[at]! | ((bytes[at + 1] ?? 0) << 8)) >> (bit & 7)) & 0x7f;
    if (escaped) {
      text += EXTENSION[septet] ?? BASIC[septet]!;
      escaped = false;
    } else if (septet === ESCAPE) escaped = true;
    else text += BASIC[septet]!;
  }
  return text;
}

/**
 * The whole bytes that `text` fixes when it begins 0 to 7 bits into a byte of a longer packed text; none when the
 * alphabet doesn't have its characters.
 */
export function packedAtEveryShift(text: string): Uint8Array[] {
  const septets: number[] = [];
  for (const character of text) {
    const codes = SEPTETS.get(character);
    if (!codes) return [];
    septets.push(...codes);
  }
  return Array.from({ length: 8 }, (_, shift) => {
    const bits = shift + septets.length * 7;
    const packed = new Uint8Array(Math.ceil(bits / 8) + 1);
    septets.forEach((septet, i) => {
      const bit = shift + i * 7;
      const at = bit >> 3;
      const value = septet << (bit & 7);
      packed[at] = packed[at]! | (value & 0xff);
      packed[at + 1] = packed[at + 1]! | (value >> 8);
    });
    return packed.slice(shift === 0 ? 0 : 1, bits >> 3);
  });
}
